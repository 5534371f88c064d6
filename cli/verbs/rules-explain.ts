import { READING_OPTIONS, RULES_OPTION } from "../reading-options.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const rulesExplain: Verb = {
  name: "rules explain",
  usage: "<id> <path...>",
  arity: [2, Number.POSITIVE_INFINITY],
  about: "Says why a rule came to its verdict on a bundle, query by query",
  details:
    "For each piece of evidence: the rows considered, how many each predicate left, how many belong together with the rest, and the nearest miss where none was left.",
  options: { json: { about: "Write JSON" }, ...RULES_OPTION, ...READING_OPTIONS },
  examples: ["casebook rules explain tcp-segments-lost-in-transit client.pcapng server.pcapng"],
  async run(invocation, terminal) {
    const { diagnoseBundle, unreadable } = await import("../diagnosis.ts");
    const { explanationDocument, explanationOf, explanationText } = await import("../explanation.ts");
    const [id, ...paths] = invocation.positionals;
    const diagnosis = await diagnoseBundle(paths, invocation, terminal, true);
    const explanation = explanationOf(diagnosis, id!);
    await terminal.write(
      invocation.switches.has("json")
        ? `${JSON.stringify(explanationDocument(diagnosis, explanation), null, 2)}\n`
        : explanationText(diagnosis, explanation, terminal),
    );
    const problem = unreadable(diagnosis);
    if (problem) throw problem;
    return EXIT.done;
  },
};
