import type { Finding, Report } from "./report.ts";

/** The report as it is without `all`: of all findings, those worth telling. Everything else in a report is the same either way. */
export function briefReport(full: Report): Report {
  return { ...full, findings: full.findings.filter(isWorthTelling) };
}

/** It matched, or is undecided with evidence that points to it; `RuleOutcome.finding`, read off the report. */
function isWorthTelling({ verdict, evidence }: Finding): boolean {
  return (
    verdict === "matched" || (verdict === "inconclusive" && evidence.some(({ outcome, lead }) => outcome === "true" && lead !== false))
  );
}
