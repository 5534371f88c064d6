import { type Palette, palette } from "./ansi.ts";
import { printable, quoted } from "./printable.ts";
import type { Finding, Level, Report } from "./report.ts";
import { renderEvidence, renderFacts } from "./text-finding.ts";
import { layoutRow, padEnd, textWidth, wrap } from "./text-layout.ts";
import { bundleSize, counted, isDetailed, knowledge, remainder, sourceWarnings, VERDICTS, whyNot } from "./wording.ts";

export interface TextOptions {
  /** Whether to use terminal colours; without them the text is the same, less the escape sequences. */
  readonly colour: boolean;
  /** Terminal cells a line may take; at least 40 are used. */
  readonly width: number;
  /** Whether the report lists every rule, so that nothing needs to be said about `--all`. */
  readonly all?: boolean;
}

/** Warnings shown before the rest is only counted. */
const WARNING_LIMIT = 20;
const VERDICT_WIDTH = Math.max(...Object.values(VERDICTS).map(({ word }) => word.length));
const NARROWEST = 40;

/** The report for a terminal: what matched first, each piece of evidence with the frames and lines it rests on. Ends with a line end. */
export function renderText(report: Report, options: TextOptions): string {
  const width = Math.max(NARROWEST, options.width);
  const paint = palette(options.colour);
  const { findings } = report;
  const blocks = [
    [...header(report, width, paint), ...warnings(report, width, paint)],
    ...findings.filter(isDetailed).map((finding) => detailed(finding, width, paint)),
    findings.filter((finding) => !isDetailed(finding)).flatMap((finding) => brief(finding, width, paint)),
    ...report.competing.map((entry) => competing(entry, width, paint)),
    closing(report, options.all === true, width, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function header(report: Report, width: number, paint: Palette): string[] {
  const name = printable(report.bundle.name);
  const left = `bundle ${name}   ${bundleSize(report)}`;
  const right = knowledge(report);
  const start = `${paint.bold(`bundle ${name}`)}   ${bundleSize(report)}`;
  if (textWidth(left) > width) return [...wrap(`bundle ${name}`, width).map(paint.bold), bundleSize(report), paint.dim(right)];
  const gap = width - textWidth(left) - textWidth(right);
  return gap >= 3 ? [start + " ".repeat(gap) + paint.dim(right)] : [start, paint.dim(right)];
}

function warnings(report: Report, width: number, paint: Palette): string[] {
  const all = sourceWarnings(report);
  if (all.length === 0) return [];
  const shown = all.slice(0, WARNING_LIMIT);
  const sourceWidth = Math.min(Math.max(...shown.map(({ source }) => textWidth(source))), Math.floor(width / 3));
  const lines = shown.flatMap(({ source, text }) =>
    layoutRow(2, [
      { text: "!", width: 1, gap: 1, paint: paint.yellow },
      { text: source, width: sourceWidth },
      { text, width: width - sourceWidth - 6, paint: paint.yellow },
    ]),
  );
  const rest = all.length - shown.length;
  return ["", ...lines, ...(rest > 0 ? [paint.dim(`    and ${counted(rest, "more warning")}: casebook tables lists them`)] : [])];
}

/** `● matched        Title of the rule        high   rule-id`, the right end aligned where it fits. */
function heading(finding: Finding, width: number, paint: Palette): string[] {
  const { sign, word } = VERDICTS[finding.verdict];
  const mark = `${sign} ${padEnd(word, VERDICT_WIDTH)}  `;
  const paintVerdict =
    finding.verdict === "matched" ? levelPaint(finding.level, paint) : finding.verdict === "error" ? paint.red : paint.yellow;
  const title = printable(finding.title);
  const rule = printable(finding.rule);
  const right = `${finding.level}   ${rule}`;
  const paintedRight = `${levelPaint(finding.level, paint)(finding.level)}   ${paint.dim(rule)}`;
  const room = width - textWidth(mark);
  if (textWidth(title) + 3 + textWidth(right) <= room) {
    return [paintVerdict(mark) + paint.bold(padEnd(title, room - textWidth(right))) + paintedRight];
  }
  const [first, ...rest] = wrap(title, room);
  const indent = " ".repeat(textWidth(mark));
  const rightIndent = " ".repeat(Math.max(2, Math.min(textWidth(mark), width - textWidth(right))));
  return [paintVerdict(mark) + paint.bold(first!), ...rest.map((line) => indent + paint.bold(line)), rightIndent + paintedRight];
}

function levelPaint(level: Level, paint: Palette): (text: string) => string {
  if (level === "critical" || level === "high") return paint.red;
  return level === "medium" ? paint.yellow : paint.cyan;
}

function detailed(finding: Finding, width: number, paint: Palette): string[] {
  const summary = finding.summary === "" ? [] : wrap(quoted(finding.summary), width - 2).map((line) => `  ${line}`);
  return [
    ...heading(finding, width, paint),
    ...summary,
    ...renderEvidence(finding.evidence, width, paint),
    ...renderFacts(finding, width, paint),
  ];
}

/** A rule that is no lead, on a line or two. */
function brief(finding: Finding, width: number, paint: Palette): string[] {
  const { sign, word } = VERDICTS[finding.verdict];
  const why = whyNot(finding);
  const paintLine = finding.verdict === "error" ? paint.red : paint.dim;
  const mark = VERDICT_WIDTH + 2;
  const text = `${printable(finding.title)} (${printable(finding.rule)})${why === "" ? "" : `: ${quoted(why)}`}`;
  return layoutRow(0, [
    { text: `${sign} ${word}`, width: mark, paint: paintLine },
    { text, width: width - mark - 2, paint: paintLine },
  ]);
}

function competing(entry: Report["competing"][number], width: number, paint: Palette): string[] {
  const fact = (label: string, text: string) =>
    layoutRow(2, [
      { text: label, width: 8, paint: paint.dim },
      { text: printable(text), width: width - 12 },
    ]);
  return [
    ...wrap(`≈ competing: ${counted(entry.rules.length, "case")} may explain one symptom`, width).map(paint.bold),
    ...entry.rules.flatMap((rule, index) => fact(index === 0 ? "cases" : "", rule)),
    ...fact("symptom", entry.symptom),
    ...fact("settle", entry.settled_by),
  ];
}

function closing(report: Report, all: boolean, width: number, paint: Palette): string[] {
  const { matched, inconclusive, ruled_out, not_applicable, error } = report.verdicts;
  const unlisted = inconclusive - report.findings.filter(({ verdict }) => verdict === "inconclusive").length;
  const parts = [
    ...(matched === 0 && report.findings.length === 0 ? ["no case matched"] : []),
    ...(unlisted > 0 ? [`${unlisted} inconclusive without a lead`] : []),
    remainder(report),
  ];
  const hidden = matched + inconclusive + ruled_out + not_applicable + error > report.findings.length;
  return wrap(parts.join(", ") + (all || !hidden ? "" : " (--all lists them)"), width).map(paint.dim);
}
