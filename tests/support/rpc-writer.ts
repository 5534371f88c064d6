import { parseIpv4 } from "../../engine/bytes/address.ts";
import { concat, hex, u8, u32 } from "./frame-writer.ts";

/** Little-endian words, as Windows writes them. */
export const le16 = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value, value >>> 8]));
export const le32 = (...values: number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => [value, value >>> 8, value >>> 16, value >>> 24]));
const le64 = (value: number): Uint8Array => le32(value, 0);

const aligned = (bytes: Uint8Array, to = 4): Uint8Array => concat(bytes, new Uint8Array((to - (bytes.length % to)) % to));

export const EPM = "e1af8308-5d1f-11c9-91a4-08002b14a0fa";
export const SCM_ACTIVATOR = "000001a0-0000-0000-c000-000000000046";
export const OBJECT_EXPORTER = "99fcfec4-5260-101b-bbcb-00aa0021347a";
export const MAPI = "a4f1db00-ca47-1067-b31f-00dd010662da";
export const WMI = "8bc3f05e-d86b-11d0-a075-00c04fb68820";
export const NDR32 = "8a885d04-1ceb-11c9-9fe8-08002b104860";
export const NDR64 = "71710533-beba-4937-8319-b5dbef9ccc36";

/** The 16 octets of a UUID, its first three fields little-endian. */
export function uuid(text: string): Uint8Array {
  const bytes = hex(text.replaceAll("-", ""));
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (from) => bytes[from]!);
}

/** A connection-oriented PDU around `body`; `flags` 3 is a whole one. */
export function pdu(
  type: number,
  callId: number,
  body: Uint8Array,
  { flags = 3, auth = u8() }: { flags?: number; auth?: Uint8Array } = {},
): Uint8Array {
  const padding = auth.length > 0 ? (4 - (body.length % 4)) % 4 : 0;
  // Packet integrity: the stub can be read, a signature follows.
  const trailer = auth.length > 0 ? concat(new Uint8Array(padding), u8(10, 5, padding, 0), le32(0), auth) : u8();
  const length = 16 + body.length + trailer.length;
  return concat(u8(5, 0, type, flags, 0x10, 0, 0, 0), le16(length, auth.length), le32(callId), body, trailer);
}

/** bind that offers an interface in one context for each transfer syntax. */
export function bind(callId: number, face: string, syntaxes: readonly string[] = [NDR32]): Uint8Array {
  const contexts = syntaxes.map((syntax, id) => concat(le16(id), u8(1, 0), uuid(face), le16(3, 0), uuid(syntax), le32(2)));
  return pdu(11, callId, concat(le16(5840, 5840), le32(0), u8(syntaxes.length, 0, 0, 0), ...contexts));
}

/** bind_ack that accepts the contexts whose syntax is given and refuses those with null. */
export function bindAck(callId: number, results: readonly (string | null)[] = [NDR32], port = "135"): Uint8Array {
  const address = new TextEncoder().encode(`${port}\0`);
  const list = results.map((syntax) => (syntax ? concat(le16(0, 0), uuid(syntax), le32(2)) : concat(le16(2, 2), new Uint8Array(20))));
  const head = concat(le16(5840, 5840), le32(0xbb15), le16(address.length), address);
  return pdu(12, callId, concat(aligned(head), u8(results.length, 0, 0, 0), ...list));
}

/** bind_nak, 24 octets: the reason and the versions that are supported. */
export function bindNak(callId: number): Uint8Array {
  return pdu(13, callId, concat(le16(4), u8(1, 5, 0, 0, 0, 0)));
}

export function request(callId: number, opnum: number, stub: Uint8Array, context = 0): Uint8Array {
  return pdu(0, callId, concat(le32(stub.length), le16(context, opnum), stub));
}

/** A response, in fragments of at most `most` octets of stub. */
export function response(callId: number, stub: Uint8Array, { most = 5000, auth = u8(), context = 0 } = {}): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < stub.length; at += most) {
    const part = stub.subarray(at, at + most);
    const flags = (at === 0 ? 1 : 0) | (at + most >= stub.length ? 2 : 0);
    pieces.push(pdu(2, callId, concat(le32(stub.length), le16(context), u8(0, 0), part), { flags, auth }));
  }
  return concat(...pieces);
}

