import { decodePrivateKey, type PrivateKeyFacts, signedCertificates } from "../decoders/private-key.ts";
import { decodeX509, type X509Certificate } from "../decoders/x509.ts";
import { certificateValues } from "../tables/certificate-row.ts";
import type { Emit } from "./format.ts";

/** What DER bytes turn out to be. */
export interface KeyMaterial {
  readonly certificates: readonly X509Certificate[];
  readonly key: PrivateKeyFacts | null;
}

/** One certificate, the certificates of a PKCS #7 file, or a private key; nothing of either where the bytes are none of them. */
export function readKeyMaterial(bytes: Uint8Array): KeyMaterial {
  const certificate = decodeX509(bytes, 0, bytes.length);
  if (certificate) return { certificates: [certificate], key: null };
  const signed = signedCertificates(bytes, 0, bytes.length).flatMap(({ at, end }) => decodeX509(bytes, at, end) ?? []);
  return { certificates: signed, key: signed.length > 0 ? null : decodePrivateKey(bytes, 0, bytes.length) };
}

/** Emits rows of `certificates` and `private_keys`; answers how many certificates there were. `position` is that of the first. */
export function emitKeyMaterial({ certificates, key }: KeyMaterial, position: number, at: number, emit: Emit): number {
  for (const [index, certificate] of certificates.entries())
    emit.row("certificates", { seen_in: "file", position: position + index, ...certificateValues(certificate) }, at);
  if (key) {
    const { container, algorithm, bits, encrypted, fingerprint } = key;
    emit.row("private_keys", { container, algorithm, bits, encrypted, key_fingerprint: fingerprint }, at);
  }
  return certificates.length;
}

/** Says that a file of these bytes was read whole. */
export function coverKeyMaterial(emit: Emit): void {
  for (const table of ["certificates", "private_keys"])
    emit.coverage({ table, host: null, side: null, from: null, to: null, complete: true });
  emit.utc();
}
