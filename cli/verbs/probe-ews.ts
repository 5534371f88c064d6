import { Failure } from "../failure.ts";
import { PROBE_EXITS, PROBE_OPTIONS } from "../probe/options.ts";
import { quote, type Verb } from "../verb.ts";

/** The environment, not the command line: that stands in lists of processes and histories. */
const PASSWORD = "CASEBOOK_PROBE_PASSWORD";

export const probeEwsVerb: Verb = {
  name: "probe ews",
  usage: "<mail-address>",
  arity: [1, 1],
  about: "Asks Exchange's Autodiscover for the external URL of Exchange Web Services and calls it, as Lync's client does",
  details: `With --user, the password is taken from the environment variable ${PASSWORD} and sent by Basic authentication, over TLS, to servers of the mail domain and those named here only; it never stands in the evidence. Without it a server that asks for credentials leaves open whether it knows the URL. ${PROBE_EXITS}`,
  options: {
    user: { value: "NAME", about: "Who asks: CONTOSO\\user or user@contoso.com" },
    autodiscover: { value: "URL", about: "Ask Autodiscover here instead of at the usual places of the mail domain" },
    url: { value: "URL", about: "Call this URL of Exchange Web Services without asking Autodiscover" },
    ...PROBE_OPTIONS,
  },
  examples: [`casebook probe ews user@contoso.com --user CONTOSO\\user --out ews.jsonl`],
  async run(invocation, terminal) {
    const [{ runProbes }, { probeEws }, { readUrl }] = await Promise.all([
      import("../probe/run-probe.ts"),
      import("../probe/ews-probe.ts"),
      import("../probe/url-probe.ts"),
    ]);
    const { values, positionals } = invocation;
    const address = positionals[0]!;
    if (!/^[^\s@]{1,64}@[\w-]+(?:\.[\w-]+)*$/.test(address))
      throw new Failure(`${quote(address)} is no mail address`, "Use user@contoso.com");
    const password = terminal.env[PASSWORD];
    if (values.user !== undefined && password === undefined)
      throw new Failure(`--user needs the environment variable ${PASSWORD}`, "Set it to the password");
    const question = {
      address,
      credentials: values.user === undefined ? null : `${values.user}:${password}`,
      autodiscover: values.autodiscover === undefined ? null : readUrl(values.autodiscover),
      ews: values.url === undefined ? null : readUrl(values.url),
    };
    return runProbes(invocation, terminal, [(context) => probeEws(context, question)]);
  },
};