/** Tower of an interface over TCP, C706 appendix L. */
export function tower(face: string, port: number, ip: string): Uint8Array {
  const floor = (left: Uint8Array, right: Uint8Array) => concat(le16(left.length), left, le16(right.length), right);
  return concat(
    le16(5),
    floor(concat(u8(0x0d), uuid(face), le16(1)), le16(0)),
    floor(concat(u8(0x0d), uuid(NDR32), le16(2)), le16(0)),
    floor(u8(0x0b), le16(0)),
    floor(u8(0x07), u8(port >>> 8, port)),
    floor(u8(0x09), u32(parseIpv4(ip)!)),
  );
}

/** Parameters of an ept_map call for an interface. */
export function eptMapRequest(face: string): Uint8Array {
  const asked = tower(face, 135, "0.0.0.0");
  return concat(le32(1), new Uint8Array(16), le32(2, asked.length, asked.length), aligned(asked.slice(), 4), new Uint8Array(20), le32(15));
}

/** Parameters of its answer. */
export function eptMapAnswer(towers: readonly Uint8Array[], { wide = false, status = 0 } = {}): Uint8Array {
  const size = wide ? le64 : le32;
  let stub = concat(new Uint8Array(20), le32(towers.length));
  if (wide) stub = aligned(stub, 8);
  stub = concat(stub, size(15), size(0), size(towers.length), ...towers.map((_, n) => size(3 + n)));
  for (const octets of towers) stub = aligned(concat(aligned(stub, wide ? 8 : 4), size(octets.length), le32(octets.length), octets));
  return concat(stub, le32(status));
}

/** A DUALSTRINGARRAY behind its size; bindings with their tower identifier. */
export function dualStringArray(bindings: readonly (readonly [tower: number, address: string])[]): Uint8Array {
  const words = (text: string) => le16(...[...text].map((letter) => letter.charCodeAt(0)), 0);
  const strings = concat(...bindings.map(([id, address]) => concat(le16(id), words(address))), le16(0));
  const security = concat(le16(10, 0xffff, 0), le16(0));
  const entries = (strings.length + security.length) / 2;
  return concat(le32(entries), le16(entries, strings.length / 2), strings, security);
}

const serialized = (body: Uint8Array): Uint8Array => aligned(concat(le32(0x00081001, 0xcccccccc, body.length, 0), body), 8);

/** Activation properties as an OBJREF_CUSTOM behind ORPCTHIS or ORPCTHAT. */
function activation(before: Uint8Array, kind: string, properties: readonly (readonly [clsid: string, body: Uint8Array])[]): Uint8Array {
  const bodies = properties.map(([, body]) => serialized(body));
  const lists = concat(
    le32(bodies.length),
    ...properties.map(([clsid]) => uuid(clsid)),
    le32(bodies.length, ...bodies.map(({ length }) => length)),
  );
  const fixed = (headerSize: number) =>
    concat(le32(0, headerSize, 0, 2, bodies.length), new Uint8Array(16), le32(0x20000, 0x20004, 0), lists);
  const header = serialized(fixed(serialized(fixed(0)).length));
  const blob = concat(header, ...bodies);
  const object = concat(
    new TextEncoder().encode("MEOW"),
    le32(4),
    uuid("000001a2-0000-0000-c000-000000000046"),
    uuid(kind),
    le32(0, blob.length + 8),
    le32(blob.length, 0),
    blob,
  );
  return concat(before, le32(0x20000, object.length, object.length), aligned(object), le32(0));
}

/** Parameters of RemoteCreateInstance for a class. */
export function createInstanceRequest(clsid: string): Uint8Array {
  const before = concat(le16(5, 7), le32(0, 0), new Uint8Array(16), le32(0, 0));
  return activation(before, "00000338-0000-0000-c000-000000000046", [
    ["000001b9-0000-0000-c000-000000000046", new Uint8Array(40)],
    ["000001ab-0000-0000-c000-000000000046", concat(uuid(clsid), le32(0x14, 2, 0))],
  ]);
}

/** Parameters of its answer: the bindings of the object's exporter. */
export function createInstanceAnswer(bindings: readonly (readonly [tower: number, address: string])[]): Uint8Array {
  const scmReply = concat(
    le32(0, 0x106e98),
    new Uint8Array(8),
    le32(0x102ff0),
    new Uint8Array(16),
    le32(4),
    le16(5, 7),
    dualStringArray(bindings),
  );
  return activation(le32(1, 0), "00000339-0000-0000-c000-000000000046", [
    ["00000339-0000-0000-c000-000000000046", new Uint8Array(32)],
    ["000001b6-0000-0000-c000-000000000046", scmReply],
  ]);
}
