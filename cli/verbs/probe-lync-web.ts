import type { UrlRole } from "../../engine/tables/url-roles.ts";
import { Failure } from "../failure.ts";
import { PROBE_EXITS, PROBE_OPTIONS } from "../probe/options.ts";
import { quote, type Verb } from "../verb.ts";

/** Option, service, and the name it has in a SIP domain where the planning guides fix or suggest one. */
const SERVICES: readonly (readonly [option: string, role: UrlRole, label: string | null])[] = [
  ["web-services", "web_services", null],
  ["meet", "meet", "meet"],
  ["office-web-apps", "office_web_apps", null],
  ["lyncdiscover", "lyncdiscover", "lyncdiscover"],
  ["dialin", "dialin", "dialin"],
];

export const probeLyncWeb: Verb = {
  name: "probe lync-web",
  usage: "<sip-domain...>",
  arity: [1, 20],
  about: "Tests from this machine the web URLs that Lync and Skype for Business publish",
  details: `For each SIP domain it tests lyncdiscover, meet and dialin, and the external web services and Office Web Apps where their names are given; "none" leaves one out. Run it outside the company network. ${PROBE_EXITS}`,
  options: {
    "web-services": { value: "NAME", about: "Name of the external web services, from the topology" },
    "office-web-apps": { value: "NAME", about: "Name of the Office Web Apps farm, from the topology" },
    meet: { value: "NAME", about: "Name of the meeting URL, if not meet.<sip-domain>" },
    dialin: { value: "NAME", about: "Name of the dial-in URL, if not dialin.<sip-domain>" },
    lyncdiscover: { value: "NAME", about: "Name for automatic discovery, if not lyncdiscover.<sip-domain>" },
    ...PROBE_OPTIONS,
  },
  examples: ["casebook probe lync-web contoso.com --web-services webext.contoso.com --out lync-web.jsonl"],
  async run(invocation, terminal) {
    const [{ runProbes }, { probeUrl, readUrl }] = await Promise.all([import("../probe/run-probe.ts"), import("../probe/url-probe.ts")]);
    const { values, positionals } = invocation;
    for (const domain of positionals)
      if (!/^[\w-]+(?:\.[\w-]+)+$/.test(domain)) throw new Failure(`${quote(domain)} is no SIP domain`, "Use contoso.com");
    const tested = SERVICES.flatMap(([option, role, label]) => {
      const given = values[option];
      if (given === "none") return [];
      if (given !== undefined) return [{ role, url: readUrl(given) }];
      return label === null ? [] : positionals.map((domain) => ({ role, url: readUrl(`${label}.${domain}`) }));
    });
    if (tested.length === 0) throw new Failure("probe lync-web: nothing is left to test", "See casebook probe lync-web --help");
    return runProbes(
      invocation,
      terminal,
      tested.map(
        ({ role, url }) =>
          (context) =>
            probeUrl(context, url, role),
      ),
    );
  },
};
