import type { Report } from "./report.ts";

/** The report as the document it is, indented. Ends with a line end. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
