import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSite } from "../../site/build.ts";
import { openOutput } from "../../site/output-folder.ts";
import { type BuiltSite, builtSite, filesOf } from "../support/site.ts";
import { casebook } from "../support/terminal.ts";

let site: BuiltSite;
let home: string;
beforeAll(async () => {
  [site, home] = await Promise.all([builtSite(), mkdtemp(join(tmpdir(), "casebook-out-"))]);
});
afterAll(async () => {
  await site?.remove();
  await rm(home, { recursive: true, force: true });
});

describe("building the site", () => {
  it("gives the same bytes each time, whatever the folder", async () => {
    const out = join(home, "again");
    await buildSite({ out, assets: site.assets });
    const [first, second] = [await site.read(), await filesOf(out)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [path, content] of second) expect(content.equals(first.get(path)!), path).toBe(true);
  });

  it("asks for all a page needs in one go: what stops the reading of a page comes after it", async () => {
    for (const [path, content] of await site.read()) {
      if (!path.endsWith(".html")) continue;
      const head = String(content).split("</head>")[0]!;
      const blocking = [...head.matchAll(/<script src=/g)].map(({ index }) => index);
      const others = [...head.matchAll(/<link rel="stylesheet"|<script type="module"/g)].map(({ index }) => index);
      expect([path, blocking.length, others.every((place) => place < blocking[0]!)]).toEqual([path, 1, true]);
    }
  });

  it("says what it wrote, without anything broken", () => {
    expect(site.summary.problems).toEqual([]);
    expect(site.summary.removed).toBe(0);
    expect(site.summary.pages).toBeGreaterThan(40);
    expect(site.summary.files).toBeGreaterThan(site.summary.pages);
  });

  it("knows its own address, where it is told", async () => {
    const out = join(home, "addressed");
    await buildSite({
      out,
      assets: site.assets,
      url: new URL("https://kb.example.org/casebook/"),
      api: new URL("https://api.example.org/"),
    });
    const page = await readFile(join(out, "cases/rdp-listener-gone/index.html"), "utf8");
    expect(page).toContain('<link rel="canonical" href="https://kb.example.org/casebook/cases/rdp-listener-gone/">');
    expect(page).toContain("connect-src &#39;self&#39; https://api.example.org;");
    // A host shows this page at any depth, where relative links would lead nowhere.
    const missing = await readFile(join(out, "404.html"), "utf8");
    expect(missing).toContain('href="/casebook/search/"');
    expect(missing).not.toMatch(/(href|src)="(?!\/casebook\/|#)/);
  });

  it("leaves out the drawing of a case without a test bundle, and what else is broken", async () => {
    const rules = join(home, "own", "rules");
    await mkdir(join(rules, "tcp"), { recursive: true });
    const shipped = join(import.meta.dirname, "../../rules/tcp");
    await writeFile(
      join(rules, "tcp", "tcp-segments-lost-in-transit.yaml"),
      await readFile(join(shipped, "tcp-segments-lost-in-transit.yaml")),
    );
    await writeFile(join(rules, "tcp", "broken.yaml"), "id: broken\ncondition: [");
    const { problems } = await buildSite({ out: join(home, "broken"), assets: site.assets, rulesDir: rules });
    const page = await readFile(join(home, "broken/cases/tcp-segments-lost-in-transit/index.html"), "utf8");
    expect(page).not.toContain('<svg class="ladder"');
    expect(page).not.toContain("report/");
    expect(problems.map(({ file }) => file.split("/").at(-1))).toContain("broken.yaml");
  });

  it("can be stopped", async () => {
    const stop = new AbortController();
    const building = buildSite({
      out: join(home, "stopped"),
      assets: site.assets,
      signal: stop.signal,
      onProgress: ({ stage, done }) => stage === "pages" && done === 5 && stop.abort(new Error("enough")),
    });
    await expect(building).rejects.toThrow("enough");
    // What was begun can be finished.
    await expect(buildSite({ out: join(home, "stopped"), assets: site.assets })).resolves.toMatchObject({ pages: site.summary.pages });
  });
});

describe("the folder it writes to", () => {
  it("removes what an earlier build wrote and this one did not, and nothing else", async () => {
    const out = join(home, "stale");
    const first = await openOutput(out);
    await first.write("cases/gone/index.html", "old");
    await first.write("index.html", "old");
    expect(await first.finish()).toBe(0);
    await writeFile(join(out, "CNAME"), "kb.example.org");
    const second = await openOutput(out);
    await second.write("index.html", "new");
    expect(await second.finish()).toBe(1);
    expect(
      Object.fromEntries(
        [...(await filesOf(out))].filter(([path]) => path !== ".casebook-site").map(([path, content]) => [path, String(content)]),
      ),
    ).toEqual({
      CNAME: "kb.example.org",
      "index.html": "new",
    });
    await expect(readFile(join(out, "cases/gone/index.html"))).rejects.toThrow("ENOENT");
  });

  it("is not overwritten if it holds anything else", async () => {
    const out = join(home, "theirs");
    await mkdir(out);
    await writeFile(join(out, "thesis.txt"), "precious");
    await expect(openOutput(out)).rejects.toThrow("theirs is not empty and holds no site built by casebook");
    expect((await filesOf(out)).size).toBe(1);
    await expect(openOutput(join(out, "thesis.txt"))).rejects.toThrow("is a file, not a folder");
  });

  it.each(["../outside.html", "/etc/passwd", "a/../../b", "a//b", "", "folder/", "C:/x", "a\\b", "./a"])(
    "takes no path such as %j",
    async (path) => {
      const folder = await openOutput(join(home, "paths"));
      await expect(folder.write(path, "x")).rejects.toThrow("is no path below the site's folder");
    },
  );

  it("removes nothing outside, whatever the list of an earlier build claims", async () => {
    const out = join(home, "claims");
    await (await openOutput(out)).finish();
    const marker = join(out, ".casebook-site");
    await writeFile(join(home, "victim"), "still here");
    await writeFile(marker, `${(await readFile(marker, "utf8")).trim()}\n../victim\n/etc/hostname\n`);
    const folder = await openOutput(out);
    expect(await folder.finish()).toBe(0);
    expect(await readFile(join(home, "victim"), "utf8")).toBe("still here");
  });

  it("is told when two parts write one file", async () => {
    const folder = await openOutput(join(home, "twice"));
    await folder.write("a.html", "1");
    await expect(folder.write("a.html", "2")).rejects.toThrow("two parts of the site write a.html");
  });
});

describe("casebook site build", () => {
  it.each([
    [["--url", "kb.example.org"], "--url cannot be"],
    [["--url", "ftp://kb.example.org/"], "--url cannot be"],
    [["--url", "https://kb.example.org/?x=1"], "--url cannot be"],
    [["--api", "javascript:alert(1)"], "--api cannot be"],
    [["somewhere"], "too many arguments"],
  ])("refuses %j and says what to do", async (args, message) => {
    const { code, out, err } = await casebook(["site", "build", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err.trim().split("\n")).toHaveLength(2);
  });

  it("is one of the verbs, with a help of its own", async () => {
    const { code, out } = await casebook(["site", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("--out DIR");
  });
});
