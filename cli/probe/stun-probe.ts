import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { resolveName } from "./connect.ts";
import { beginStep, networkProblem, type ProbeContext, type ProbeTarget, within } from "./step.ts";

const DEFAULT_PORT = 3478;
/** RFC 8489 section 5. */
const MAGIC_COOKIE = 0x2112a442;
const [BINDING_REQUEST, ALLOCATE_REQUEST] = [0x0001, 0x0003];
/** Attributes: REQUESTED-TRANSPORT of RFC 8656; the cookie and version that Lync's relays ask for, MS-TURN sections 2.2.2.9 and 2.2.2.17. */
const [REQUESTED_TRANSPORT, MS_COOKIE, MS_VERSION, ERROR_CODE] = [0x0019, 0x000f, 0x8008, 0x0009];
/** When requests are repeated, milliseconds after the first: RTO of 500 ms, doubled (RFC 8489 section 6.2.1). */
const REPEATS = [500, 1500, 3500, 7500];

/** A server as people give it: `av.contoso.com`, `av.contoso.com:3478`, `[2001:db8::1]:3478`. */
export function readStunServer(text: string): ProbeTarget | null {
  const field = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[\w.-]+))(?::(?<port>\d{1,5}))?$/i.exec(text)?.groups;
  const port = Number(field?.port ?? DEFAULT_PORT);
  const name = field?.v6 ?? field?.name ?? (isIPv6(text) ? text : undefined);
  if (name === undefined || port === 0 || port > 65535) return null;
  return { kind: "stun", target: text, name: name.toLowerCase(), port, transport: "udp" };
}

/** Asks a STUN/TURN server for an allocation and for a binding; any answer, a refusal too, shows that it is reached. */
export async function probeStun(context: ProbeContext, target: ProbeTarget): Promise<void> {
  const [ip] = await resolveName(context, target);
  context.signal.throwIfAborted();
  if (ip === undefined) return;
  const end = beginStep(context, target);
  try {
    const answer = await ask(ip, target.port!, context);
    end({ step: "stun", outcome: "passed", ip, ...(answer.status !== null && { status: answer.status }), detail: answer.words });
  } catch (error) {
    context.signal.throwIfAborted();
    end({ step: "stun", outcome: "failed", ip, ...networkProblem(error) });
  }
}

interface StunAnswer {
  readonly status: number | null;
  readonly words: string;
}

async function ask(ip: string, port: number, { timeout, signal }: ProbeContext): Promise<StunAnswer> {
  const requests = [ALLOCATE_REQUEST, BINDING_REQUEST].map((type) => ({ type, id: randomBytes(12) }));
  const socket = createSocket({ type: isIPv6(ip) ? "udp6" : "udp4", signal });
  const timers: NodeJS.Timeout[] = [];
  const answered = new Promise<StunAnswer>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (message) => {
      const answer = requests.map(({ type, id }) => readAnswer(message, type, id)).find((one) => one !== null);
      if (answer) resolve(answer);
    });
    // Connected, so that refusals of the network are heard and nobody else's datagrams are taken for answers.
    socket.connect(port, ip, () => {
      const send = () => {
        // "Port unreachable" comes back with what is sent next.
        for (const { type, id } of requests) socket.send(stunRequest(type, id), (error) => error && reject(error));
      };
      send();
      timers.push(...REPEATS.filter((after) => after < timeout).map((after) => setTimeout(send, after)));
    });
  });
  try {
    return await within(answered, timeout);
  } finally {
    answered.catch(() => {});
    for (const timer of timers) clearTimeout(timer);
    socket.removeAllListeners("message").on("error", () => {});
    if (!signal.aborted) socket.close();
  }
}

/** The request on the wire; Lync's cookie goes first, as its servers demand. */
export function stunRequest(type: number, id: Uint8Array): Buffer {
  const attributes =
    type === ALLOCATE_REQUEST
      ? Buffer.concat([attribute(MS_COOKIE, 0x72c64bc6), attribute(MS_VERSION, 0x00000004), attribute(REQUESTED_TRANSPORT, 17 << 24)])
      : Buffer.alloc(0);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(attributes.length, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([header, id, attributes]);
}

function attribute(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(4, 2);
  bytes.writeUInt32BE(value >>> 0, 4);
  return bytes;
}

/** What an answer to this request says; null for any other datagram. */
export function readAnswer(message: Buffer, type: number, id: Uint8Array): StunAnswer | null {
  if (message.length < 20 || !message.subarray(8, 20).equals(id)) return null;
  const got = message.readUInt16BE(0);
  // Bits 4 and 8 are the class: success 0x0100, error 0x0110.
  if ((got & ~0x0110) !== type || (got & 0x0100) === 0) return null;
  const method = type === ALLOCATE_REQUEST ? "Allocate" : "Binding";
  if ((got & 0x0010) === 0) return { status: null, words: `${method} success response` };
  const status = errorCode(message);
  return { status, words: `${method} error response${status === null ? "" : ` ${status}`}` };
}

function errorCode(message: Buffer): number | null {
  for (let at = 20; at + 4 <= message.length; ) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)];
    if (type === ERROR_CODE && length >= 4 && at + 8 <= message.length) return (message[at + 6]! & 7) * 100 + message[at + 7]!;
    at += 4 + ((length + 3) & ~3);
  }
  return null;
}
