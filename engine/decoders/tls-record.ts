/** Content types of TLS records, RFC 8446 section 5.1. */
export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

/** Bytes of a record header. */
export const RECORD_HEADER = 5;
/** What a record may hold at most: 2^14 bytes and the 2048 that encryption may add, RFC 5246 section 6.2.3. */
const MAX_FRAGMENT = (1 << 14) + 2048;

/** TLS record header, RFC 8446 section 5.1. */
export interface TlsRecord {
  readonly type: number;
  /** Legacy record version, `0x0301`. */
  readonly version: number;
  /** Bytes of the fragment behind the header, as announced. */
  readonly length: number;
}

/** The record header at `at`, or null where the bytes are no TLS record or end before the header does. */
export function decodeTlsRecord(bytes: Uint8Array, at: number, end: number): TlsRecord | null {
  if (end - at < RECORD_HEADER) return null;
  const type = bytes[at]!;
  const version = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  if (type < ContentType.changeCipherSpec || type > ContentType.heartbeat || version >> 8 !== 3 || (version & 0xff) > 4) return null;
  return length <= MAX_FRAGMENT ? { type, version, length } : null;
}

/** SSL 2.0 CLIENT-HELLO that announces SSL 3.0 or later, RFC 5246 appendix E.2. */
export interface Sslv2Hello {
  /** Version offered, `0x0301`; `0x0002` for a client that knows only SSL 2.0. */
  readonly version: number;
  /** Bytes the hello takes, its two length bytes included. */
  readonly length: number;
  /** Cipher suites that SSL 3.0 and TLS know. */
  readonly cipherSuites: readonly number[];
}

/** The SSL 2.0 style hello at `at`, or null where there is none. */
export function decodeSslv2Hello(bytes: Uint8Array, at: number, end: number): Sslv2Hello | null {
  if (end - at < 11 || (bytes[at]! & 0x80) === 0 || bytes[at + 2] !== 1) return null;
  const word = (offset: number) => (bytes[at + offset]! << 8) | bytes[at + offset + 1]!;
  const [version, specs, session, challenge] = [word(3), word(5), word(7), word(9)];
  const length = 2 + (word(0) & 0x7fff);
  if (version !== 2 && (version < 0x0300 || version > 0x0304)) return null;
  if (specs % 3 !== 0 || specs === 0 || challenge < 16 || challenge > 32 || 11 + specs + session + challenge !== length) return null;
  const cipherSuites: number[] = [];
  for (let spec = at + 11; spec + 3 <= Math.min(end, at + 11 + specs); spec += 3)
    if (bytes[spec] === 0) cipherSuites.push((bytes[spec + 1]! << 8) | bytes[spec + 2]!);
  return { version, length, cipherSuites };
}

const VERSIONS: Readonly<Record<number, string>> = {
  2: "SSL 2.0",
  768: "SSL 3.0",
  769: "TLS 1.0",
  770: "TLS 1.1",
  771: "TLS 1.2",
  772: "TLS 1.3",
};

/** `TLS 1.2` of 0x0303. TLS 1.3's drafts (0x7f00 and on) count as TLS 1.3; null for anything else. */
export function tlsVersionName(version: number): string | null {
  return VERSIONS[version] ?? (version >> 8 === 0x7f ? "TLS 1.3" : null);
}
