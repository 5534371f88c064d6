import { posix } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caseAddress, recipeAddress, referenceAddress } from "../../engine/catalogue/addresses.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { modifierMeanings } from "../../engine/rules/schema.ts";
import { tableDeclarations } from "../../engine/tables/index.ts";
import { evidenceList } from "../../site/parts/evidence.ts";
import { type Element, elementsOf, textOf } from "../support/html-outline.ts";
import { type BuiltSite, builtSite } from "../support/site.ts";

const catalogue = await loadCatalogue();
let site: BuiltSite;
let files: ReadonlyMap<string, Buffer>;
let pages: readonly { readonly path: string; readonly text: string; readonly elements: readonly Element[] }[];

beforeAll(async () => {
  site = await builtSite();
  files = await site.read();
  pages = [...files]
    .filter(([path]) => path.endsWith(".html"))
    .map(([path, content]) => ({ path, text: content.toString(), elements: elementsOf(content.toString()) }));
});
afterAll(() => site?.remove());

/** File that an address of the site leads to. */
function fileAt(address: string): string {
  return address === "" || address.endsWith("/") ? `${address}index.html` : address;
}

function idsOf(path: string): ReadonlySet<string> {
  return new Set(pages.find((page) => page.path === path)?.elements.flatMap(({ attributes }) => attributes.id ?? []));
}

describe("every page", () => {
  it("leads only to what is there, anchors included, by relative links", () => {
    const ids = new Map(pages.map(({ path }) => [path, idsOf(path)]));
    const broken = pages.flatMap(({ path, elements }) =>
      elements.flatMap(({ name, attributes }) => {
        const target = attributes.href ?? attributes.src ?? (name === "form" ? attributes.action : undefined);
        if (target === undefined || /^(https?|mailto):/.test(target)) return [];
        if (target.startsWith("/")) return [`${path}: ${target} is not relative`];
        const [file = "", anchor] = target.split("#");
        const resolved = file === "" ? path : fileAt(posix.normalize(posix.join(posix.dirname(path), file)).replace(/^\.\/?/, ""));
        if (!files.has(resolved)) return [`${path}: nothing at ${target} (${resolved})`];
        const known = ids.get(resolved);
        return anchor && known && !known.has(decodeURIComponent(anchor)) ? [`${path}: no anchor ${target}`] : [];
      }),
    );
    expect(broken).toEqual([]);
  });

  it("is reached from the start page", () => {
    const seen = new Set(["index.html"]);
    for (const path of seen) {
      for (const { attributes } of pages.find((page) => page.path === path)?.elements ?? []) {
        const file = (attributes.href ?? attributes.action ?? "").split("#")[0]!;
        if (file === "" || /^https?:/.test(file)) continue;
        const resolved = fileAt(posix.normalize(posix.join(posix.dirname(path), file)).replace(/^\.\/?/, ""));
        if (resolved.endsWith(".html")) seen.add(resolved);
      }
    }
    expect(pages.map(({ path }) => path).filter((path) => !seen.has(path) && path !== "404.html")).toEqual([]);
  });

  it("has a title and a description of its own, a language and one main heading", () => {
    const once = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);
    const named = (name: string) =>
      pages.map(({ elements }) => elements.find((one) => one.name === "meta" && one.attributes.name === name)?.attributes.content ?? "");
    expect(once(pages.map(({ text }) => /<title>([^<]+)<\/title>/.exec(text)![1]!))).toEqual([]);
    expect(once(named("description"))).toEqual([]);
    for (const description of named("description")) expect(description.length).toBeGreaterThan(20);
    for (const { path, text, elements } of pages) {
      expect(text, path).toMatch(/^<!doctype html>\n<html lang="en">/);
      expect(
        elements.filter(({ name }) => name === "h1"),
        path,
      ).toHaveLength(1);
      expect(
        elements.filter(({ name }) => name === "main"),
        path,
      ).toHaveLength(1);
    }
  });

  it("has ids that are unique, and labels and descriptions that exist", () => {
    for (const { path, elements } of pages) {
      const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
      expect(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        path,
      ).toEqual([]);
      // What is hidden gets its label together with its content.
      const shown = elements.filter(({ attributes }) => attributes.hidden === undefined);
      const named = shown.flatMap(({ attributes }) =>
        [attributes["aria-labelledby"], attributes["aria-describedby"], attributes.for, attributes["data-copy"], attributes["data-filter"]]
          .filter((list) => list !== undefined && list !== "")
          .flatMap((list) => list!.split(" ")),
      );
      expect(
        named.filter((id) => !ids.includes(id)),
        path,
      ).toEqual([]);
    }
  });

  it("has headings that skip no level", () => {
    for (const { path, elements } of pages) {
      const levels = elements.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
      levels.reduce((before, level) => {
        expect(level, `${path}: h${level} after h${before}`).toBeLessThanOrEqual(before + 1);
        return level;
      }, 0);
    }
  });

  it("runs nothing inline, loads nothing from elsewhere, and says so in its policy", () => {
    for (const { path, text, elements } of pages) {
      const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy")?.attributes.content ?? "";
      expect(policy, path).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy, path).not.toMatch(/unsafe|\*|https?:/);
      // The policy binds only what comes after it.
      expect(text.indexOf("Content-Security-Policy")).toBeLessThan(text.search(/<(script|link)\b/));
      expect(
        elements.flatMap(({ attributes }) => Object.keys(attributes)).filter((name) => name === "style" || /^on/.test(name)),
        path,
      ).toEqual([]);
      expect(
        elements.filter(({ name }) => name === "style"),
        path,
      ).toEqual([]);
      for (const { attributes } of elements.filter(({ name }) => name === "script"))
        expect(attributes.src, path).toMatch(/^(\.\.?\/)*assets\//);
      for (const { name, attributes } of elements) {
        const loaded = name === "a" ? "" : (attributes.src ?? (name === "link" ? attributes.href : undefined) ?? "");
        expect(loaded, path).not.toMatch(/^\w+:|^\/\//);
      }
    }
  });

  it("knows how to be skipped to its content", () => {
    for (const { path, text, elements } of pages) {
      const links = elements.filter(({ name }) => name === "a");
      expect(links[0]?.attributes, path).toMatchObject({ class: "skip", href: "#main" });
      expect(text, path).toContain('<main id="main"');
    }
  });
});

