import { PROBE_EXITS, PROBE_OPTIONS } from "../probe/options.ts";
import type { Verb } from "../verb.ts";

export const probeUrlVerb: Verb = {
  name: "probe url",
  usage: "<url...>",
  arity: [1, 100],
  about: "Tests from this machine how far it comes in reaching URLs: name, TCP, TLS, certificate, HTTP",
  details: `A name without a scheme is taken as https. ${PROBE_EXITS}`,
  options: PROBE_OPTIONS,
  examples: ["casebook probe url https://meet.contoso.com/ --out meet.jsonl"],
  async run(invocation, terminal) {
    const [{ runProbes }, { probeUrl, readUrl }] = await Promise.all([import("../probe/run-probe.ts"), import("../probe/url-probe.ts")]);
    const urls = invocation.positionals.map(readUrl);
    return runProbes(
      invocation,
      terminal,
      urls.map((url) => (context) => probeUrl(context, url)),
    );
  },
};
