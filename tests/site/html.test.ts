import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderLadder } from "../../engine/report/ladder.ts";
import { html, joined } from "../../site/html.ts";
import { linksBelow, linksFrom } from "../../site/links.ts";

/** What a browser makes of the character references the template writes. */
function unescaped(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!);
}

describe("the page template", () => {
  it("escapes whatever is put into it, and loses nothing that can be shown", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const written = html`<p title="${text}">${text}</p>`.text;
        const [, attribute, content] = /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/s.exec(written)!;
        expect(attribute).toBe(content);
        expect(content).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
        if (!/[^\P{C}\n\t]/u.test(text)) expect(unescaped(content!)).toBe(text.replaceAll("\r\n", "\n"));
      }),
    );
  });

  it("keeps lines apart and shows what could act", () => expect(html`${"a\r\nb\tc\u202ed\u0000"}`.text).toBe("a\nb\tc\\u202ed\\x00"));

  it("takes markup as it is, joins lists and leaves nothing out of nothing", () => {
    const item = (text: string) => html`<li>${text}</li>`;
    expect(html`${["<", "b"].map(item)}${null}${undefined}${false}${0}`.text).toBe("<li>&lt;</li><li>b</li>0");
    expect(joined([html`<b>`, html`</b>`], " & ").text).toBe("<b> &amp; </b>");
  });

  it("takes drawings of the engine as they are", () => {
    const ladder = renderLadder({ title: "a <b>", points: [], steps: [] }, "x");
    expect(html`${ladder}`.text).toBe(ladder.text);
    expect(ladder.text).not.toContain("style=");
  });
});

describe("links", () => {
  const segment = fc.stringMatching(/^[a-z0-9-]{1,6}$/);
  const address = fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom("", "x.json", "404.html"))
    .map(([folders, file]) => folders.map((name) => `${name}/`).join("") + file);

  it("lead from every page to every other below any base", () => {
    fc.assert(
      fc.property(
        address,
        address,
        fc.constantFrom("", "#tcp-3389", "#0x274c"),
        fc.constantFrom("http://x/", "http://x/kb/case/"),
        (from, to, hash, base) => {
          expect(new URL(linksFrom(from)(to + hash), base + from).href).toBe(base + to + hash);
        },
      ),
    );
  });

  it("stay on the page for an anchor of its own", () => expect(linksFrom("reference/ports/")("reference/ports/#tcp-25")).toBe("#tcp-25"));

  it("of a page that stands in for others know where the site is", () =>
    expect(linksBelow(new URL("https://kb.example.org/casebook/"))("about/#privacy")).toBe("/casebook/about/#privacy"));
});
