import { ipv4Text, ipv6Text } from "../bytes/address.ts";

/** RFC 8489 section 5, in the first four bytes of the transaction id since RFC 5389. */
const MAGIC_COOKIE = 0x2112a442;
/** [MS-TURN] section 2.2.2.1: an attribute that comes first, in front of all others. */
const MS_COOKIE_ATTRIBUTE = 0x000f;
const MS_COOKIE = 0x72c64bc6;
/** [MS-TURN] section 2.2.1: the type of its data indication does not follow RFC 5389's scheme of classes. */
const MS_DATA_INDICATION = 0x0115;
const HEADER = 20;
/** Attributes looked at; real messages have a dozen. */
const MAX_ATTRIBUTES = 64;
/** Longest reason phrase: 127 characters, RFC 8489 section 14.8. */
const MAX_REASON = 763;

export const STUN_METHODS = [
  "binding",
  "shared_secret",
  "allocate",
  "refresh",
  "send",
  "data",
  "set_active_destination",
  "create_permission",
  "channel_bind",
  "other",
] as const;
export type StunMethod = (typeof STUN_METHODS)[number];

/** RFC 8489 section 18.2 and RFC 8656 section 17; 5 is [MS-TURN]'s data, 6 RFC 8656's send or [MS-TURN]'s set active destination. */
const METHODS: Readonly<Record<number, StunMethod>> = {
  1: "binding",
  2: "shared_secret",
  3: "allocate",
  4: "refresh",
  5: "data",
  6: "set_active_destination",
  7: "data",
  8: "create_permission",
  9: "channel_bind",
};

export interface StunAddress {
  readonly ip: string;
  readonly port: number;
}

/** A message of STUN (RFC 5389, RFC 8489), of TURN (RFC 5766) or of Microsoft's TURN ([MS-TURN]), and what its attributes say. */
export interface StunMessage {
  readonly class: "request" | "indication" | "success" | "error";
  readonly method: StunMethod;
  /** All 16 bytes after the length, hexadecimal. */
  readonly transaction: string;
  /** Its first attribute is [MS-TURN]'s cookie. */
  readonly microsoft: boolean;
  /** ERROR-CODE: 401, 438 …; null if there is none. */
  readonly errorCode: number | null;
  readonly reason: string | null;
  /** Where the server saw the request come from. */
  readonly mapped: StunAddress | null;
  /** The address a server gave as relay. */
  readonly relayed: StunAddress | null;
}

/** Whether the bytes from `at` to `end` are a message by their cookie, whatever the port. Cheap: called for every UDP packet. */
export function isStun(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER || bytes[at]! > 0x3f) return false;
  if (u32(bytes, at + 4) === MAGIC_COOKIE) return true;
  return end - at >= HEADER + 8 && startsWithMicrosoftCookie(bytes, at + HEADER);
}

/**
 * Reads the message from `at` to `end`; null where the bytes are none. A message without either cookie (RFC 3489) counts only if its
 * length is that of the datagram, `length`, which may be longer than what was captured.
 */
export function decodeStun(bytes: Uint8Array, at: number, end: number, length: number): StunMessage | null {
  if (end - at < HEADER || bytes[at]! > 0x3f) return null;
  const type = u16(bytes, at);
  const body = u16(bytes, at + 2);
  if (!isStun(bytes, at, end) && body + HEADER !== length) return null;
  const kind = classOf(type);
  const method = methodOf(type);
  if (method === "other" && u32(bytes, at + 4) !== MAGIC_COOKIE) return null;
  const message = {
    class: kind,
    method,
    transaction: hexOf(bytes, at + 4, 16),
    microsoft: end - at >= HEADER + 8 && startsWithMicrosoftCookie(bytes, at + HEADER),
    errorCode: null,
    reason: null,
    mapped: null,
    relayed: null,
  };
  return readAttributes(message, bytes, at, Math.min(end, at + HEADER + body));
}

/** RFC 8489 section 5: the class in bits 4 and 8 of the type; RFC 3489 and [MS-TURN] use the same numbers. */
function classOf(type: number): StunMessage["class"] {
  if (type === MS_DATA_INDICATION) return "indication";
  return (["request", "indication", "success", "error"] as const)[((type >> 4) & 1) | ((type >> 7) & 2)]!;
}

function methodOf(type: number): StunMethod {
  const number = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
  if (number === 6 && classOf(type) === "indication") return "send";
  return METHODS[number] ?? "other";
}

function readAttributes(message: StunMessage, bytes: Uint8Array, start: number, end: number): StunMessage {
  const found: { -readonly [K in keyof StunMessage]: StunMessage[K] } = { ...message };
  let plain: StunAddress | null = null;
  let at = start + HEADER;
  for (let n = 0; n < MAX_ATTRIBUTES && at + 4 <= end; n++) {
    const [type, length] = [u16(bytes, at), u16(bytes, at + 2)];
    const value = at + 4;
    if (value + length > end) break;
    if (type === 0x0009 && length >= 4) {
      found.errorCode = (bytes[value + 2]! & 0x07) * 100 + bytes[value + 3]!;
      found.reason = phrase(bytes, value + 4, length - 4);
    } else if (type === 0x0001) plain = address(bytes, value, length, null);
    else if (type === 0x0020 || type === 0x8020) found.mapped = address(bytes, value, length, start + 4);
    else if (type === 0x0016) found.relayed = address(bytes, value, length, start + 4);
    // Attributes are padded to four bytes, RFC 8489 section 14.
    at = value + ((length + 3) & ~3);
  }
  // [MS-TURN] section 2.2.2.3: MAPPED-ADDRESS of an allocate response is the relay; elsewhere it is RFC 3489's mapped address.
  if (found.method === "allocate" && found.microsoft) found.relayed ??= plain;
  else found.mapped ??= plain;
  return found;
}

/** MAPPED-ADDRESS, or XOR-MAPPED-ADDRESS where the place of the transaction id says what with (RFC 8489 sections 14.1 and 14.2). */
function address(bytes: Uint8Array, at: number, length: number, mask: number | null): StunAddress | null {
  const family = bytes[at + 1];
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0 || length < 4 + size) return null;
  const port = u16(bytes, at + 2) ^ (mask === null ? 0 : u16(bytes, mask));
  const raw = bytes.slice(at + 4, at + 4 + size);
  if (mask !== null) for (let i = 0; i < size; i++) raw[i]! ^= bytes[mask + i]!;
  return { ip: size === 4 ? ipv4Text(u32(raw, 0)) : ipv6Text(raw), port };
}

function phrase(bytes: Uint8Array, at: number, length: number): string | null {
  const text = new TextDecoder().decode(bytes.subarray(at, at + Math.min(length, MAX_REASON)));
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return clean === "" ? null : clean;
}

function startsWithMicrosoftCookie(bytes: Uint8Array, at: number): boolean {
  return u16(bytes, at) === MS_COOKIE_ATTRIBUTE && u16(bytes, at + 2) === 4 && u32(bytes, at + 4) === MS_COOKIE;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function hexOf(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let i = at; i < at + length; i++) text += bytes[i]!.toString(16).padStart(2, "0");
  return text;
}
