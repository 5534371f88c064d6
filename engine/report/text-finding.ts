import type { Palette } from "./ansi.ts";
import { printable, quoted } from "./printable.ts";
import type { Finding, ReportEvidence } from "./report.ts";
import { layoutRow, textWidth } from "./text-layout.ts";
import { groupCitations, OUTCOMES, resolutionFacts } from "./wording.ts";

const INDENT = 4;
const GAP = 3;
const LABEL_WIDTH = 7;
/** Under this many cells a description is no longer readable beside its citations, so they go below it. */
const NARROWEST_ABOUT = 28;

/** Evidence in three columns: name, what it is about, where it is cited; citations move below where the line is too narrow. */
export function renderEvidence(evidence: readonly ReportEvidence[], width: number, paint: Palette): string[] {
  const rows = evidence.map((entry) => ({ entry, name: printable(entry.name), cited: groupCitations(entry.citations) }));
  const nameWidth = Math.min(Math.max(0, ...rows.map(({ name }) => textWidth(name))), Math.floor(width / 4));
  const sourceWidth = Math.max(0, ...rows.flatMap(({ cited }) => cited.map(({ source }) => textWidth(source))));
  const placesWidth = Math.max(0, ...rows.flatMap(({ cited }) => cited.map(({ places }) => textWidth(places))));
  const citedWidth = sourceWidth === 0 ? 0 : sourceWidth + 2 + placesWidth;
  const start = INDENT + 2 + nameWidth + GAP;
  const room = width - start;
  const widest = Math.max(0, ...rows.map(({ entry }) => textWidth(printable(entry.about))));
  const aboutWidth = Math.min(widest, room - citedWidth - GAP);
  const beside = citedWidth > 0 && aboutWidth >= Math.min(NARROWEST_ABOUT, widest);
  const signs = { true: paint.green, false: paint.dim, unknown: paint.yellow };
  return rows.flatMap(({ entry, name, cited }) => {
    const head = [
      { text: OUTCOMES[entry.outcome].sign, width: 1, gap: 1, paint: signs[entry.outcome] },
      { text: name, width: nameWidth, gap: GAP },
    ];
    const about = printable(entry.about);
    const lines = beside
      ? layoutRow(INDENT, [
          ...head,
          { text: about, width: aboutWidth, gap: GAP },
          { text: cited.map(({ source }) => source), width: sourceWidth, paint: paint.cyan },
          { text: cited.map(({ places }) => places), width: placesWidth, paint: paint.cyan },
        ])
      : [
          ...layoutRow(INDENT, [...head, { text: about, width: room }]),
          ...(cited.length === 0
            ? []
            : layoutRow(start, [{ text: cited.map(({ source, places }) => `${source} ${places}`), width: room, paint: paint.cyan }])),
        ];
    const notes = entry.notes.flatMap((note) => layoutRow(start, [{ text: `(${quoted(note)})`, width: room, paint: paint.dim }]));
    return [...lines, ...notes];
  });
}

/** What to do about it: fix, verify and filter of a match; needs and collect of what is open. */
export function renderFacts(finding: Finding, width: number, paint: Palette): string[] {
  const prose = (label: string, items: readonly Item[]) => labelled(label, items, width, paint);
  const copied = (label: string, texts: readonly string[]) => labelled(label, [{ lines: texts }], Number.POSITIVE_INFINITY, paint);
  const settled = finding.verdict === "matched";
  const fixes = finding.resolutions.map((resolution) => ({ lines: [quoted(resolution.text)], copied: resolutionFacts(resolution) }));
  const needs = [...new Set(finding.missing.map(({ why }) => quoted(why)))];
  return [
    ...(finding.reason ? prose("reason", [{ lines: [quoted(finding.reason)] }]) : []),
    ...(settled ? prose("fix", fixes) : []),
    ...(settled ? prose("verify", finding.verify.map(toItem)) : []),
    ...(finding.filters.length > 0 ? copied("filter", finding.filters.map(printable)) : []),
    ...prose("needs", needs.map(toItem)),
    ...(needs.length > 0 ? copied("collect", [`casebook collect ${printable(finding.rule)}`]) : []),
  ];
}

/** One thing under a label: lines that wrap, and lines for copying, which the terminal may fold but we may not. */
interface Item {
  readonly lines: readonly string[];
  readonly copied?: readonly string[];
}

function toItem(text: string): Item {
  return { lines: [quoted(text)] };
}

/** Items beside their label; several get a dash each. */
function labelled(label: string, items: readonly Item[], width: number, paint: Palette): string[] {
  const dash = items.length > 1 ? 2 : 0;
  const indent = 2 + LABEL_WIDTH + 2 + dash;
  return items.flatMap(({ lines, copied = [] }, index) => [
    ...layoutRow(2, [
      { text: index === 0 ? label : "", width: LABEL_WIDTH, paint: paint.bold },
      ...(dash > 0 ? [{ text: "-", width: 1, gap: 1 }] : []),
      { text: lines, width: width - indent },
    ]),
    ...copied.map((text) => " ".repeat(indent) + paint.dim(text)),
  ]);
}
