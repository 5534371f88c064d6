/** What a ClientHello says, RFC 8446 section 4.1.2. */
export interface ClientHello {
  /** Highest version offered: the greatest of supported_versions, else legacy_version. */
  readonly version: number;
  /** 32 bytes in hexadecimal; the name a key log knows the session by. */
  readonly random: string;
  /** Session id in hexadecimal, empty if none: a client that has one asks to resume, but for TLS 1.3's, which is made up. */
  readonly sessionId: string;
  readonly cipherSuites: readonly number[];
  /** server_name (RFC 6066); null where the extension is absent. */
  readonly serverName: string | null;
  /** Key of the session ticket that is offered (RFC 5077); null if none. */
  readonly ticket: string | null;
}

/** What a ServerHello says, RFC 8446 section 4.1.3. */
export interface ServerHello {
  /** Version agreed on: supported_versions if there, else legacy_version. */
  readonly version: number;
  readonly random: string;
  readonly sessionId: string;
  readonly cipherSuite: number;
  /** It is a HelloRetryRequest: the client is to say hello again. */
  readonly retry: boolean;
  /** pre_shared_key was accepted: a resumed session of TLS 1.3. */
  readonly preSharedKey: boolean;
}

const RANDOM = 32;
const MAX_SESSION_ID = 32;
const MAX_EXTENSIONS = 200;
const EXTENSION = { serverName: 0, sessionTicket: 35, preSharedKey: 41, supportedVersions: 43 } as const;
/** SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3. */
const RETRY_RANDOM = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A ticket by its first and last 16 bytes, in hexadecimal. */
export function ticketKey(ticket: Uint8Array): string {
  return `${hexText(ticket.subarray(0, 16))}${hexText(ticket.subarray(-16))}`;
}

export function hexText(bytes: Uint8Array): string {
  // Joined, not added up: what was added up is kept as a tree of its pieces.
  const digits: string[] = [];
  for (let at = 0; at < bytes.length; at++) digits.push(HEX[bytes[at]!]!);
  return digits.join("");
}

/** The body of a ClientHello message; null where it is none. A list that was cut off is read as far as it goes. */
export function decodeClientHello(body: Uint8Array): ClientHello | null {
  const head = helloHead(body);
  if (!head) return null;
  const suitesAt = head.end + 2;
  const suitesEnd = suitesAt + u16(body, head.end);
  if (suitesEnd > body.length || suitesEnd === suitesAt || (suitesEnd - suitesAt) % 2 !== 0) return null;
  const cipherSuites: number[] = [];
  for (let at = suitesAt; at < suitesEnd; at += 2) cipherSuites.push(u16(body, at));
  let [version, serverName, ticket] = [head.version, null as string | null, null as string | null];
  eachExtension(body, suitesEnd + 1 + (body[suitesEnd] ?? 0), (type, at, end) => {
    if (type === EXTENSION.serverName) serverName ??= readServerName(body, at, end);
    else if (type === EXTENSION.sessionTicket && end > at) ticket = ticketKey(body.subarray(at, end));
    else if (type === EXTENSION.supportedVersions) version = Math.max(version, highestVersion(body, at, end));
  });
  return { version, random: head.random, sessionId: head.sessionId, cipherSuites, serverName, ticket };
}

/** The body of a ServerHello message; null where it is none. */
export function decodeServerHello(body: Uint8Array): ServerHello | null {
  const head = helloHead(body);
  if (!head) return null;
  let [version, preSharedKey] = [head.version, false];
  eachExtension(body, head.end + (head.version >> 8 === 0x7f ? 2 : 3), (type, at, end) => {
    if (type === EXTENSION.supportedVersions && end - at === 2) version = u16(body, at);
    else if (type === EXTENSION.preSharedKey) preSharedKey = true;
  });
  const { random, sessionId } = head;
  return { version, random, sessionId, cipherSuite: u16(body, head.end), retry: random === RETRY_RANDOM, preSharedKey };
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** Version, random and session id, with which both hellos begin; `end` is behind them, with at least two bytes to follow. */
function helloHead(body: Uint8Array): { version: number; random: string; sessionId: string; end: number } | null {
  const at = 2 + RANDOM;
  if (body.length < at + 3) return null;
  const version = u16(body, 0);
  // The ServerHello of TLS 1.3's drafts before the 22nd has no session id.
  const draft = version >> 8 === 0x7f;
  const length = draft ? 0 : body[at]!;
  const end = draft ? at : at + 1 + length;
  if (version >> 8 !== 3 && !draft) return null;
  if (length > MAX_SESSION_ID || end + 2 > body.length) return null;
  return { version, random: hexText(body.subarray(2, at)), sessionId: hexText(body.subarray(at + 1, Math.max(at + 1, end))), end };
}

function eachExtension(body: Uint8Array, from: number, visit: (type: number, at: number, end: number) => void): void {
  if (from + 2 > body.length) return;
  const last = Math.min(body.length, from + 2 + u16(body, from));
  let at = from + 2;
  for (let count = 0; count < MAX_EXTENSIONS && at + 4 <= last; count++) {
    const end = at + 4 + u16(body, at + 2);
    if (end > last) return;
    visit(u16(body, at), at + 4, end);
    at = end;
  }
}

/** The first host_name of a server_name extension, RFC 6066 section 3. */
function readServerName(body: Uint8Array, at: number, end: number): string | null {
  if (end - at < 5 || body[at + 2] !== 0) return null;
  const length = u16(body, at + 3);
  if (length === 0 || length > 255 || at + 5 + length > end) return null;
  let name = "";
  for (const byte of body.subarray(at + 5, at + 5 + length)) name += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  return name.toLowerCase();
}

/** The greatest version a supported_versions list names, GREASE (RFC 8701) left out; drafts of TLS 1.3 count as it. */
function highestVersion(body: Uint8Array, at: number, end: number): number {
  let highest = 0;
  for (let entry = at + 1; entry + 2 <= Math.min(end, at + 1 + (body[at] ?? 0)); entry += 2) {
    const version = u16(body, entry);
    if (version >> 8 === 3) highest = Math.max(highest, version);
    else if (version >> 8 === 0x7f) highest = Math.max(highest, 0x0304);
  }
  return highest;
}
