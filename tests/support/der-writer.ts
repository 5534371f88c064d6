import { concat } from "./capture-writer.ts";

/** Writes DER, ITU-T X.690, and X.509 certificates (RFC 5280) with keys and signatures that are made up, always the same bytes. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = concat(...parts);
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.from([tag, ...size]), contents);
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

export function oid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [40 * first + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Uint8Array.from(bytes));
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  C: "2.5.4.6",
  L: "2.5.4.7",
  S: "2.5.4.8",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  DC: "0.9.2342.19200300.100.1.25",
  E: "1.2.840.113549.1.9.1",
};

/** A Name of `CN=x, O=y`: written most particular first, encoded most general first. Values hold no commas. */
export function derName(text: string): Uint8Array {
  const pairs = text.split(/,\s*/).map((pair) => pair.split("=") as [string, string]);
  const sets = pairs.reverse().map(([type, value]) => {
    const tag = type === "C" ? 0x13 : type === "DC" || type === "E" ? 0x16 : 0x0c;
    return der(0x31, der(0x30, oid(ATTRIBUTES[type]!), der(tag, new TextEncoder().encode(value))));
  });
  return der(0x30, ...sets);
}

/** Bytes that look random and are always the same; the first is neither 0 nor negative. */
export function noise(length: number, seed: string): Uint8Array {
  let state = 0x811c9dc5;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  const bytes = Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
  if (length > 0) bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

const integer = (bytes: Uint8Array): Uint8Array => der(0x02, bytes);
const utcTime = (text: string): Uint8Array => der(0x17, ascii(text));
const RSA_ENCRYPTION = der(0x30, oid("1.2.840.113549.1.1.1"), der(0x05));
const SHA256_WITH_RSA = der(0x30, oid("1.2.840.113549.1.1.11"), der(0x05));
const EXPONENT = Uint8Array.of(1, 0, 1);
const MODULUS_BYTES = 128;

const modulusOf = (key: string): Uint8Array => noise(MODULUS_BYTES, `modulus of ${key}`);

export interface CertificateFields {
  subject: string;
  issuer: string;
  /** Names the key pair: the same text is the same key. The subject, if left out. */
  key?: string;
  serial?: number;
  /** `140101000000Z` */
  notBefore?: string;
  notAfter?: string;
  dnsNames?: readonly string[];
  /** Object identifiers of extended key usages. */
  usages?: readonly string[];
  ca?: boolean;
}

export function certificate(fields: CertificateFields): Uint8Array {
  const { subject, issuer, key = subject, serial = 0x1234, notBefore = "140101000000Z", notAfter = "340101000000Z" } = fields;
  const extension = (id: string, value: Uint8Array) => der(0x30, oid(id), der(0x04, value));
  const extensions = [
    ...(fields.dnsNames ? [extension("2.5.29.17", der(0x30, ...fields.dnsNames.map((name) => der(0x82, ascii(name)))))] : []),
    ...(fields.ca ? [extension("2.5.29.19", der(0x30, der(0x01, Uint8Array.of(0xff))))] : []),
    ...(fields.usages ? [extension("2.5.29.37", der(0x30, ...fields.usages.map(oid)))] : []),
  ];
  const publicKey = der(0x30, integer(modulusOf(key)), integer(EXPONENT));
  const signed = der(
    0x30,
    der(0xa0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(serial >> 8, serial & 0xff)),
    SHA256_WITH_RSA,
    derName(issuer),
    der(0x30, utcTime(notBefore), utcTime(notAfter)),
    derName(subject),
    der(0x30, RSA_ENCRYPTION, der(0x03, Uint8Array.of(0), publicKey)),
    ...(extensions.length > 0 ? [der(0xa3, der(0x30, ...extensions))] : []),
  );
  return der(0x30, signed, SHA256_WITH_RSA, der(0x03, Uint8Array.of(0), noise(MODULUS_BYTES, `signature of ${subject}`)));
}

/** An RSAPrivateKey (RFC 8017 appendix A.1.2) whose public half is that of `certificate`; its private numbers are none. */
export function rsaPrivateKey(key: string): Uint8Array {
  const made = (name: string, length: number) => integer(noise(length, `${name} of ${key}`));
  const half = MODULUS_BYTES / 2;
  const primes = ["prime1", "prime2", "exponent1", "exponent2", "coefficient"].map((name) => made(name, half));
  return der(0x30, integer(Uint8Array.of(0)), integer(modulusOf(key)), integer(EXPONENT), made("d", MODULUS_BYTES), ...primes);
}

/** `-----BEGIN CERTIFICATE-----` and so on, lines of 64 characters. */
export function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString("base64")
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
