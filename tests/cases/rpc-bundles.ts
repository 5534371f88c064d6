import type { CapturedFrame, Endpoint } from "../support/capture-writer.ts";
import {
  bind,
  bindAck,
  bindNak,
  createInstanceAnswer,
  createInstanceRequest,
  EPM,
  eptMapAnswer,
  eptMapRequest,
  MAPI,
  request,
  response,
  SCM_ACTIVATOR,
  tower,
  WMI,
} from "../support/rpc-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

/** A conversation of whole messages, each acknowledged by the next. */
function converse(taps: TwoTaps, client: Endpoint, server: Endpoint, start: number, messages: readonly Uint8Array[]): number {
  const session = new SessionScript(taps, client, server, { client: 2_250_000_000 + 7 * Math.round(start), server: 1_315_000_000 });
  session.open(start);
  for (const [n, payload] of messages.entries())
    session.after(taps.oneWay + 0.004, n % 2 === 0 ? "client" : "server", { flags: "PA", payload });
  session.after(taps.oneWay + 0.002, "client");
  return session.close(session.now + 0.05);
}

const SITE_SERVER = "192.0.2.149";
const PC = "198.51.100.230";
const WMI_PORT = 49712;

/** What becomes of the site server's SYNs to the port that the PC names for WMI. */
type Fate = "vanish" | "refused" | "answered" | "arrive" | "vanish to another port";

function clientPush(folder: string, fate: Fate, sides: readonly ("site-server" | "pc")[], write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.0015, skew: 3.8 });
  for (let n = 0; n < 5; n++) healthySession(taps, `${SITE_SERVER}:${51700 + n}`, `${PC}:445`, 3 * n);
  const bindings = [
    [0x0f, "\\\\PC230[\\PIPE\\atsvc]"],
    [7, `PC230[${WMI_PORT}]`],
    [7, `${PC}[${WMI_PORT}]`],
  ] as const;
  converse(taps, `${SITE_SERVER}:51763`, `${PC}:135`, 16, [
    bind(3, SCM_ACTIVATOR),
    bindAck(3),
    request(3, 4, createInstanceRequest(WMI)),
    response(3, createInstanceAnswer(bindings), { auth: new Uint8Array(16) }),
  ]);
  const port = fate === "vanish to another port" ? 8530 : WMI_PORT;
  const [from, to] = [`${SITE_SERVER}:51785`, `${PC}:${port}`];
  if (fate === "answered")
    converse(taps, from, to, 18, [bind(1, "9556dc99-828c-11cf-a37e-00aa003240c7"), bindAck(1, undefined, String(port))]);
  else {
    const attempt = new SessionScript(taps, from, to, { client: 1_764_982_397, server: 0 });
    const options = { mss: 1460, windowShift: 8, sackPermitted: true };
    for (const after of fate === "refused" ? [0, 0.5, 1] : [0, 3, 9]) {
      attempt.send("client", 18 + after, { flags: "S", options, lost: fate.startsWith("vanish"), again: after > 0 });
      if (fate === "refused") attempt.send("server", 18 + after + 0.0016, { flags: "RA" });
    }
  }
  for (let n = 0; n < 5; n++) healthySession(taps, `${SITE_SERVER}:${51800 + n}`, `${PC}:445`, 24 + 3 * n);
  if (sides.includes("site-server")) write(`${folder}/bundle/site-server.pcapng`, taps.frames("client"));
  if (sides.includes("pc")) write(`${folder}/bundle/pc.pcapng`, taps.frames("server"));
}

const GATEWAY = "192.0.2.1";
const VIRTUAL = "198.51.100.2";

/** The gateway's own capture: it asks the virtual address of a mail server array where MAPI is, and gets `named`. */
function mapiLookUp(folder: string, named: string, goesOn: boolean, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.0008 });
  for (let n = 0; n < 3; n++) healthySession(taps, `${GATEWAY}:${33600 + n}`, `${VIRTUAL}:443`, 2 * n);
  const stub = eptMapAnswer([tower(MAPI, 41376, named)]);
  converse(taps, `${GATEWAY}:33654`, `${VIRTUAL}:135`, 8, [
    bind(1, EPM),
    bindAck(1),
    request(2, 3, eptMapRequest(MAPI)),
    response(2, stub),
  ]);
  if (goesOn) converse(taps, `${GATEWAY}:33655`, `${VIRTUAL}:41376`, 9, [bind(1, MAPI), bindAck(1, undefined, "41376")]);
  write(`${folder}/bundle/gateway.pcapng`, taps.frames("client"));
}

/** The client's side: its bind is refused with 24 bytes, and it closes. */
function refusedBind(folder: string, sides: readonly ("client" | "server")[], write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.02, skew: 1.1 });
  for (let n = 0; n < 3; n++) healthySession(taps, `203.0.113.76:${61500 + n}`, `${VIRTUAL}:443`, 2 * n);
  converse(taps, "203.0.113.76:61581", `${VIRTUAL}:135`, 8, [bind(1, EPM), bindNak(1)]);
  for (const side of sides) write(`${folder}/bundle/${side}.pcapng`, taps.frames(side));
}

/** What a capture at a DirectAccess client shows: the tunnel, and nothing of what is in it. */
function tunnel(folder: string, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.02 });
  for (let n = 0; n < 4; n++) healthySession(taps, `203.0.113.76:${61500 + n}`, "198.51.100.20:443", 3 * n, 5);
  write(`${folder}/bundle/tunnel.pcapng`, taps.frames("client"));
}

/** Bundles of the cases that rest on RPC endpoints. */
export function rpcBundles(write: Write): void {
  const push = (name: string) => `cases/sccm-client-push-wmi-port-blocked/${name}`;
  const both = ["site-server", "pc"] as const;
  clientPush(push("generated"), "vanish", both, write);
  clientPush(push("site-server-only"), "vanish", ["site-server"], write);
  clientPush(push("pc-only"), "vanish", ["pc"], write);
  clientPush(push("refused"), "refused", both, write);
  clientPush(push("answered"), "answered", both, write);
  clientPush(push("arrives"), "arrive", both, write);
  clientPush(push("another-port"), "vanish to another port", both, write);
  const mapper = (name: string) => `cases/rpc-endpoint-address-mismatch/${name}`;
  mapiLookUp(mapper("generated"), "198.51.100.7", false, write);
  mapiLookUp(mapper("same-address"), VIRTUAL, false, write);
  mapiLookUp(mapper("caller-goes-on"), "198.51.100.7", true, write);
  mapiLookUp(mapper("client-trace-and-same-address"), VIRTUAL, false, write);
  tunnel(mapper("client-trace-and-tunnel"), write);
  refusedBind(mapper("client-only"), ["client"], write);
  refusedBind(mapper("server-refuses"), ["client", "server"], write);
}
