import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { linksFrom } from "../../site/links.ts";
import { createProse } from "../../site/markdown.ts";
import { conditionMarkup, letterOf, templateMarkup } from "../../site/parts/condition.ts";
import { elementsOf, textOf } from "../support/html-outline.ts";

const prose = createProse(await loadCatalogue());
const to = linksFrom("cases/x/");
const block = (markdown: string) => prose.block(markdown, to).text;
const line = (text: string) => prose.line(text, to).text;

describe("Markdown of articles", () => {
  it("shows HTML instead of being it, and loads no image", () => {
    expect(block('<script>alert(1)</script>\n\n<b onclick="x">b</b>')).not.toMatch(/<(script|b)\b/);
    const image = block("![a picture](https://example.com/a.png)");
    expect(image).not.toContain("<img");
    expect(image).toContain("a picture");
  });

  it.each([
    "javascript:alert(1)",
    "vbscript:x",
    "data:text/html,x",
    "JaVaScRiPt:x",
    "file:///etc/passwd",
    "../secret.html",
    "//example.com/",
  ])("makes no link to %s", (target) => expect(block(`[text](<${target}>)`)).not.toContain("href"));

  it("leads to the pages of the files it names", () => {
    expect(line("[netstat](../../collect/netstat.yaml)")).toBe('<a href="../../collect/netstat/">netstat</a>');
    expect(line("[that](../tcp/tcp-peer-mss-below-536.md)")).toBe('<a href="../tcp-peer-mss-below-536/">that</a>');
    expect(line("[tables](tables.md#sockets)")).toBe('<a href="../../authors/tables/#sockets">tables</a>');
    expect(line("[vendor](https://support.microsoft.com/kb/1)")).toBe(
      '<a href="https://support.microsoft.com/kb/1" rel="external noreferrer">vendor</a>',
    );
  });

  it("starts its headings below those of the page", () => {
    expect(block("# A\n\n### B\n\n#### C")).toBe("<h3>A</h3>\n<h3>B</h3>\n<h4>C</h4>\n");
  });

  it("lets tables scroll by keyboard, under a name", () => {
    const [group] = elementsOf(block("| Where | What |\n|---|---|\n| a | b |"));
    expect(group!.attributes).toMatchObject({ role: "group", "aria-label": "Table: Where, What", tabindex: "0" });
  });

  it("is well-formed and inert whatever is written", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "[",
        "](",
        ")",
        "<",
        ">",
        "`",
        "*",
        "|",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "javascript:",
        "<img src=x onerror=y>",
        "KB2621440",
        "0x274c",
        "TCP 3389",
        "&lt;",
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        for (const { name, attributes } of elementsOf(block(pieces.join("")))) {
          expect(name).toMatch(/^(p|a|em|strong|code|pre|ul|ol|li|h[1-6]|blockquote|hr|br|div|span|table|thead|tbody|tr|th|td)$/);
          expect(attributes.href ?? "").not.toMatch(/^(javascript|data|vbscript):/i);
          expect(Object.keys(attributes).filter((key) => /^on|style/.test(key))).toEqual([]);
        }
      }),
    );
  });
});

describe("what a text names", () => {
  it.each([
    ["KB2621440", "reference/updates/#kb2621440"],
    ["kb2621440", "reference/updates/#kb2621440"],
    ["0x274C", "reference/errors/#0x274c"],
    ["WSAETIMEDOUT", "reference/errors/#0x274c"],
    ["TCP 3389", "reference/ports/#tcp-3389"],
    ["TCP port 3389", "reference/ports/#tcp-3389"],
    ["event 7034", "reference/events/#service-control-manager-7034"],
    ["TcpAckFrequency", "reference/registry/#tcp-ack-frequency"],
  ])("%s leads to %s", (term, address) =>
    expect(line(`see ${term}, please`)).toBe(`see <a class="term" href="${to(address)}">${term}</a>, please`),
  );

  it("is linked once a text, and never inside another link", () => {
    expect(line("KB2621440 and KB2621440").match(/<a /g)).toHaveLength(1);
    expect(line("[about KB2621440](https://example.com/)").match(/<a /g)).toHaveLength(1);
  });

  it("is no plain number, and no part of a word", () => {
    expect(line("504 of 7034 packets took 3389 ms, 10060 did not")).not.toContain("<a");
    expect(line("XKB2621440 KB26214401")).not.toContain("<a");
  });

  it("may be a case or a recipe where it stands as code", () => {
    expect(line("`netstat -ano` and `netstat`")).toBe(
      '<code>netstat -ano</code> and <a class="term" href="../../collect/netstat/"><code>netstat</code></a>',
    );
    expect(line("`rdp-listener-gone`")).toContain("../rdp-listener-gone/");
  });
});

describe("a condition", () => {
  it("leads from each name to its evidence and loses no word", () => {
    const names = ["turned_away", "no_endpoint", "crash"];
    const { text } = conditionMarkup("(turned_away or no_endpoint) and not crash and 1 of them_*", names);
    expect(textOf(text)).toBe("(Aturned_away or Bno_endpoint) and not Ccrash and 1 of them_*");
    expect(elementsOf(text).flatMap(({ attributes }) => attributes.href ?? [])).toEqual(names.map((name) => `#evidence-${name}`));
  });

  it("has a letter for every piece of evidence", () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(letterOf)).toEqual(["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
  });
});

describe("a text with values", () => {
  it("sets apart what Casebook fills in, and nothing else", () => {
    expect(templateMarkup("{a.ip} <has> {{no}} {a.count|reset}").text).toBe(
      '<span class="slot">{a.ip}</span> &lt;has&gt; {no} <span class="slot">{a.count|reset}</span>',
    );
  });
});
