/** Words and numbers that every rendering of a report shares. */
import { printable } from "./printable.ts";
import type { Finding, Report, ReportCitation, ReportEvidence, ReportResolution, ReportSource, VerdictName } from "./report.ts";

export const VERDICTS: Readonly<Record<VerdictName, { readonly sign: string; readonly word: string }>> = {
  matched: { sign: "●", word: "matched" },
  inconclusive: { sign: "○", word: "inconclusive" },
  ruled_out: { sign: "×", word: "ruled out" },
  not_applicable: { sign: "–", word: "not applicable" },
  error: { sign: "!", word: "error" },
};

export const OUTCOMES: Readonly<Record<ReportEvidence["outcome"], { readonly sign: string; readonly word: string }>> = {
  true: { sign: "✓", word: "found" },
  false: { sign: "✗", word: "not so" },
  unknown: { sign: "?", word: "unknown" },
};

/** Whether a finding is a lead, told in full; the rest is named with the reason against it. */
export function isDetailed({ verdict }: Finding): boolean {
  return verdict === "matched" || verdict === "inconclusive";
}

/** Why a case is no lead: the stated reason, or the evidence that speaks against it. */
export function whyNot(finding: Finding): string {
  const against = finding.evidence.filter(({ outcome }) => outcome === "false").map(({ about, name }) => `not so: ${about || name}`);
  return finding.reason ?? against.join("; ");
}

/** `1 source`, `4 sources`. */
export function counted(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** Decimal units as file managers and Wireshark show them: `1.2 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Seconds at a precision a person reads: `0.19 s`, `21.0 s`, `2 min 10 s`, `3 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Formats of entries that hold others; what they hold is listed in their place. */
const ARCHIVES: readonly string[] = ["container", "zip", "tar", "gz", "tar.gz"];
/** Formats of entries that gave no evidence: not understood, not opened, nothing in them, or a description of the others. */
const UNREAD: readonly string[] = ["unrecognised", "refused"];
const SILENT: readonly string[] = [...UNREAD, "empty", "bundle-yaml"];

/** Files, archives left aside. */
export function files(report: Report): ReportSource[] {
  return report.bundle.sources.filter((source) => !ARCHIVES.includes(source.format));
}

/** Archives of which something is missing: entries refused, or lost with a damaged end. */
function holedArchives(report: Report): ReportSource[] {
  return report.bundle.sources.filter(({ format, warnings }) => ARCHIVES.includes(format) && warnings.length > 0);
}

/** `4 sources, 1.2 MB, all read`. */
export function bundleSize(report: Report): string {
  const sources = files(report);
  const unread = sources.filter((source) => !isRead(source)).length;
  const whole = holedArchives(report).length === 0 ? "all read" : "archives read in part";
  const status = sources.length === 0 ? "nothing to read" : unread === 0 ? whole : `${unread} not read`;
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  return `${counted(sources.length, "source")}, ${byteSize(bytes)}, ${status}`;
}

/** `26 rules, data as of 2026-11-20`. */
export function knowledge(report: Report): string {
  const { rules, data_as_of } = report.engine;
  return `${counted(rules.count, "rule")}${data_as_of === "" ? "" : `, data as of ${printable(data_as_of)}`}`;
}

/** Whether some format took the file, or there was nothing in it to take. */
export function isRead({ format }: ReportSource): boolean {
  return !UNREAD.includes(format);
}

/** Whether the file was understood and can speak. */
export function isEvidence({ format }: ReportSource): boolean {
  return !SILENT.includes(format);
}

/** Why a report says nothing, because nothing in the bundle was understood; null where something was. */
export function whyUnreadable(report: Report): string | null {
  const sources = files(report);
  if (sources.some(isEvidence)) return null;
  if (sources.length > 0) return "no format recognises anything in it";
  const [warning] = holedArchives(report).flatMap(({ warnings }) => warnings);
  return warning ? `nothing could be taken out of it: ${printable(warning.text)}` : "there are no files in it";
}

/** What a reader must know about sources before trusting a verdict: one entry per warning, and one per file nothing reads. */
export function sourceWarnings(report: Report): { source: string; text: string }[] {
  return report.bundle.sources.flatMap((source) => {
    const warnings = source.warnings.map((warning) => {
      const place = warning.at > 0 ? `at ${warning.at}` : "";
      const often = warning.count > 1 ? `${warning.count} times` : "";
      const where = [place, often].filter((part) => part !== "").join(", ");
      return {
        source: printable(source.path),
        text: `${printable(warning.text)} (${[printable(warning.code), where].filter((part) => part !== "").join(", ")})`,
      };
    });
    if (source.format === "unrecognised" && warnings.length === 0)
      warnings.push({ source: printable(source.path), text: "not recognised: no format claims it" });
    if (source.format === "empty" && warnings.length === 0) warnings.push({ source: printable(source.path), text: "the file is empty" });
    return warnings;
  });
}

/** Citations of one source brought together: `frames 61714, 61717 …`. */
export interface CitationGroup {
  readonly source: string;
  readonly places: string;
}

/** Groups citations by source and unit, in order of first mention, showing at most `limit` numbers each. Runs become `3-19`. */
export function groupCitations(citations: readonly ReportCitation[], limit: number = 4): CitationGroup[] {
  const groups = new Map<string, { source: string; unit: string; at: number[] }>();
  for (const { source, unit, at } of citations) {
    const key = `${unit} ${source}`;
    const group = groups.get(key) ?? { source: printable(source), unit, at: [] };
    if (!group.at.includes(at)) group.at.push(at);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ source, unit, at }) => {
    const runs = toRuns(at.toSorted((a, b) => a - b));
    const shown = runs.slice(0, limit).join(", ") + (runs.length > limit ? " …" : "");
    return { source, places: `${at.length === 1 ? unit : `${unit}s`} ${shown}` };
  });
}

