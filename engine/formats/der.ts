import type { ByteSource } from "../bytes/byte-source.ts";
import { DerTag, derElement } from "../decoders/der.ts";
import { coverKeyMaterial, emitKeyMaterial, readKeyMaterial } from "./certificate-bytes.ts";
import type { BinaryFormat } from "./format.ts";

/** Longest file that is looked at: thousands of certificates. */
const MAX_BYTES = 4 << 20;

/**
 * Certificates and keys in DER: .cer and .crt as Windows exports them, .p7b, .pfx, .key. Of a private key only the fingerprint of its
 * public half is taken; a .pfx is protected by its password and shows not even that.
 */
export const der: BinaryFormat = {
  kind: "binary",
  id: "der",
  title: "certificate or key file (DER)",
  unit: "record",
  tables: ["certificates", "private_keys"],
  detect: looksLikeKeyMaterial,
  async parse(source, emit) {
    const bytes = await readAll(source);
    const material = readKeyMaterial(bytes);
    emitKeyMaterial(material, 0, 1, emit);
    if (material.certificates.length === 0 && material.key === null)
      emit.anomaly("der.unreadable", 1, "begins like a certificate or key, but is cut off or broken");
    else coverKeyMaterial(emit);
    await emit.progress(bytes.length);
  },
};

/** A sequence that holds what one of them begins with: a sequence (certificate), an object identifier (PKCS #7), or a small number (key, PFX). */
function looksLikeKeyMaterial(head: Uint8Array): boolean {
  if (head[0] !== DerTag.sequence || (head[1] ?? 0) < 0x81 || (head[1] ?? 0) > 0x84) return false;
  const content = 2 + (head[1]! & 0x7f);
  const whole = derElement(head, 0, head.length);
  if (whole) {
    const { certificates, key } = readKeyMaterial(head);
    return certificates.length > 0 || key !== null;
  }
  // Longer than what is shown here: the outer and the first inner element must fit each other.
  const [tag, size] = [head[content], head[content + 1]];
  if (head.length < 64) return false;
  return (
    (tag === DerTag.sequence && size === 0x82 && head[content + 4] === 0xa0) ||
    (tag === DerTag.integer && size === 1 && head[content + 2] === 3) ||
    (tag === DerTag.oid && size === 9)
  );
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  let bytes = new Uint8Array(64 * 1024);
  let length = 0;
  for (;;) {
    const count = await source.read(bytes.subarray(length), length);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length >= MAX_BYTES) return bytes.subarray(0, length);
    if (length === bytes.length) {
      const wider = new Uint8Array(2 * length);
      wider.set(bytes);
      bytes = wider;
    }
  }
}
