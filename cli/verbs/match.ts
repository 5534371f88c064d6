import { Failure } from "../failure.ts";
import { writeOutput } from "../output.ts";
import { READING_OPTIONS, RULES_OPTION } from "../reading-options.ts";
import { formatFor, onto, REPORT_OPTIONS, renderReport } from "../report-options.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const match: Verb = {
  name: "match",
  usage: "<path...>",
  arity: [1, Number.POSITIVE_INFINITY],
  about: "Reads a bundle of evidence and says which known case it is",
  details:
    "A path is a capture, a text, an archive (zip, tar, gz, nested too) or a folder; several paths make one bundle. Exits 0 when the bundle could be read, whatever was found in it, and 2 when it could not.",
  options: {
    ...REPORT_OPTIONS,
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
    const format = formatFor(values);
    if (values.explain !== undefined && format !== "text" && format !== "json")
      throw new Failure(`--explain does not go with ${format}`, "Use --format text or --format json");
    const { diagnoseBundle, unreadable } = await import("../diagnosis.ts");
    const diagnosis = await diagnoseBundle(positionals, invocation, terminal, switches.has("all"));
    const onTerminal = onto(values, terminal);
    const { explanationDocument, explanationOf, explanationText } = await import("../explanation.ts");
    const explanation = values.explain === undefined ? null : explanationOf(diagnosis, values.explain);
    const pieces = [
      renderReport(
        explanation && format === "json"
          ? { ...diagnosis.report, explanation: explanationDocument(diagnosis, explanation) }
          : diagnosis.report,
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
