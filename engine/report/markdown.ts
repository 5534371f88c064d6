import { printable, quoted } from "./printable.ts";
import type { Finding, Report, ReportEvidence } from "./report.ts";
import {
  bundleSize,
  files,
  groupCitations,
  isDetailed,
  knowledge,
  OUTCOMES,
  remainder,
  resolutionFacts,
  sourceWarnings,
  VERDICTS,
  whyNot,
} from "./wording.ts";

/** Citations quoted in full under one piece of evidence; the rest are numbers only. */
const QUOTES = 8;

/**
 * The report as GitHub-flavoured Markdown for a ticket. Text from evidence and rules is escaped, quotes of evidence stand in code
 * spans, where no Markdown, mention or link is read. Ends with a line end.
 */
export function renderMarkdown(report: Report): string {
  const { findings } = report;
  const blocks = [
    `# Casebook report: ${prose(report.bundle.name)}`,
    `${bundleSize(report)}; ${prose(knowledge(report))}.`,
    ...warnings(report),
    ...findings.filter(isDetailed).map(finding),
    ...competing(report),
    ...collect(report),
    ...otherCases(findings.filter((entry) => !isDetailed(entry))),
    "## Sources",
    sources(report),
    `${remainder(report)}. Casebook ${prose(report.engine.version)}, rules ${code(report.engine.rules.digest)}, bundle ${code(`sha256:${report.bundle.sha256}`)}.`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

// Everything CommonMark or GFM gives a meaning inside a line; `:` only where it would make a link of a scheme.
const ACTIVE = /[\\`*_{}[\]<>#|~!&$^]/g;

/** Text that reads as itself and does nothing: no markup, no links, no mentions. Always one line. */
export function prose(text: string): string {
  return (
    quoted(text)
      .replace(ACTIVE, "\\$&")
      .replace(/:(?=\/\/)/g, "\\:")
      .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
      // A word joiner keeps trackers from notifying whoever bears the name; addresses with something before the @ are left alone.
      .replace(/(^|[^\p{L}\p{N}._-])@(?=[\p{L}\p{N}])/gu, "$1@\u2060")
      .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2")
      .replace(/^([-+=])(?=[-+=\s]|$)/, "\\$1")
  );
}

/** A code span whose fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const content = quoted(text);
  if (content === "") return "";
  const fence = "`".repeat(Math.max(0, ...(content.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const blank = /^`|`$/.test(content) ? " " : "";
  return `${fence}${blank}${content}${blank}${fence}`;
}

function warnings(report: Report): string[] {
  const all = sourceWarnings(report);
  if (all.length === 0) return [];
  return ["**Not everything could be read:**", all.map(({ source, text }) => `- ${code(source)}: ${prose(text)}`).join("\n")];
}

function finding(entry: Finding): string {
  const { sign, word } = VERDICTS[entry.verdict];
  const facts = [
    `**${word}**, ${entry.level}, ${code(entry.rule)}`,
    prose(entry.summary),
    entry.reason ? `Reason: ${prose(entry.reason)}` : "",
    entry.evidence.map(evidence).join("\n"),
    section(
      "Fix",
      entry.verdict === "matched"
        ? entry.resolutions.map((resolution) => [prose(resolution.text), ...resolutionFacts(resolution).map(code)].join(", "))
        : [],
    ),
    section("Verify", entry.verdict === "matched" ? entry.verify.map(prose) : []),
    section("Wireshark display filter", entry.filters.map(code)),
    section(
      "Still needed",
      entry.missing.map(
        ({ why, collect }) =>
          `${prose(why)}${collect.length > 0 ? `: ${collect.map((recipe) => code(`casebook collect ${recipe}`)).join(", ")}` : ""}`,
      ),
    ),
  ];
  return [`## ${sign} ${prose(entry.title)}`, ...facts.filter((fact) => fact !== "")].join("\n\n");
}

function evidence(entry: ReportEvidence): string {
  const { sign, word } = OUTCOMES[entry.outcome];
  const places = groupCitations(entry.citations, 12).map((group) => `${code(group.source)} ${group.places}`);
  const quotes = entry.citations
    .filter(({ text }) => printable(text).trim() !== "")
    .slice(0, QUOTES)
    .map(({ text }) => `  - ${code(text)}`);
  const head = `- ${sign} ${word}: ${prose(entry.about)} (${code(entry.name)})${places.length > 0 ? `: ${places.join("; ")}` : ""}`;
  return [head, ...entry.notes.map((note) => `  - Note: ${prose(note)}`), ...quotes].join("\n");
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `${title}:\n\n${items.map((item) => `- ${item}`).join("\n")}`;
}

function competing(report: Report): string[] {
  return report.competing.map(
    ({ rules, symptom, settled_by }) =>
      `**Competing:** ${rules.map(code).join(", ")} may each explain this symptom: ${prose(symptom)}. What would settle it: ${prose(settled_by)}.`,
  );
}

function collect(report: Report): string[] {
  if (report.collect.length === 0) return [];
  const items = report.collect.map(
    ({ recipe, title, side, for: rules }) =>
      `- ${code(`casebook collect ${recipe}`)}: ${prose(title)}${side ? `, ${side} side` : ""} (for ${rules.map(code).join(", ")})`,
  );
  return ["## To collect next", items.join("\n")];
}

function otherCases(findings: readonly Finding[]): string[] {
  const items = findings.map(
    (entry) =>
      `- ${VERDICTS[entry.verdict].word}: ${prose(entry.title)} (${code(entry.rule)})${whyNot(entry) === "" ? "" : `: ${prose(whyNot(entry))}`}`,
  );
  return items.length === 0 ? [] : ["## Other cases", items.join("\n")];
}

function sources(report: Report): string {
  const lines = files(report).map((source) => {
    const rows = Object.entries(source.rows).map(([table, count]) => `${prose(table)} ${count}`);
    const facts = [prose([source.format, ...(source.also ?? [])].join(", ")), ...(source.side ? [`${source.side} side`] : []), ...rows];
    return `- ${code(source.path)}: ${facts.join("; ")}`;
  });
  return lines.length === 0 ? "None." : lines.join("\n");
}
