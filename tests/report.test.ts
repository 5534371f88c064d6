import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { renderExplanation } from "../engine/report/explanation.ts";
import { renderHtml } from "../engine/report/html.ts";
import { ladderFigure } from "../engine/report/html-finding.ts";
import { renderLadder } from "../engine/report/ladder.ts";
import { code, prose, renderMarkdown } from "../engine/report/markdown.ts";
import { escapeText, html } from "../engine/report/markup.ts";
import { printable, quoted } from "../engine/report/printable.ts";
import type { Report } from "../engine/report/report.ts";
import { type ReportDocument, reportSchema } from "../engine/report/schema.ts";
import { renderText } from "../engine/report/text.ts";
import { padEnd, textWidth, wrap } from "../engine/report/text-layout.ts";
import { byteSize, duration, groupCitations, resolutionFacts } from "../engine/report/wording.ts";
import { expectGolden } from "./support/golden.ts";
import { emptyReport, fullReport, HOSTILE, hostileReport, rdpReport } from "./support/report-samples.ts";

const samples: readonly (readonly [string, Report])[] = [
  ["rdp", rdpReport],
  ["full", fullReport],
  ["empty", emptyReport],
  ["hostile", hostileReport],
];
const seed = 20260101;
const nothingActs = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe("the text rendering", () => {
  it("looks as the design says", () => {
    expectGolden("report/rdp.txt", renderText(rdpReport, { colour: false, width: 110 }));
    expectGolden("report/full.txt", renderText(fullReport, { colour: false, width: 100 }));
    expectGolden("report/full-narrow.txt", renderText(fullReport, { colour: false, width: 60 }));
    expectGolden("report/empty.txt", renderText(emptyReport, { colour: false, width: 80 }));
  });

  it("puts one line a piece of evidence where there is room", () => {
    const lines = renderText(rdpReport, { colour: false, width: 120 }).split("\n");
    expect(lines.find((line) => line.includes("✓ session_reset"))).toMatch(
      /server resets an established session\s+server\.txt\s+frame 10717$/,
    );
    expect(lines.find((line) => line.includes("✓ no_listener"))).toMatch(/netstat\.txt\s+lines 3-19$/);
    expect(lines.at(-2)).toBe("24 ruled out, 1 not applicable (--all lists them)");
  });

  it("colours without changing a character", () => {
    const plain = renderText(fullReport, { colour: false, width: 100 });
    const coloured = renderText(fullReport, { colour: true, width: 100 });
    expect(plain).not.toContain("\x1b");
    expect(coloured).toContain("\x1b[31m");
    expect(coloured.replace(/\x1b\[\d+m/g, "")).toBe(plain);
  });

  it("keeps to the width, but for what is meant for copying", () => {
    fc.assert(
      fc.property(fc.constantFrom(rdpReport, fullReport), fc.integer({ min: 20, max: 160 }), (report, width) => {
        for (const line of renderText(report, { colour: false, width }).split("\n")) {
          if (/^ {2}(filter|collect) |^ {11}tcp\.|HKLM|^ +(high|medium) {3}\S+$/.test(line)) continue;
          expect(textWidth(line)).toBeLessThanOrEqual(Math.max(40, width));
        }
      }),
      { seed },
    );
  });

  it("does not mention --all where everything is listed", () => {
    expect(renderText(fullReport, { colour: false, width: 100, all: true })).not.toContain("--all");
  });

  it("lets no quoted text reach the terminal as anything but text", () => {
    expect(renderText(hostileReport, { colour: false, width: 100 })).not.toMatch(nothingActs);
  });
});

describe("text layout", () => {
  it("counts terminal cells", () => {
    expect(textWidth("日本語")).toBe(6);
    expect(textWidth("e\u0301")).toBe(1);
    expect(textWidth("ｱ")).toBe(1); // halfwidth katakana
    expect(textWidth("→✓●")).toBe(3);
    expect(padEnd("語", 4)).toBe("語  ");
  });

  it("wraps to the width and loses nothing but blanks", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "bc", " ", "語", "e\u0301", "-") }),
        fc.integer({ min: 2, max: 30 }),
        (text, width) => {
          const lines = wrap(text, width);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
          expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        },
      ),
      { seed },
    );
  });
});

