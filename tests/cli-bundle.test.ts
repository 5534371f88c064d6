import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { skeleton } from "../cli/skeleton.ts";
import { reportSchema } from "../engine/report/schema.ts";
import { zipOf } from "./support/archive-writer.ts";
import { casebook } from "./support/terminal.ts";

const root = mkdtempSync(join(tmpdir(), "casebook-bundle-"));
const rules = join(root, "rules");
const cases = join(root, "tests", "cases", "tcp-refused");
const refused = join(cases, "article", "bundle");
const main = join(import.meta.dirname, "..", "cli", "main.ts");

beforeAll(() => {
  for (const [path, text] of skeleton("tcp-refused", "tcp", "2026-01-01")) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "unreadable"));
  writeFileSync(join(root, "unreadable", "picture.heic"), Buffer.from("000000186674797068656963", "hex"));
  mkdirSync(join(root, "nothing"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const match = (path: string, ...options: string[]) => casebook(["match", path, "--rules", rules, ...options]);

describe("casebook match", () => {
  it("says what matched, with the frame, and exits 0", async () => {
    const { code, out, err } = await match(refused);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^bundle bundle {3}1 source, \d+ bytes, all read +1 rule/);
    expect(out).toMatch(/^● matched +A service refuses connections \(tcp-refused\) +medium {3}tcp-refused$/m);
    expect(out).toMatch(/✓ refused .*client\.txt +frames? 1/);
    expect(out).toContain("198.51.100.20 refuses connections to TCP port 4711");
    expect(out).not.toContain("\x1b");
  });

  it("exits 0 as well when nothing matched", async () => {
    const { code, out } = await match(join(cases, "look-alike", "bundle"));
    expect(code).toBe(0);
    expect(out).toContain("no case matched, 1 ruled out, 0 not applicable (--all lists them)");
  });

  it("writes JSON that its schema accepts, the same each time", async () => {
    const first = await match(refused, "--format", "json");
    const validate = new Ajv2020().compile(JSON.parse(JSON.stringify(reportSchema)));
    validate(JSON.parse(first.out));
    expect(validate.errors).toBeNull();
    expect((await match(refused, "--format", "json")).out).toBe(first.out);
  });

  it("takes the format from the file's name, and writes no colours into a file", async () => {
    for (const [name, start] of [
      ["report.html", "<!doctype html>"],
      ["report.md", "# Casebook report"],
      ["report.json", "{"],
      ["report.txt", "bundle bundle"],
    ] as const) {
      const file = join(root, name);
      expect(await casebook(["match", refused, "--rules", rules, "--out", file], { columns: 80, env: { FORCE_COLOR: "1" } })).toEqual({
        code: 0,
        out: "",
        err: "",
      });
      expect(readFileSync(file, "utf8").slice(0, start.length)).toBe(start);
      expect(readFileSync(file, "utf8")).not.toContain("\x1b");
    }
  });

  it("draws the cited session in HTML", async () => {
    const { out } = await match(refused, "--format", "html");
    expect(out).toContain('<svg class="ladder"');
    expect(out).toContain("192.0.2.10:50123");
  });

  it("colours on a terminal", async () => {
    const { out } = await casebook(["match", refused, "--rules", rules], { columns: 90 });
    expect(out).toContain("\x1b[33m● matched");
  });

  it("explains a rule, in text and in JSON", async () => {
    const { code, out } = await match(join(cases, "look-alike", "bundle"), "--explain", "tcp-refused");
    expect(code).toBe(0);
    expect(out).toMatch(/^tcp-refused/m);
    expect(out).toMatch(/1 {2}row considered/);
    expect(out).toMatch(/nearest miss: client\.txt frame 1: conn_state is SF, asked for conn_state: REJ/);
    const json = JSON.parse((await match(refused, "--explain", "tcp-refused", "--format", "json")).out);
    expect(json.explanation).toMatchObject({
      rule: "tcp-refused",
      verdict: "matched",
      queries: [{ name: "refused", outcome: "true", considered: 1 }],
    });
    expect(await match(refused, "--explain", "tcp-refusd")).toMatchObject({
      code: 2,
      err: expect.stringContaining("Did you mean tcp-refused?"),
    });
    expect(await match(refused, "--explain", "tcp-refused", "--format", "html")).toMatchObject({ code: 2, out: "" });
  });

  it.each([
    ["unreadable", "no format recognises anything in it"],
    ["nothing", "there are no files in it"],
  ])("exits 2 where nothing could be read: %s", async (name, why) => {
    const { code, out, err } = await match(join(root, name));
    expect(code).toBe(2);
    expect(out).toContain(`bundle ${name}`);
    expect(err).toContain(`"${name}" could not be read: ${why}`);
  });

  it("says of an archive that nothing could be taken out of why, and of one with entries refused that it is read in part", async () => {
    const [encrypted, mixed] = [join(root, "encrypted.zip"), join(root, "mixed.zip")];
    const entry = (name: string, more: object = {}) => ({ name, data: readFileSync(join(refused, "client.txt")), ...more });
    writeFileSync(encrypted, zipOf([entry("client.txt", { flags: 1 })]));
    writeFileSync(mixed, zipOf([entry("server.txt", { flags: 1 }), entry("client.txt")]));
    const { code, err } = await match(encrypted);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('nothing could be taken out of it: entry "client.txt" refused, it is encrypted'),
    });
    expect((await match(mixed)).out).toMatch(/^bundle mixed\.zip {3}1 source, \d+ bytes, archives read in part/);
  });

  it("stops when asked to, and says so", async () => {
    const stopped = AbortSignal.abort();
    expect(await casebook(["match", refused], { signal: stopped })).toEqual({ code: 130, out: "", err: "casebook: stopped\n" });
  });
});

