import { renderHtml } from "../../engine/report/html.ts";
import { renderJson } from "../../engine/report/json.ts";
import { renderMarkdown } from "../../engine/report/markdown.ts";
import type { Report } from "../../engine/report/report.ts";
import { renderText } from "../../engine/report/text.ts";
import { Failure } from "../failure.ts";
import { writeOutput } from "../output.ts";
import { READING_OPTIONS, RULES_OPTION } from "../reading-options.ts";
import { EXIT, type Terminal, textWidthOf, wantsColour } from "../terminal.ts";
import type { Verb } from "../verb.ts";

const FORMATS = ["text", "json", "markdown", "html"] as const;

/** What `--out report.html` most likely wants. */
const FORMAT_OF_EXTENSION: Readonly<Record<string, string>> = {
  html: "html",
  htm: "html",
  md: "markdown",
  markdown: "markdown",
  json: "json",
};

export const match: Verb = {
  name: "match",
  usage: "<path...>",
  arity: [1, Number.POSITIVE_INFINITY],
  about: "Reads a bundle of evidence and says which known case it is",
  details:
    "A path is a capture, a text, an archive (zip, tar, gz, nested too) or a folder; several paths make one bundle. Exits 0 when the bundle could be read, whatever was found in it, and 2 when it could not.",
  options: {
    format: {
      value: "FORMAT",
      choices: FORMATS,
      about: "How to write the report; if not given, what the name after --out asks for, else text",
    },
    out: { value: "FILE", about: "Write to a file instead of standard output" },
    all: { about: "List every rule with its verdict, not only those that match or may" },
    explain: { value: "RULE", about: "Explain the verdict of one rule after the report, query by query; text and json only" },
    ...RULES_OPTION,
    ...READING_OPTIONS,
  },
  examples: [
    "casebook match client.pcapng server.pcapng",
    "casebook match outage.zip --format html --out report.html",
    "casebook match outage/ --explain tcp-segments-lost-in-transit",
  ],
  async run(invocation, terminal) {
    const { values, switches, positionals } = invocation;
    const format = values.format ?? FORMAT_OF_EXTENSION[values.out?.split(".").at(-1) ?? ""] ?? "text";
    if (values.explain !== undefined && format !== "text" && format !== "json")
      throw new Failure(`--explain does not go with ${format}`, "Use --format text or --format json");
    const { diagnoseBundle, unreadable } = await import("../diagnosis.ts");
    const diagnosis = await diagnoseBundle(positionals, invocation, terminal, switches.has("all"));
    const onTerminal: Terminal = values.out === undefined ? terminal : { ...terminal, columns: null, env: { NO_COLOR: "1" } };
    const { explanationOf, explanationText } = await import("../explanation.ts");
    const explanation = values.explain === undefined ? null : explanationOf(diagnosis, values.explain);
    const pieces = [
      render(
        explanation && format === "json" ? { ...diagnosis.report, explanation } : diagnosis.report,
        format,
        switches.has("all"),
        onTerminal,
      ),
    ];
    if (explanation && format === "text") pieces.push(`\n${explanationText(diagnosis, explanation, onTerminal)}`);
    await writeOutput(pieces, values.out, terminal);
    const problem = unreadable(diagnosis);
    if (problem) throw problem;
    return EXIT.done;
  },
};

function render(report: Report, format: string, all: boolean, terminal: Terminal): string {
  if (format === "json") return renderJson(report);
  if (format === "markdown") return renderMarkdown(report);
  if (format === "html") return renderHtml(report);
  return renderText(report, { colour: wantsColour(terminal), width: textWidthOf(terminal), all });
}
