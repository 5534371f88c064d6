import { ipv4Text } from "../bytes/address.ts";
import { sha1Hex } from "../bytes/sha1.ts";
import { type DerElement, DerTag, derChildren, derElement, derOid, derText, derTime } from "./der.ts";
import { decodeName, type NameAttribute, nameValues } from "./distinguished-name.ts";
import { type PublicKey, publicKeyOf } from "./public-key.ts";
import { hexText } from "./tls-hello.ts";

/** X.509 certificate, RFC 5280 section 4.1: what tells whose it is, for what and how long. */
export interface X509Certificate {
  readonly subject: readonly NameAttribute[];
  readonly issuer: readonly NameAttribute[];
  /** Hexadecimal, without leading zeros but in whole bytes, as certutil prints it. */
  readonly serial: string;
  /** Nanoseconds since the Unix epoch; null where the encoding is broken. */
  readonly notBefore: bigint | null;
  readonly notAfter: bigint | null;
  /** dNSName and iPAddress entries of subjectAltName, in lower case. */
  readonly alternativeNames: readonly string[];
  /** Basic constraints say that it may issue others; null where the extension is absent, which means no. */
  readonly isCa: boolean | null;
  /** Object identifiers of its extended key usages; null where the extension is absent: any use. */
  readonly usages: readonly string[] | null;
  readonly key: PublicKey;
  /** SHA-1 of the whole certificate in hexadecimal: Windows' thumbprint. */
  readonly thumbprint: string;
  /** The bytes it takes. */
  readonly length: number;
}

const MAX_EXTENSIONS = 64;
const MAX_NAMES = 200;
const EXTENSION = { alternativeName: "2.5.29.17", basicConstraints: "2.5.29.19", extendedKeyUsage: "2.5.29.37" } as const;

/** The certificate at `at`; null where the bytes are none. */
export function decodeX509(bytes: Uint8Array, at: number, end: number): X509Certificate | null {
  const whole = derElement(bytes, at, end);
  if (whole?.tag !== DerTag.sequence) return null;
  const [signed, algorithm, signature] = derChildren(bytes, whole, 3);
  if (signed?.tag !== DerTag.sequence || algorithm?.tag !== DerTag.sequence || signature?.tag !== DerTag.bitString) return null;
  const fields = derChildren(bytes, signed, 12);
  // Version 1 leaves its number out.
  const shift = fields[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, validity, subject, key] = fields.slice(shift);
  if (serial?.tag !== DerTag.integer || validity?.tag !== DerTag.sequence || key?.tag !== DerTag.sequence) return null;
  const [issuerName, subjectName] = [issuer, subject].map((name) => (name ? decodeName(bytes, name.at, name.end) : null));
  if (!issuerName || !subjectName) return null;
  const [notBefore, notAfter] = derChildren(bytes, validity, 2);
  const extensions = extensionsOf(bytes, fields);
  const value = (oid: string) => extensions.get(oid);
  return {
    subject: subjectName,
    issuer: issuerName,
    serial: hexText(bytes.subarray(serial.start, Math.min(serial.end, serial.start + 64))).replace(/^(?:00)+(?=..)/, ""),
    notBefore: notBefore ? derTime(bytes, notBefore) : null,
    notAfter: notAfter ? derTime(bytes, notAfter) : null,
    alternativeNames: alternativeNames(bytes, value(EXTENSION.alternativeName)),
    isCa: mayIssue(bytes, value(EXTENSION.basicConstraints)),
    usages: usagesOf(bytes, value(EXTENSION.extendedKeyUsage)),
    key: publicKeyOf(bytes, key),
    thumbprint: sha1Hex(bytes.subarray(whole.at, whole.end)),
    length: whole.end - whole.at,
  };
}

/** The value inside each extension, by object identifier. */
function extensionsOf(bytes: Uint8Array, fields: readonly DerElement[]): Map<string, DerElement> {
  const found = new Map<string, DerElement>();
  const tagged = fields.find(({ tag }) => tag === 0xa3);
  const list = tagged ? derElement(bytes, tagged.start, tagged.end) : null;
  for (const extension of list ? derChildren(bytes, list, MAX_EXTENSIONS) : []) {
    const parts = derChildren(bytes, extension, 3);
    const holder = parts.at(-1);
    if (parts[0]?.tag !== DerTag.oid || holder?.tag !== DerTag.octetString) continue;
    const inner = derElement(bytes, holder.start, holder.end);
    if (inner) found.set(derOid(bytes, parts[0]), inner);
  }
  return found;
}

/** dNSName is [2], iPAddress [7], RFC 5280 section 4.2.1.6. */
function alternativeNames(bytes: Uint8Array, names: DerElement | undefined): string[] {
  if (names?.tag !== DerTag.sequence) return [];
  return derChildren(bytes, names, MAX_NAMES).flatMap((name) => {
    if (name.tag === 0x82) return [derText(bytes, { ...name, tag: 0x16, end: Math.min(name.end, name.start + 255) }).toLowerCase()];
    if (name.tag !== 0x87 || name.end - name.start !== 4) return [];
    return [ipv4Text(new DataView(bytes.buffer, bytes.byteOffset + name.start, 4).getUint32(0))];
  });
}

function mayIssue(bytes: Uint8Array, constraints: DerElement | undefined): boolean | null {
  if (constraints?.tag !== DerTag.sequence) return null;
  const [flag] = derChildren(bytes, constraints, 1);
  return flag?.tag === DerTag.boolean && flag.end > flag.start && bytes[flag.start] !== 0;
}

function usagesOf(bytes: Uint8Array, usages: DerElement | undefined): string[] | null {
  if (usages?.tag !== DerTag.sequence) return null;
  return derChildren(bytes, usages, MAX_EXTENSIONS).map((usage) => derOid(bytes, usage));
}

/** Common names of the subject, then what subjectAltName adds; in lower case, each once. */
export function certificateNames({ subject, alternativeNames }: Pick<X509Certificate, "subject" | "alternativeNames">): string[] {
  return [...new Set([...nameValues(subject, "CN").map((name) => name.toLowerCase()), ...alternativeNames])];
}
