import { coverKeyMaterial, emitKeyMaterial, readKeyMaterial } from "./certificate-bytes.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const BEGIN = /^\s*-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE|PKCS7|CMS|(?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY)-----\s*$/;
const END = /^\s*-----END [A-Z0-9 ]{3,40}-----\s*$/;
const BASE64 = /^\s*[A-Za-z0-9+/=]{1,100}\s*$/;
/** RFC 1421 headers in front of an encrypted key: `Proc-Type: 4,ENCRYPTED`. */
const HEADER = /^(?:Proc-Type|DEK-Info):\s/;
/** Base64 characters of one block that are kept: hundreds of certificates. */
const MAX_BLOCK = 1 << 20;

/**
 * Certificates and keys in PEM (RFC 7468), alone or anywhere in a text, such as the output of `openssl s_client -showcerts`. Of a
 * private key only the fingerprint of its public half is taken.
 *
 *     -----BEGIN CERTIFICATE-----
 */
export const pem: TextFormat = {
  kind: "text",
  id: "pem",
  title: "certificate or key file (PEM)",
  unit: "line",
  tables: ["certificates", "private_keys"],
  detect: (lines) => lines.some((line) => line.length < 100 && BEGIN.test(line)),
  reader: (emit) => new PemReader(emit),
};

class PemReader implements TextReader {
  private readonly emit: Emit;
  private open: { readonly label: string; readonly at: number; encrypted: boolean; text: string[]; size: number } | null = null;
  private position = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > 200) return;
    const label = BEGIN.exec(text)?.[1];
    if (label !== undefined) {
      if (this.open) this.broken(this.open.at);
      this.open = { label, at: number, encrypted: label.startsWith("ENCRYPTED"), text: [], size: 0 };
    } else if (this.open && END.test(text)) this.close();
    else if (this.open && HEADER.test(text)) this.open.encrypted = true;
    else if (this.open && BASE64.test(text) && this.open.size < MAX_BLOCK) {
      this.open.text.push(text.trim());
      this.open.size += text.length;
    }
  }

  private close(): void {
    const { label, at, encrypted, text } = this.open!;
    this.open = null;
    if (encrypted) {
      const container = label.startsWith("ENCRYPTED") ? "pkcs8" : label.startsWith("EC") ? "sec1" : "pkcs1";
      this.emit.row("private_keys", { container, encrypted: true }, at);
      return;
    }
    const bytes = decodeBase64(text.join(""));
    const material = bytes ? readKeyMaterial(bytes) : { certificates: [], key: null };
    if (material.certificates.length === 0 && material.key === null) this.broken(at);
    this.position += emitKeyMaterial(material, this.position, at, this.emit);
  }

  private broken(at: number): void {
    this.emit.anomaly("pem.unreadable-block", at, "a block that is no certificate and no key, or is cut off");
  }

  end(): void {
    if (this.open) this.broken(this.open.at);
    coverKeyMaterial(this.emit);
  }
}

function decodeBase64(text: string): Uint8Array | null {
  if (/[^=]=+[^=]/.test(text) || text.replaceAll("=", "").length % 4 === 1) return null;
  return Uint8Array.from(atob(text.replaceAll("=", "")), (letter) => letter.charCodeAt(0));
}
