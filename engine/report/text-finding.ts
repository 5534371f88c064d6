import type { Palette } from "./ansi.ts";
import { printable, quoted } from "./printable.ts";
import type { Finding, ReportEvidence } from "./report.ts";
import { layoutRow, textWidth } from "./text-layout.ts";
import { groupCitations, OUTCOMES, resolutionFacts } from "./wording.ts";

const INDENT = 4;
const GAP = 3;
const LABEL_WIDTH = 7;
/** Filters and commands are for copying: the terminal may fold them, we may not. */
const UNBROKEN = Number.POSITIVE_INFINITY;
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
    const notes = entry.notes.flatMap((note) => layoutRow(start, [{ text: quoted(note), width: room, paint: paint.dim }]));
    return [...lines, ...notes];
  });
}

/** What to do about it: fix, verify and filter of a match; needs and collect of what is open. */
export function renderFacts(finding: Finding, width: number, paint: Palette): string[] {
  const fact = (label: string, texts: readonly string[], room: number = width - LABEL_WIDTH - 4) =>
    texts.flatMap((text, index) =>
      layoutRow(2, [
        { text: index === 0 ? label : "", width: LABEL_WIDTH, paint: paint.bold },
        { text, width: room },
      ]),
    );
  const fixes = finding.resolutions.map((resolution) => {
    const facts = resolutionFacts(resolution);
    return `${quoted(resolution.text)}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
  });
  const open = finding.missing.length > 0;
  const settled = finding.verdict === "matched";
  return [
    ...(finding.reason ? fact("reason", [quoted(finding.reason)]) : []),
    ...(settled ? fact("fix", fixes) : []),
    ...(settled
      ? fact(
          "verify",
          finding.verify.map((text) => quoted(text)),
        )
      : []),
    ...fact("filter", finding.filters.map(printable), UNBROKEN),
    ...fact("needs", [...new Set(finding.missing.map(({ why }) => quoted(why)))]),
    ...(open ? fact("collect", [`casebook collect ${printable(finding.rule)}`], UNBROKEN) : []),
  ];
}