describe("wording", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1_200_000, "1.2 MB"],
    [999_999, "1.0 MB"],
    [541_000_000, "541 MB"],
    [1_536_000_000, "1.5 GB"],
  ])("says %i bytes as %s", (bytes, words) => expect(byteSize(bytes)).toBe(words));

  it.each([
    [0.0002, "200 µs"],
    [0.19, "190 ms"],
    [21, "21.0 s"],
    [129.8, "2 min 10 s"],
    [7260, "2 h 1 min"],
  ])("says %d seconds as %s", (seconds, words) => expect(duration(seconds)).toBe(words));

  it("groups citations by source, runs and unit", () => {
    const at = (source: string, unit: "frame" | "line", number: number) => ({ source, unit, at: number, text: "" });
    expect(
      groupCitations([
        at("a", "frame", 7),
        at("b", "line", 3),
        at("a", "frame", 5),
        at("a", "frame", 6),
        at("a", "frame", 6),
        at("b", "line", 4),
        at("a", "line", 1),
      ]),
    ).toEqual([
      { source: "a", places: "frames 5-7" },
      { source: "b", places: "lines 3, 4" },
      { source: "a", places: "line 1" },
    ]);
    expect(groupCitations([1, 3, 5, 7, 9].map((number) => at("a", "frame", number)))).toEqual([
      { source: "a", places: "frames 1, 3, 5, 7 …" },
    ]);
  });
});

describe("facts of a resolution", () => {
  it("read as a person would write them, less what the text says already", () => {
    const facts = (rest: object) => resolutionFacts({ kind: "update", text: "Install KB823764", ...rest });
    expect(facts({ kb: "KB823764" })).toEqual([]);
    expect(facts({ kb: "KB2621440", product: "windows-7", restart: true })).toEqual(["KB2621440 (windows-7)", "needs a restart"]);
    expect(facts({ restart: false })).toEqual([]);
    expect(facts({ key: "HKLM\\Parameters", value: "TcpAckFrequency", type: "REG_DWORD", data: "1" })).toEqual([
      "HKLM\\Parameters\\TcpAckFrequency = 1 (REG_DWORD)",
    ]);
    expect(facts({ protocol: "tcp", ports: ["135", "1025-5000"], direction: "inbound", risk: "opens much" })).toEqual([
      "tcp 135, 1025-5000 inbound",
      "risk: opens much",
    ]);
  });
});

describe("an explanation", () => {
  const query = {
    name: "no_listener",
    about: "Nothing listens on TCP 3389",
    table: "sockets",
    outcome: "false" as const,
    considered: 16,
    funnels: [
      [
        { predicate: "protocol: tcp", left: 16, unknown: 0 },
        { predicate: "local_port: 3389", left: 1, unknown: 1 },
      ],
    ],
    selected: 0,
    perhaps: 0,
    joined: 0,
    nearest: {
      citation: { source: 0, unit: "line" as const, at: 4 },
      passed: 1,
      failed: [{ predicate: "local_port: 3389", column: "local_port", cell: "80\x1b[2J", truth: "false" as const }],
    },
    notes: ["read whole"],
  };

  it("tells query by query what was left, and the nearest miss", () => {
    expect(renderExplanation([query], { colour: false, width: 100, sources: ["netstat.txt"] }).split("\n")).toEqual([
      "✗ no_listener   not so, from sockets",
      "    Nothing listens on TCP 3389",
      "           16  rows considered",
      "           16  left after protocol: tcp",
      "            1  left after local_port: 3389 (1 with a cell that is not known)",
      "            0  selected",
      "            0  belong together with the rest of the evidence",
      "    nearest miss: netstat.txt line 4: local_port is 80\\x1b[2J, asked for local_port: 3389",
      "    note: read whole",
      "",
    ]);
  });

  it("says that a broken rule cannot be asked", () =>
    expect(renderExplanation([], { colour: false, width: 80, sources: [] })).toContain("rules lint"));
});

describe("quoting", () => {
  it("shows what would act", () => {
    expect(printable("a\x1b[31mb\u202ec\r\nd\te\ud800")).toBe("a\\x1b[31mb\\u202ec ↵ d e\\ud800");
    expect(printable("Größe 日本語 😀")).toBe("Größe 日本語 😀");
  });

  it("cuts a quote between characters", () => {
    expect(quoted("😀".repeat(500), 10)).toBe(`${"😀".repeat(9)}…`);
    expect(quoted("x".repeat(10), 10)).toBe("x".repeat(10));
    expect(quoted("x".repeat(5_000_000)).length).toBe(400);
  });
});

