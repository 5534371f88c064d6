import { writeOutput } from "../output.ts";
import { formatFor, onto, REPORT_OPTIONS, renderReport } from "../report-options.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

const HOME = "http://127.0.0.1:8080";

export const submit: Verb = {
  name: "submit",
  usage: "<path...>",
  arity: [1, Number.POSITIVE_INFINITY],
  about: "Sends a bundle of evidence to a server and waits for its report",
  details:
    "Paths are as for casebook match. The key is read from a file or from CASEBOOK_KEY, never from the command line, where others could see it. The same bundle under the same rules is not analysed twice. Stopping the command while it waits does not stop the job. Exits 0 when there is a report, 1 when the analysis failed or was cancelled, 2 when it could not be asked for.",
  options: {
    server: { value: "URL", about: `Where the server is; CASEBOOK_URL if not given, else ${HOME}` },
    "key-file": { value: "FILE", about: "File that holds the API key" },
    name: { value: "NAME", about: "Name of the bundle; that of the file or folder if not given" },
    ...REPORT_OPTIONS,
    "no-wait": { about: "Print the job's id and leave" },
    "no-progress": { about: "Draw no progress bar" },
  },
  examples: ["casebook submit outage.zip", "casebook submit outage/ --server https://casebook.example.org --out report.html"],
  async run({ values, switches, positionals }, terminal) {
    const { submitBundle } = await import("../submission.ts");
    const submitted = await submitBundle(positionals, terminal, {
      server: values.server ?? terminal.env.CASEBOOK_URL ?? HOME,
      keyFile: values["key-file"] ?? null,
      name: values.name ?? null,
      progress: !switches.has("no-progress"),
    });
    if (switches.has("no-wait")) {
      await terminal.write(`${submitted.job.id}\n`);
      return EXIT.done;
    }
    const job = await submitted.wait();
    if (job.state !== "done") {
      terminal.complain(`casebook: job ${job.id} ${job.state}${job.error === null ? "" : `: ${job.error}`}\n`);
      return EXIT.found;
    }
    const all = switches.has("all");
    const report = await submitted.report(all);
    await writeOutput([renderReport(report, formatFor(values), all, onto(values, terminal))], values.out, terminal);
    return EXIT.done;
  },
};
