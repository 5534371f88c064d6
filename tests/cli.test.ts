import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { nearest } from "../cli/failure.ts";
import { writeOutput } from "../cli/output.ts";
import { progressBar, progressLine } from "../cli/progress.ts";
import { wantsColour } from "../cli/terminal.ts";
import { byteCount, readArguments, wholeNumber } from "../cli/verb.ts";
import { verbs } from "../cli/verbs.ts";
import { tableDeclarations } from "../engine/tables/index.ts";
import { casebook } from "./support/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("help", () => {
  it("lists every verb, and without arguments goes to standard error", async () => {
    const help = await casebook(["--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    for (const { name, about } of verbs) expect(help.out.replace(/\s+/g, " ")).toContain(`${name} ${about}`.replace(/\s+/g, " "));
    expect(await casebook([])).toEqual({ code: 2, out: "", err: help.out });
    expect(await casebook(["help"])).toEqual(help);
  });

  it.each(verbs)("of $name shows usage, each option and an example that it accepts", async (verb) => {
    const { code, out } = await casebook([...verb.name.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(out).toContain(`usage: casebook ${verb.name}`);
    for (const option of Object.keys(verb.options)) expect(out).toContain(`--${option}`);
    for (const example of verb.examples) {
      const args = example.split(" ").slice(1 + verb.name.split(" ").length);
      expect(example).toMatch(new RegExp(`^casebook ${verb.name}`));
      expect(() => readArguments(verb, args)).not.toThrow();
    }
    expect((await casebook(["help", ...verb.name.split(" ")])).out).toBe(out);
  });

  it("states the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));
    expect(await casebook(["--version"])).toEqual({ code: 0, out: `casebook ${version}\n`, err: "" });
  });
});

describe("a command line that is wrong", () => {
  it.each([
    [["mtach", "x"], 'unknown verb "mtach"', "Did you mean match?"],
    [["frobnicate"], 'unknown verb "frobnicate"', "The verbs are match, "],
    [["probe"], "probe needs one of url, lync-web, stun, ews", "casebook probe --help"],
    [["match"], "match: <path...> is missing", "casebook match --help"],
    [["match", "x", "--formt", "json"], 'unknown option "--formt"', "Did you mean --format?"],
    [["match", "x", "-q"], 'unknown option "-q"', "casebook match --help"],
    [["match", "x", "--format", "jsno"], '--format cannot be "jsno"', "did you mean json?"],
    [["match", "x", "--format"], "--format needs a value", ""],
    [["match", "x", "--out", "--all"], "--out needs a value: FILE", ""],
    [["match", "x", "--all=yes"], "--all takes no value", ""],
    [["match", "no/such/file"], 'cannot read "no/such/file": no such file or folder', "Name a capture"],
    [["tables", "a", "b", "c"], 'too many arguments, from "c" on', ""],
    [["tables", "a", "tcp_conections"], 'there is no table "tcp_conections"', "Did you mean tcp_connections?"],
    [["tables", "a", "--format", "csv"], "--format csv needs the name of a table", "sockets"],
    [["tables"], "<path> is missing", ""],
    [["collect", "no-such-thing-at-all"], 'there is no recipe or rule "no-such-thing-at-all"', "casebook collect lists"],
    [["collect", "--rules", "no/such/rules"], "no such folder of rules", "--rules"],
  ])("%j says what, where and what to do", async (args, message, hint) => {
    const { code, out, err } = await casebook(args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err).not.toContain("defect");
  });

  it.each([
    [["--jobs", "0"], "--jobs"],
    [["--jobs", "two"], "--jobs"],
    [["--max-bytes", "much"], "--max-bytes"],
    [["--max-depth", "1.5"], "--max-depth"],
  ])("%j is refused before anything is read", async (options, name) => {
    const { code, err } = await casebook(["match", import.meta.filename, ...options]);
    expect(code).toBe(2);
    expect(err).toMatch(new RegExp(`^casebook: ${name} cannot be`));
  });
});

describe("values", () => {
  it.each([
    ["1", 1],
    ["500MB", 500e6],
    ["2GiB", 2 ** 31],
    ["1.5k", 1500],
    ["64 mib", 2 ** 26],
  ])("%s is %i bytes", (text, bytes) => expect(byteCount("max-bytes", text)).toBe(bytes));

  it.each(["", "-1", "1e9", "0", "GB", "9999999T"])("%j is no size", (text) =>
    expect(() => byteCount("max-bytes", text)).toThrow("--max-bytes cannot be"),
  );

  it("counts in whole numbers", () => {
    expect(wholeNumber("jobs", "4", 1)).toBe(4);
    for (const text of ["", "0x4", "4.0", "99999999999999999"]) expect(() => wholeNumber("jobs", text, 1)).toThrow();
  });

  it("finds the word that was meant, and none where none is near", () => {
    expect(nearest("tabels", ["match", "tables"])).toBe("tables");
    expect(nearest("coll", ["match", "collect"])).toBe("collect");
    expect(nearest("xyzzy", ["match", "tables"])).toBeUndefined();
  });
});

describe("tables without a bundle", () => {
  it("describes every table, and every column of one", async () => {
    const list = await casebook(["tables", "--describe"]);
    for (const { name } of tableDeclarations) expect(list.out).toMatch(new RegExp(`^  ${name} `, "m"));
    const one = await casebook(["tables", "--describe", "sockets"]);
    expect(one.out).toMatch(/^ {2}local_port +port\. Local port\.$/m);
    expect(one.out).toMatch(/LISTENING/);
  });

  it("lists the formats that are understood", async () => {
    const { code, out } = await casebook(["tables", "--formats"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}netstat +.*sockets$/m);
  });
});

describe("colour", () => {
  const on = (columns: number | null, env: Record<string, string>) =>
    wantsColour({
      write: async () => {},
      complain: () => {},
      columns,
      interactive: false,
      env,
      signal: new AbortController().signal,
      now: () => 0,
    });

  it("is for terminals, unless the environment says otherwise", () => {
    expect(on(80, {})).toBe(true);
    expect(on(null, {})).toBe(false);
    expect(on(80, { NO_COLOR: "1" })).toBe(false);
    expect(on(80, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(on(80, { NO_COLOR: "" })).toBe(true);
    expect(on(null, { FORCE_COLOR: "1" })).toBe(true);
    expect(on(80, { FORCE_COLOR: "0" })).toBe(false);
    expect(on(80, { TERM: "dumb" })).toBe(false);
  });
});

describe("progress", () => {
  const bar = (interactive: boolean, wanted: boolean, times: number[]) => {
    const drawn: string[] = [];
    const terminal = {
      write: async () => {},
      complain: (text: string) => drawn.push(text),
      columns: null,
      interactive,
      env: {},
      signal: new AbortController().signal,
      now: () => times.shift() ?? 0,
    };
    const progress = progressBar(terminal, wanted);
    for (let update = times.length; update > 0; update--)
      progress.update({ stage: "reading", bytes: 270e6, totalBytes: 541e6, packets: 500_000 });
    progress.end();
    return drawn;
  };

  it("appears on a terminal once the work has lasted a second, ten times a second at most, and is wiped", () => {
    expect(bar(true, true, [0, 500, 999])).toEqual([]);
    expect(bar(true, true, [0, 1000, 1050, 1100])).toHaveLength(3);
    expect(bar(true, true, [0, 5000]).at(-1)).toBe("\r\x1b[K");
  });

  it("never appears in a pipe or when not wanted", () => {
    expect(bar(false, true, [0, 5000, 9000])).toEqual([]);
    expect(bar(true, false, [0, 5000, 9000])).toEqual([]);
  });

  it("says how far it is", () => {
    expect(progressLine({ stage: "reading", bytes: 270_500_000, totalBytes: 541_000_000, packets: 1_200_000 })).toBe(
      "reading  ████████████░░░░░░░░░░░░   50 %  271 MB of 541 MB  1.2 million packets",
    );
    expect(progressLine({ stage: "listing", bytes: 0, totalBytes: 0, packets: 0 })).toMatch(/^listing {2}░+ {4}0 %$/);
  });
});

describe("output to a file", () => {
  const terminal = { write: async () => {}, complain: () => {}, columns: null, interactive: false, env: {}, now: () => 0 };

  it("appears whole or not at all", async () => {
    const file = join(folder, "report.txt");
    await writeOutput(["a", "b"], file, { ...terminal, signal: new AbortController().signal });
    expect(readFileSync(file, "utf8")).toBe("ab");
    const stopping = new AbortController();
    function* pieces() {
      yield "new";
      stopping.abort();
      yield "never";
    }
    await expect(writeOutput(pieces(), file, { ...terminal, signal: stopping.signal })).rejects.toThrow();
    expect(readFileSync(file, "utf8")).toBe("ab");
    expect(readdirSync(folder)).toEqual(["report.txt"]);
  });

  it("says why it cannot be", async () => {
    writeFileSync(join(folder, "plain"), "");
    await expect(writeOutput(["a"], join(folder, "plain", "x"), { ...terminal, signal: new AbortController().signal })).rejects.toThrow(
      "a part of the path is not a folder",
    );
    rmSync(join(folder, "plain"));
  });
});