describe("the Markdown rendering", () => {
  it("can be pasted into a ticket", () => {
    expectGolden("report/rdp.md", renderMarkdown(rdpReport));
    expectGolden("report/full.md", renderMarkdown(fullReport));
  });

  it("leaves no markup alive outside code spans", () => {
    const text = renderMarkdown(hostileReport);
    expect(text).not.toMatch(nothingActs);
    const outside = text.replace(/(?<![`\\])(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, "");
    expect(outside.replace(/\\[!-/:-@[-`{-~]/g, "").replace(/^#+ |\*\*[a-zA-Z :]+\*\*/gm, "")).not.toMatch(/[<>[\]`*|]|:\/\/|(^|\s)@\w/m);
  });

  it("fences a code span with more backticks than it holds", () => {
    expect(code("a")).toBe("`a`");
    expect(code("`a``")).toBe("``` `a`` ```");
    expect(code("")).toBe("");
  });

  it("keeps plain prose readable", () => {
    expect(prose("1. Reinstall KB2621440 (v2), see 10.0.0.1:3389")).toBe("1\\. Reinstall KB2621440 (v2), see 10.0.0.1:3389");
    expect(prose("user@example.com")).toBe("user@example.com");
    expect(prose("10.7.3.187 is fine")).toBe("10.7.3.187 is fine");
  });
});

describe("the HTML rendering", () => {
  it("is what was reviewed in a browser", () => {
    expectGolden("report/rdp.html", renderHtml(rdpReport));
    expectGolden("report/full.html", renderHtml(fullReport));
  });

  it("sets what a rule puts between backticks as code, whatever it is", () => {
    const [finding] = rdpReport.findings;
    const page = renderHtml({ ...rdpReport, findings: [{ ...finding!, verify: ["`netstat -ano` shows `<b>3389</b>`, not `half"] }] });
    expect(page).toContain("<code>netstat -ano</code> shows <code>&lt;b&gt;3389&lt;/b&gt;</code>, not `half");
  });

  it.each(samples)("of %s fetches nothing, runs nothing and is well-formed", (_, report) => {
    const page = renderHtml(report);
    expect(page).toContain("default-src 'none'");
    expect(page.replace(/<style>[\s\S]*?<\/style>/, "")).not.toMatch(nothingActs);
    const tags = [...page.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*?)?)(\/?)>/g)];
    expect(page.match(/</g)!.length).toBe(tags.length + 1); // and the doctype
    const open: string[] = [];
    for (const [, close, name, attributes, selfClosed] of tags) {
      expect(name).not.toMatch(/^(script|img|iframe|object|embed|link|base|form)$/);
      expect(attributes!.replace(/"[^"]*"/g, '""')).not.toMatch(/\s(on\w+|src|srcset|style|xlink:href)\s*=/i);
      for (const [, target] of attributes!.matchAll(/\shref="([^"]*)"/g)) expect(target).toMatch(/^#[\w-]+$/);
      if (close) expect(open.pop()).toBe(name);
      else if (!selfClosed && !/^(meta|br)$/.test(name!)) open.push(name!);
    }
    expect(open).toEqual([]);
    expect(page.slice(page.indexOf("</style>"))).not.toMatch(/url\(|@import/);
  });

  it.each(samples)("of %s has one main heading, steps of one between headings, and unique ids that links reach", (_, report) => {
    const page = renderHtml(report);
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries()) if (index > 0) expect(level - levels[index - 1]!).toBeLessThanOrEqual(1);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"|aria-labelledby="([^"]+)"/g)) if (target) expect(ids).toContain(target);
    for (const [header] of page.matchAll(/<th[^e][^>]*>|<th>/g)) expect(header).toContain("scope=");
  });

  it("escapes whatever is put into a template, and only that", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
      { seed },
    );
    expect(html`<b title="${'"'}">${["<", html`<i>${"&"}</i>`, null, false, 7]}</b>`.text).toBe('<b title="&quot;">&lt;<i>&amp;</i>7</b>');
  });

  // WCAG 2.2 success criterion 1.4.3: 4.5 to 1 for text. Relative luminance as WCAG defines it.
  it("contrasts enough in light, dark and print", () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(renderHtml(emptyReport))![1]!;
    const themes = [...style.matchAll(/:root\{([^}]*--paper[^}]*)\}/g)].map(([, block]) =>
      Object.fromEntries([...block!.matchAll(/--(\w+):(#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name, value!])),
    );
    expect(themes).toHaveLength(3);
    for (const theme of themes) {
      for (const ink of ["ink", "soft", "accent", "alarm", "warn", "good", "foreign"]) {
        for (const ground of ["paper", "sheet", "band"])
          expect(`${ink} on ${ground}: ${contrast(theme[ink]!, theme[ground]!) >= 4.5}`).toBe(`${ink} on ${ground}: true`);
      }
    }
  });
});