function toRuns(numbers: readonly number[]): string[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.flatMap(({ first, last }) =>
    last - first > 1 ? [`${first}-${last}`] : last > first ? [`${first}`, `${last}`] : [`${first}`],
  );
}

/** Facts of a resolution that its text does not name already: update, registry value, ports, then whatever else the rule states. */
export function resolutionFacts({
  kind: _,
  text,
  kb,
  key,
  value,
  type,
  data,
  protocol,
  ports,
  direction,
  restart,
  product,
  ...others
}: ReportResolution): string[] {
  const words = (...parts: readonly unknown[]) => parts.filter((part) => part !== undefined && part !== null).map(String);
  const registry =
    key === undefined
      ? []
      : [
          `${words(key, value).join("\\")}${data === undefined ? "" : ` = ${String(data)}`}${type === undefined ? "" : ` (${String(type)})`}`,
        ];
  const open = ports === undefined ? [] : [words(protocol, Array.isArray(ports) ? ports.join(", ") : ports, direction).join(" ")];
  const stated = Object.entries(others).flatMap(([name, fact]) =>
    typeof fact === "object" && !Array.isArray(fact) ? [] : [`${name.replaceAll("_", " ")}: ${String(fact)}`],
  );
  const update = kb !== undefined && product !== undefined ? [`${String(kb)} (${String(product)})`] : words(kb, product);
  return [...update, ...registry, ...open, ...stated, ...(restart === true ? ["needs a restart"] : [])]
    .filter((fact) => !text.includes(fact))
    .map(printable);
}

/** `24 ruled out, 0 not applicable`; errors only if there are any. */
export function remainder(report: Report): string {
  const { ruled_out, not_applicable, error } = report.verdicts;
  return `${ruled_out} ruled out, ${not_applicable} not applicable${error > 0 ? `, ${counted(error, "rule")} failed` : ""}`;
}