describe("casebook tables", () => {
  it("shows each source with its format and rows", async () => {
    const { code, out } = await casebook(["tables", refused]);
    expect(code).toBe(0);
    expect(out).toMatch(/^client\.txt {3}wireshark-\S+, \d+ bytes$/m);
    expect(out).toMatch(/tcp_connections 1/);
  });

  it("exports a table in each form", async () => {
    const csv = (await casebook(["tables", refused, "tcp_connections"])).out.split("\r\n");
    expect(csv).toHaveLength(3);
    expect(csv[0]).toMatch(/^cited_source,cited_unit,cited_at,stream,/);
    expect(csv[1]).toMatch(/^client\.txt,frame,1,0,/);
    const lines = (await casebook(["tables", refused, "tcp_connections", "--format", "jsonl"])).out;
    expect(JSON.parse(lines)).toMatchObject({ client_ip: "192.0.2.10", client_port: 50123, server_port: 4711, conn_state: "REJ" });
    const json = (await casebook(["tables", refused, "sockets", "--format", "json"])).out;
    expect(JSON.parse(json)).toEqual([]);
  });
});

describe("casebook rules", () => {
  it("test finds the skeleton as it should be", async () => {
    const { code, out, err } = await casebook(["rules", "test", "tcp-refused", "--rules", rules]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(
      "✓ tcp-refused/article\n✓ tcp-refused/generated\n✓ tcp-refused/look-alike\n✓ tcp-refused/undecided\n\n4 bundles as expected, 0 not\n",
    );
  });

  it("test says how a bundle differs, and exits 1", async () => {
    const path = join(cases, "generated", "expect.yaml");
    const before = readFileSync(path, "utf8");
    writeFileSync(
      path,
      before.replace("frame 1]", "frame 7, server.txt frame 1]").replace("verdict: matched", "verdict: ruled_out\nsummary: something else"),
    );
    const { code, out } = await casebook(["rules", "test", "--rules", rules]);
    writeFileSync(path, before);
    expect(code).toBe(1);
    expect(out).toMatch(/✗ tcp-refused\/generated\n {4}verdict: expected ruled out, got matched\n/);
    expect(out).toMatch(/ {4}refused: expected client\.txt frame 7, server\.txt frame 1; cited client\.txt frames? 1/);
    expect(out).toContain('    summary: expected "something else" in "');
    expect(out).toContain("3 bundles as expected, 1 not");
  });

  it("explain tells a rule's verdict query by query", async () => {
    const { code, out } = await casebook(["rules", "explain", "tcp-refused", join(cases, "undecided", "bundle"), "--rules", rules]);
    expect(code).toBe(0);
    expect(out).toMatch(/^tcp-refused: inconclusive\n\n\? refused {3}unknown, from tcp_connections\n/);
  });
});

describe("the process", () => {
  const start = (...args: string[]) => spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = (child: ReturnType<typeof start>) =>
    new Promise<{ code: number | null; err: string }>((resolve) => {
      let err = "";
      child.stderr.on("data", (chunk) => {
        err += chunk;
      });
      child.on("close", (code) => resolve({ code, err }));
    });

  it("exits with the run's code and keeps errors on standard error", async () => {
    const child = start("match", join(root, "no-such"));
    const out: string[] = [];
    child.stdout.on("data", (chunk) => out.push(String(chunk)));
    const { code, err } = await ended(child);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err).toMatch(/^casebook: cannot read ".*no-such": no such file or folder\n/);
  });

  it("ends quietly when its reader has seen enough", async () => {
    const child = start("tables", "--describe", "tcp_connections");
    child.stdout.destroy();
    expect(await ended(child)).toEqual({ code: 0, err: "" });
  });
});