function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const full = colour.length === 4 ? colour.replace(/[0-9a-f]/g, "$&$&") : colour;
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(full.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe("the ladder", () => {
  const [lost, foreign] = [fullReport.findings[0]!.ladder!, fullReport.findings[1]!.ladder!];

  it("ends a lost segment in a cross midway, without an arrow head", () => {
    const drawn = renderLadder(lost, "x").text;
    expect(drawn.match(/class="cross"/g)).toHaveLength(4);
    const step = /<g class="step lost">.*?<\/g>/.exec(drawn)![0];
    expect(step).toContain(">1921<");
    expect(step).toContain('x1="150"');
    expect(step).toContain('x2="498"'); // halfway between the lifelines at 150 and 846
    expect(step).not.toContain('class="tip"');
  });

  it("starts a foreign reset midway and lets it arrive", () => {
    const step = /<g class="step foreign">.*?<\/g>/.exec(renderLadder(foreign, "x").text)![0];
    expect(step).toContain('class="origin"');
    expect(step).toMatch(/x1="498"[^>]*x2="846"/);
    expect(step).toContain(">606233<");
  });

  it("marks a packet only one point saw, though nothing calls it lost", () => {
    expect(renderLadder(foreign, "x").text).toMatch(/class="step plain">.*106990.*class="unseen"/);
    expect(ladderFigure(foreign, "x").text).toMatch(/<circle class="unseen"[^>]*>(?:<\/circle>)?<\/svg>in one capture only/);
    expect(ladderFigure(lost, "x").text).not.toContain("in one capture only");
  });

  it("breaks the lifelines where nothing is drawn for a second or more", () => {
    const drawn = renderLadder(lost, "x").text;
    expect([...drawn.matchAll(/>([^<]+) later</g)].map(([, words]) => words)).toEqual(["2.61 s", "5.14 s", "1 min 13 s", "49.1 s"]);
  });

  it("names the other end's addresses where a device translates them", () => {
    const [near, far] = lost.points;
    const drawn = renderLadder({ ...lost, points: [near!, { ...far!, client: "172.16.5.14:63584" }] }, "x").text;
    expect(drawn).toContain("client is 172.16.5.14:63584");
  });

  it("says in words what it shows", () => {
    expect(renderLadder(lost, "x").text).toContain(
      "11 packets between client and server as seen in client.txt (client side) and server.txt (server side): 2 cited as evidence, 4 sent, never arrived.",
    );
  });
});

describe("the report's JSON Schema", () => {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile<ReportDocument>(JSON.parse(JSON.stringify(reportSchema)));

  it.each(samples.filter(([name]) => name !== "hostile"))("accepts the sample %s", (_, report) => {
    validate(report);
    expect(validate.errors).toBeNull();
  });

  it("accepts fields of later versions", () => expect(validate({ ...rdpReport, later: true })).toBe(true));

  it("misses every required field, wherever it stands", () => {
    const optional = new Set(["also", "reason", "kb", "action", "key", "value", "data"]);
    let removed = 0;
    const without = (value: unknown, rebuild: (changed: unknown) => unknown): void => {
      if (value === null || typeof value !== "object") return;
      for (const [key, inner] of Object.entries(value)) {
        if (!Array.isArray(value) && !optional.has(key) && !/^(tcp_connections|sockets|events)$/.test(key)) {
          const { [key]: _, ...rest } = value as Record<string, unknown>;
          expect(`${key} ${validate(rebuild(rest))}`).toBe(`${key} false`);
          removed++;
        }
        if (!Array.isArray(value) || key === "0")
          without(inner, (changed) => rebuild(Array.isArray(value) ? [changed, ...value.slice(1)] : { ...value, [key]: changed }));
      }
    };
    without(fullReport, (changed) => changed);
    without(rdpReport, (changed) => changed);
    expect(removed).toBeGreaterThan(60);
  });

  it("gives the shape the compiler knows", () => {
    type Frozen<T> = T extends readonly (infer E)[]
      ? readonly Frozen<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Frozen<T[K]> }
        : T;
    expectTypeOf<Report>().toExtend<Frozen<ReportDocument>>();
    expectTypeOf<Frozen<ReportDocument>>().toExtend<Report>();
  });

  it("has a hostile sample worth its name", () => expect(JSON.stringify(hostileReport)).toContain(JSON.stringify(HOSTILE).slice(1, -1)));
});
