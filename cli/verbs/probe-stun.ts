import { Failure } from "../failure.ts";
import { PROBE_EXITS, PROBE_OPTIONS } from "../probe/options.ts";
import { quote, type Verb } from "../verb.ts";

export const probeStunVerb: Verb = {
  name: "probe stun",
  usage: "<server...>",
  arity: [1, 100],
  about: "Tests from this machine whether STUN/TURN servers answer on UDP, as an A/V Edge Server does on 3478",
  details: `Each is asked for an allocation and for a binding. Any answer shows that it is reached, a refusal for lack of credentials (401, 438) too. ${PROBE_EXITS}`,
  options: PROBE_OPTIONS,
  examples: ["casebook probe stun av.contoso.com --out stun.jsonl"],
  async run(invocation, terminal) {
    const [{ runProbes }, { probeStun, readStunServer }] = await Promise.all([
      import("../probe/run-probe.ts"),
      import("../probe/stun-probe.ts"),
    ]);
    const servers = invocation.positionals.map((text) => {
      const server = readStunServer(text);
      if (!server) throw new Failure(`${quote(text)} is no server`, "Use av.contoso.com, av.contoso.com:3478 or [2001:db8::1]:3478");
      return server;
    });
    return runProbes(
      invocation,
      terminal,
      servers.map((server) => (context) => probeStun(context, server)),
    );
  },
};
