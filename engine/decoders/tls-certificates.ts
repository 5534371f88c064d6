import { decodeName, type NameAttribute } from "./distinguished-name.ts";

/** Certificates of one message that are looked at. */
const MAX_CHAIN = 20;
/** Names of one list that are kept; 64 KiB hold no more than a few thousand. */
const MAX_AUTHORITIES = 4096;

/** Windows' Schannel sends no more than this of the list and leaves the rest out (Microsoft KB 933430, KB 2801679). */
const SCHANNEL_LIMIT = 16 * 1024;
/** A list that ends this near the limit may have been cut there: no name that still fitted is longer. What counts beside the names differs by version. */
const LIMIT_ROOM = 1024;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const u24 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 16) | u16(bytes, at + 1);

/** The DER certificates of a Certificate message up to TLS 1.2, leaf first, RFC 5246 section 7.4.2; null where the body is none. */
export function decodeCertificates(body: Uint8Array): Uint8Array[] | null {
  if (body.length < 3 || u24(body, 0) !== body.length - 3) return null;
  const certificates: Uint8Array[] = [];
  for (let at = 3; at + 3 <= body.length && certificates.length < MAX_CHAIN; ) {
    const end = at + 3 + u24(body, at);
    if (end > body.length) return null;
    certificates.push(body.subarray(at + 3, end));
    at = end;
  }
  return certificates;
}

/** CertificateRequest up to TLS 1.2, RFC 5246 section 7.4.4. */
export interface CertificateRequest {
  /** Bytes of the list of CA names, its own length not counted. */
  readonly listBytes: number;
  /** Names of the certification authorities the server accepts; none means any. */
  readonly authorities: readonly (readonly NameAttribute[])[];
  /** The list is as long as Schannel sends one at most, about 16 KB: names may have been left out. */
  readonly atLimit: boolean;
  /** The list was walked to its end: no name is missing from `authorities`. */
  readonly whole: boolean;
}

/** The body of a CertificateRequest message; null where it is none. TLS 1.2 has signature algorithms, which versions before lack. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest | null {
  const types = 1 + (body[0] ?? 0);
  return authoritiesAt(body, types) ?? (types + 2 <= body.length ? authoritiesAt(body, types + 2 + u16(body, types)) : null);
}

/** The list at `at`, which must fill the body to its end. */
function authoritiesAt(body: Uint8Array, at: number): CertificateRequest | null {
  if (at + 2 > body.length || at + 2 + u16(body, at) !== body.length) return null;
  const listBytes = body.length - at - 2;
  const authorities: (readonly NameAttribute[])[] = [];
  const atLimit = Math.abs(listBytes - SCHANNEL_LIMIT) <= LIMIT_ROOM;
  let next = at + 2;
  while (next + 2 <= body.length && authorities.length < MAX_AUTHORITIES) {
    const end = next + 2 + u16(body, next);
    const name = end <= body.length ? decodeName(body, next + 2, end) : null;
    if (!name) return authorities.length === 0 ? null : { listBytes, atLimit, authorities, whole: false };
    authorities.push(name);
    next = end;
  }
  return { listBytes, atLimit, authorities, whole: next === body.length };
}
