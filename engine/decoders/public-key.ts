import { createSha256 } from "../bytes/sha256.ts";
import { type DerElement, DerTag, derChildren, derElement, derOid } from "./der.ts";

/** A public key as certificates carry it: SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7. */
export interface PublicKey {
  /** `RSA`, `EC`, `DSA`, `Ed25519` … or the object identifier. */
  readonly algorithm: string;
  /** Bits of an RSA modulus; null for other kinds. */
  readonly bits: number | null;
  /** SHA-256 of an RSA key's modulus, of any other whole key, in hexadecimal: what a private key is joined to its certificate by. */
  readonly fingerprint: string;
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.113549.1.1.10": "RSA",
  "1.2.840.10040.4.1": "DSA",
  "1.2.840.10045.2.1": "EC",
  "1.3.101.112": "Ed25519",
  "1.3.101.113": "Ed448",
};

export function algorithmName(oid: string): string {
  return ALGORITHMS[oid] ?? oid;
}

/** The key of a SubjectPublicKeyInfo element. */
export function publicKeyOf(bytes: Uint8Array, info: DerElement): PublicKey {
  const [identifier, holder] = derChildren(bytes, info, 2);
  const oid = identifier ? derChildren(bytes, identifier, 1)[0] : undefined;
  const algorithm = oid?.tag === DerTag.oid ? algorithmName(derOid(bytes, oid)) : "";
  if (algorithm === "RSA" && holder?.tag === DerTag.bitString) {
    // RSAPublicKey (RFC 8017 appendix A.1.1) behind the count of unused bits.
    const key = derElement(bytes, holder.start + 1, holder.end);
    const modulus = key ? derChildren(bytes, key, 1)[0] : undefined;
    if (modulus?.tag === DerTag.integer) return { algorithm, ...modulusOf(bytes, modulus) };
  }
  return { algorithm, bits: null, fingerprint: sha256(bytes.subarray(info.at, info.end)) };
}

/** Size and fingerprint of an RSA modulus, leading zeros not counted. */
export function modulusOf(bytes: Uint8Array, { start, end }: DerElement): { bits: number; fingerprint: string } {
  let first = start;
  while (first < end - 1 && bytes[first] === 0) first++;
  const bits = end > first ? 8 * (end - first) - Math.clz32(bytes[first]!) + 24 : 0;
  return { bits, fingerprint: sha256(bytes.subarray(first, end)) };
}

function sha256(bytes: Uint8Array): string {
  const hasher = createSha256();
  hasher.update(bytes);
  return hasher.digestHex();
}
