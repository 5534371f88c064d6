import { renderHtml } from "../engine/report/html.ts";
import { renderJson } from "../engine/report/json.ts";
import { renderMarkdown } from "../engine/report/markdown.ts";
import type { Report } from "../engine/report/report.ts";
import { renderText } from "../engine/report/text.ts";
import { type Terminal, textWidthOf, wantsColour } from "./terminal.ts";
import type { Option } from "./verb.ts";

const FORMATS = ["text", "json", "markdown", "html"] as const;
type ReportFormat = (typeof FORMATS)[number];

/** Options of every verb that writes a report. */
export const REPORT_OPTIONS: Readonly<Record<string, Option>> = {
  format: {
    value: "FORMAT",
    choices: FORMATS,
    about: "How to write the report; if not given, what the name after --out asks for, else text",
  },
  out: { value: "FILE", about: "Write to a file instead of standard output" },
  all: { about: "List every rule with its verdict, not only those that match or may" },
};

/** What `--out report.html` most likely wants. */
const FORMAT_OF_EXTENSION: Readonly<Record<string, ReportFormat>> = {
  html: "html",
  htm: "html",
  md: "markdown",
  markdown: "markdown",
  json: "json",
};

export function formatFor({ format, out }: Readonly<Record<string, string>>): ReportFormat {
  return (format as ReportFormat | undefined) ?? FORMAT_OF_EXTENSION[out?.split(".").at(-1) ?? ""] ?? "text";
}

/** The terminal a report is written for: a file has neither width nor colour. */
export function onto({ out }: Readonly<Record<string, string>>, terminal: Terminal): Terminal {
  return out === undefined ? terminal : { ...terminal, columns: null, env: { NO_COLOR: "1" } };
}

export function renderReport(report: Report, format: ReportFormat, all: boolean, terminal: Terminal): string {
  if (format === "json") return renderJson(report);
  if (format === "markdown") return renderMarkdown(report);
  if (format === "html") return renderHtml(report);
  return renderText(report, { colour: wantsColour(terminal), width: textWidthOf(terminal), all });
}