describe("the site", () => {
  it("has a page for every case, recipe, area, product and kind of reference data", () => {
    const wanted = [
      ...catalogue.cases.flatMap(({ id, area, products }) => [
        caseAddress(id),
        `areas/${area}/`,
        ...products.map((product) => `products/${product}/`),
      ]),
      ...catalogue.recipes.map(({ id }) => recipeAddress(id)),
      ...["updates", "ports", "registry", "errors", "events"].map((kind) => `reference/${kind}/`),
      ..."|areas/|products/|symptoms/|cases/|reference/|collect/|match/|search/|authors/|authors/tables/|authors/modifiers/|authors/rules/|about/|changelog/|404.html".split(
        "|",
      ),
    ];
    expect(wanted.filter((address) => !files.has(fileAt(address)))).toEqual([]);
  });

  it("has an anchor for every entry of reference data", () => {
    for (const kind of ["updates", "ports", "registry", "errors", "events"] as const) {
      const ids = idsOf(`reference/${kind}/index.html`);
      for (const { id } of catalogue.references[kind]) expect(ids).toContain(referenceAddress(kind, id).split("#")[1]);
    }
    expect(idsOf("reference/errors/index.html")).toContain("0x274c");
    expect(idsOf("reference/ports/index.html")).toContain("tcp-3389");
    expect(idsOf("reference/updates/index.html")).toContain("kb2621440");
  });

  it("documents every table, column and modifier from its declaration", () => {
    const [tables, modifiers] = [idsOf("authors/tables/index.html"), idsOf("authors/modifiers/index.html")];
    for (const { name, columns } of tableDeclarations) {
      expect(tables).toContain(name);
      for (const column of Object.keys(columns)) expect(tables).toContain(`${name}.${column}`);
    }
    for (const word of Object.keys(modifierMeanings)) expect(modifiers).toContain(word);
  });

  it("opens with less than 60 KB, scripts and styles included", () => {
    const start = pages.find(({ path }) => path === "index.html")!;
    const loaded = start.elements.flatMap(({ name, attributes }) =>
      name === "script" ? [attributes.src!] : name === "link" && attributes.rel === "stylesheet" ? [attributes.href!] : [],
    );
    // What a module imports is loaded with it.
    const scripts = new Set(loaded);
    for (const path of scripts)
      if (path.endsWith(".js"))
        for (const [, imported] of files
          .get(path)!
          .toString()
          .matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
          scripts.add(`assets/${imported}`);
    const bytes = ["index.html", "icon.svg", ...scripts].reduce((sum, path) => sum + gzipSync(files.get(path)!).length, 0);
    expect(bytes).toBeLessThan(60_000);
  });
});

describe("a case's page", () => {
  const page = (id: string) => pages.find(({ path }) => path === `cases/${id}/index.html`)!;

  it.each(catalogue.cases.map(({ id }) => id))("%s says what is asked, of which table, and how that is gathered", (id) => {
    const { text } = page(id);
    const document = catalogue.cases.find((one) => one.id === id)!;
    for (const { name, about, table, source } of document.evidence) {
      expect(idsOf(`cases/${id}/index.html`)).toContain(`evidence-${name}`);
      expect(textOf(text)).toContain(textOf(about));
      if (table) expect(text).toContain(`authors/tables/#${table}`);
      expect(textOf(text)).toContain(source.replace(/\s+/g, " ").trim());
    }
    for (const recipe of document.collect) expect(text).toContain(`../../collect/${recipe}/`);
    for (const symptom of document.symptoms) expect(textOf(text)).toContain(symptom);
    for (const { text: remedy } of document.resolutions) expect(textOf(text)).toContain(textOf(remedy.replaceAll("`", "")));
  });

  it("folds a list of values that would hide what stands around it, and leaves a short one open", () => {
    const names = Array.from({ length: 30 }, (_, number) => `“Service <${number}>”`);
    const where = (values: readonly string[]) => [[`text contains any of ${values.join(", ")}`]];
    const evidence = { ...catalogue.cases[0]!.evidence[0]!, name: "long", where: where(names) };
    const markup = evidenceList([evidence, { ...evidence, name: "short", where: where(names.slice(0, 3)) }], [], (address) => address).text;
    const [long, short] = markup.split('id="evidence-short"') as [string, string];
    const [, shown = "", more, rest = ""] = /<summary>text contains any of (.*?) and (\d+) more<\/summary>(.*?)<\/details>/.exec(long)!;
    expect(shown.split(", ").length + Number(more)).toBe(30);
    expect(`${shown}, ${rest}`).toBe(names.join(", ").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
    expect(short).toContain("<li>text contains any of “Service &lt;0&gt;”");
  });

  it("draws the session of its own test bundle, in words as well", () => {
    const { text, elements } = page("tcp-segments-lost-in-transit");
    const drawing = elements.find(({ name, attributes }) => name === "svg" && attributes.class === "ladder")!;
    expect(drawing.attributes.role).toBe("img");
    // The frame the article names: sent at the client, never seen at the server.
    expect(textOf(text)).toMatch(/frame 1921, client to server: [^(]*\(sent, never arrived\)/);
    expect(files.has("cases/tcp-segments-lost-in-transit/report/index.html")).toBe(true);
  });

  it("has commands to copy for a registry value", () => {
    const { text } = page("tcp-delayed-ack-nagle-stall");
    expect(text).toContain(
      "reg add &quot;HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{interface}&quot; /v TcpAckFrequency /t REG_DWORD /d 1 /f",
    );
    expect(text).toContain("&quot;TcpAckFrequency&quot;=dword:00000001");
  });

  it("links the codes, updates and ports its article names to what is known of them", () => {
    expect(page("rdp-listener-gone").text).toContain('<a class="term" href="../../reference/updates/#kb2621440">KB2621440</a>');
    expect(page("lync-edge-front-end-5061-reset-in-path").text).toContain('href="../../reference/errors/#0x8007274c"');
  });
});
