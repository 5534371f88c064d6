import { renderHtml } from "../../engine/report/html.ts";
import { renderMarkdown } from "../../engine/report/markdown.ts";
import type { Report } from "../../engine/report/report.ts";
import { renderText } from "../../engine/report/text.ts";

export const FORMATS = ["json", "html", "markdown", "text"] as const;
export type ReportFormat = (typeof FORMATS)[number];

export const MEDIA_TYPES = {
  json: "application/json",
  html: "text/html",
  markdown: "text/markdown",
  text: "text/plain",
} as const satisfies Readonly<Record<ReportFormat, string>>;

/** Columns of the text, which nobody's terminal is asked for. */
const TEXT_WIDTH = 100;

/** A report as the command line writes it in the same format. */
export function renderReport(report: Report, format: ReportFormat, all: boolean): string {
  if (format === "json") return `${JSON.stringify(report, null, 2)}\n`;
  if (format === "html") return renderHtml(report);
  if (format === "markdown") return renderMarkdown(report);
  return renderText(report, { colour: false, width: TEXT_WIDTH, all });
}

/**
 * A report quotes what strangers wrote. Nothing in it may run, load, be sent or act, whatever slipped through: the page has an origin
 * of its own. Links may be followed in a page that is not confined.
 */
export const HTML_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
