import { uuidText } from "./uuid.ts";

/** Octets of the header all connection-oriented PDUs begin with, C706 section 12.6.1. */
export const RPC_HEADER = 16;

/** PDU types, C706 section 12.6.1 and MS-RPCE section 2.2.2. */
export const RpcType = {
  request: 0,
  response: 2,
  fault: 3,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextResponse: 15,
  auth3: 16,
  shutdown: 17,
  coCancel: 18,
  orphaned: 19,
} as const;

const TYPES = new Set<number>(Object.values(RpcType));
const FIRST_FRAGMENT = 1;
const LAST_FRAGMENT = 2;
const OBJECT_UUID = 0x80;
/** Octets of the security trailer in front of the authentication value, MS-RPCE section 2.2.2.11. */
const TRAILER = 8;
/** RPC_C_AUTHN_LEVEL_PKT_PRIVACY: the stub is encrypted. */
const PRIVACY = 6;
/** Presentation contexts and results that are read of one PDU. */
const MAX_CONTEXTS = 64;

/** The header of a connection-oriented PDU. */
export interface RpcHeader {
  readonly type: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly hasObject: boolean;
  /** Integers are little-endian, as those of Windows always are. */
  readonly little: boolean;
  /** Octets of the whole PDU. */
  readonly length: number;
  readonly authLength: number;
  readonly callId: number;
}

/** The header at the start of `bytes`; null if they are not, or not yet, one. */
export function decodeRpcHeader(bytes: Uint8Array): RpcHeader | null {
  if (bytes.length < RPC_HEADER || !looksLikeRpc(bytes)) return null;
  const little = bytes[4]! >>> 4 === 1;
  const [length, authLength] = [word(bytes, 8, little), word(bytes, 10, little)];
  if (length < RPC_HEADER || authLength > length - RPC_HEADER) return null;
  const flags = bytes[3]!;
  return {
    type: bytes[2]!,
    first: (flags & FIRST_FRAGMENT) !== 0,
    last: (flags & LAST_FRAGMENT) !== 0,
    hasObject: (flags & OBJECT_UUID) !== 0,
    little,
    length,
    authLength,
    callId: double(bytes, 12, little),
  };
}

/** Whether the octets that are there fit the fixed part of a header: version 5.0 or 5.1, a known type, ASCII and IEEE floating point. */
export function looksLikeRpc(bytes: Uint8Array): boolean {
  const fits = [
    (byte: number) => byte === 5,
    (byte: number) => byte <= 1,
    (byte: number) => TYPES.has(byte),
    () => true,
    (byte: number) => byte === 0x10 || byte === 0,
    (byte: number) => byte === 0,
    (byte: number) => byte === 0,
    (byte: number) => byte === 0,
  ];
  return fits.every((allows, place) => place >= bytes.length || allows(bytes[place]!));
}

/** A presentation context a client offers: an interface and how its parameters are written. */
export interface RpcContext {
  readonly id: number;
  /** `e1af8308-5d1f-11c9-91a4-08002b14a0fa` */
  readonly uuid: string;
  /** Transfer syntaxes in the order offered. */
  readonly syntaxes: readonly string[];
}

/** Presentation contexts of a bind or alter_context PDU, C706 section 12.6.4.3; those that are there in whole. */
export function decodeRpcContexts(pdu: Uint8Array, little: boolean): RpcContext[] {
  const contexts: RpcContext[] = [];
  const count = Math.min(pdu[24] ?? 0, MAX_CONTEXTS);
  let at = 28;
  while (contexts.length < count && at + 24 <= pdu.length) {
    const [id, transfers] = [word(pdu, at, little), pdu[at + 2]!];
    const uuid = uuidText(pdu, at + 4, little);
    at += 24;
    const syntaxes: string[] = [];
    for (let n = 0; n < transfers && at + 20 <= pdu.length; n++, at += 20) syntaxes.push(uuidText(pdu, at, little));
    contexts.push({ id, uuid, syntaxes });
  }
  return contexts;
}

/** The transfer syntax the server took for each context, in their order, of a bind_ack or alter_context_resp PDU, C706 section 12.6.4.4; null where it refused. */
export function decodeRpcResults(pdu: Uint8Array, little: boolean): (string | null)[] {
  if (pdu.length < 26) return [];
  // The secondary address is a port or a pipe as text; the list stands behind it at the next multiple of 4.
  const list = (26 + word(pdu, 24, little) + 3) & ~3;
  const results: (string | null)[] = [];
  const count = Math.min(pdu[list] ?? 0, MAX_CONTEXTS);
  for (let at = list + 4; results.length < count && at + 24 <= pdu.length; at += 24)
    results.push(word(pdu, at, little) === 0 ? uuidText(pdu, at + 4, little) : null);
  return results;
}

/** What a request, response or fault PDU carries. */
export interface RpcBody {
  readonly contextId: number;
  /** Operation number of a request, 0 otherwise. */
  readonly opnum: number;
  /** Status of a fault, 0 otherwise. */
  readonly status: number;
  /** Parameters as the transfer syntax writes them, of this fragment; null if they are encrypted or cut off. */
  readonly stub: Uint8Array | null;
}

/** The body of a request, response or fault PDU that is there in whole, C706 sections 12.6.4.9, 12.6.4.10 and 12.6.4.7; null if it is too short. */
export function decodeRpcBody(pdu: Uint8Array, { type, little, hasObject, authLength }: RpcHeader): RpcBody | null {
  const start = type === RpcType.request ? (hasObject ? 40 : 24) : type === RpcType.fault ? 32 : 24;
  if (pdu.length < start) return null;
  let end = pdu.length;
  let encrypted = false;
  if (authLength > 0) {
    const trailer = pdu.length - authLength - TRAILER;
    if (trailer < start) return null;
    encrypted = pdu[trailer + 1] === PRIVACY;
    end = Math.max(start, trailer - pdu[trailer + 2]!);
  }
  return {
    contextId: word(pdu, 20, little),
    opnum: type === RpcType.request ? word(pdu, 22, little) : 0,
    status: type === RpcType.fault ? double(pdu, 24, little) : 0,
    stub: encrypted ? null : pdu.subarray(start, end),
  };
}

function word(bytes: Uint8Array, at: number, little: boolean): number {
  const [low, high] = little ? [bytes[at]!, bytes[at + 1]!] : [bytes[at + 1]!, bytes[at]!];
  return (high << 8) | low;
}

function double(bytes: Uint8Array, at: number, little: boolean): number {
  const [low, high] = little ? [word(bytes, at, true), word(bytes, at + 2, true)] : [word(bytes, at + 2, false), word(bytes, at, false)];
  return ((high << 16) | low) >>> 0;
}
