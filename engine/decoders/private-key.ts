import { type DerElement, DerTag, derChildren, derElement, derOid } from "./der.ts";
import { algorithmName, modulusOf } from "./public-key.ts";

/** What may be told of a private key: nothing of it but its public half's fingerprint. */
export interface PrivateKeyFacts {
  readonly container: "pkcs1" | "pkcs8" | "sec1" | "pkcs12";
  /** `RSA`, `EC` …; null where it is encrypted. */
  readonly algorithm: string | null;
  readonly bits: number | null;
  readonly encrypted: boolean;
  /** As `PublicKey.fingerprint`, of RSA keys; null for others and where it is encrypted. */
  readonly fingerprint: string | null;
}

const PKCS7_DATA = "1.2.840.113549.1.7.1";
const PKCS7_SIGNED = "1.2.840.113549.1.7.2";

/** The private key in DER from `at` to `end`: RSAPrivateKey (RFC 8017), PrivateKeyInfo or its encrypted form (RFC 5958), ECPrivateKey (RFC 5915), PFX (RFC 7292); null where there is none. */
export function decodePrivateKey(bytes: Uint8Array, at: number, end: number): PrivateKeyFacts | null {
  const whole = derElement(bytes, at, end);
  if (whole?.tag !== DerTag.sequence) return null;
  const parts = derChildren(bytes, whole, 10);
  const [first, second, third] = parts;
  if (first?.tag === DerTag.sequence) return encryptedInfo(bytes, first, second, parts.length);
  if (first?.tag !== DerTag.integer || first.end - first.start !== 1 || !second) return null;
  const version = bytes[first.start]!;
  if (version === 3) return isData(bytes, second) ? hidden("pkcs12") : null;
  if (version === 0 && parts.length === 9 && parts.every(({ tag }) => tag === DerTag.integer))
    return { container: "pkcs1", algorithm: "RSA", encrypted: false, ...modulusOf(bytes, second) };
  if (version === 1 && second.tag === DerTag.octetString)
    return { container: "sec1", algorithm: "EC", bits: null, encrypted: false, fingerprint: null };
  if (version > 1 || second.tag !== DerTag.sequence || third?.tag !== DerTag.octetString) return null;
  const [oid] = derChildren(bytes, second, 1);
  if (oid?.tag !== DerTag.oid) return null;
  const inner = decodeInner(bytes, third);
  return { ...(inner ?? { ...hidden("pkcs8"), encrypted: false }), container: "pkcs8", algorithm: algorithmName(derOid(bytes, oid)) };
}

const hidden = (container: PrivateKeyFacts["container"]): PrivateKeyFacts => ({
  container,
  algorithm: null,
  bits: null,
  encrypted: true,
  fingerprint: null,
});

/** The RSA key inside a PrivateKeyInfo. */
function decodeInner(bytes: Uint8Array, holder: DerElement): PrivateKeyFacts | null {
  const inner = decodePrivateKey(bytes, holder.start, holder.end);
  return inner?.container === "pkcs1" ? inner : null;
}

/** EncryptedPrivateKeyInfo: an algorithm, then an octet string and nothing else. */
function encryptedInfo(bytes: Uint8Array, algorithm: DerElement, data: DerElement | undefined, parts: number): PrivateKeyFacts | null {
  const [oid] = derChildren(bytes, algorithm, 1);
  // PKCS #5 and PKCS #12 encryption schemes.
  const scheme = oid?.tag === DerTag.oid ? derOid(bytes, oid) : "";
  return parts === 2 && data?.tag === DerTag.octetString && /^1\.2\.840\.113549\.1\.(?:5|12\.1)\./.test(scheme) ? hidden("pkcs8") : null;
}

function isData(bytes: Uint8Array, info: DerElement): boolean {
  const [oid] = derChildren(bytes, info, 1);
  const type = oid?.tag === DerTag.oid ? derOid(bytes, oid) : "";
  return type === PKCS7_DATA || type === PKCS7_SIGNED;
}

/** First bytes of the certificates in a PKCS #7 SignedData (RFC 2315 section 9.1), as in a .p7b file; empty where it is none. */
export function signedCertificates(bytes: Uint8Array, at: number, end: number): readonly DerElement[] {
  const whole = derElement(bytes, at, end);
  const [oid, tagged] = whole?.tag === DerTag.sequence ? derChildren(bytes, whole, 2) : [];
  if (oid?.tag !== DerTag.oid || derOid(bytes, oid) !== PKCS7_SIGNED || !tagged) return [];
  const signed = derElement(bytes, tagged.start, tagged.end);
  const set = signed ? derChildren(bytes, signed, 8).find(({ tag }) => tag === 0xa0) : undefined;
  return set ? derChildren(bytes, set, 1000) : [];
}
