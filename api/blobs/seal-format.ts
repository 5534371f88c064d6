import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/**
 * How a sealed blob lies on disk: a header, then the content in chunks of 64 KiB, each by itself under AES-256-GCM and followed by its
 * tag. Key and nonce of a chunk follow the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption
 * and its Nonce-Reuse Misuse-Resistance", 2015) in the shape that Tink gives it: a key of the blob's own, derived with HKDF-SHA256 from
 * the configured key, the blob's salt and its name; a nonce of the blob's random prefix, the chunk's number and whether it is the last.
 * So chunks can be read in any order, and none can be changed, left out, exchanged or cut off at the end without being noticed, nor can
 * one blob be put in the place of another.
 * https://developers.google.com/tink/streaming-aead
 *
 *     magic 8 | version 1 | salt 32 | nonce prefix 7 | (ciphertext 65,536 | tag 16)* | ciphertext 0..65,536 | tag 16
 */
export const CHUNK = 65_536;
export const TAG = 16;
export const SEALED_CHUNK = CHUNK + TAG;

/** No text, and no format of evidence, begins like this. */
const MAGIC = Buffer.from("\x89CBSEAL\n", "latin1");
const VERSION = 1;
const SALT = 32;
const PREFIX = 7;
const SALT_AT = MAGIC.length + 1;
const PREFIX_AT = SALT_AT + SALT;
export const HEADER = PREFIX_AT + PREFIX;
export const KEY = 32;

/** A blob is not what was sealed with this key; says in which way. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/** A header for a new blob. */
export function newHeader(): Buffer {
  return Buffer.concat([MAGIC, Buffer.of(VERSION), randomBytes(SALT + PREFIX)]);
}

/** Whether bytes begin as a sealed blob does. */
export function beginsSealed(bytes: Uint8Array): boolean {
  return MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

export interface Seal {
  /** The chunk with its tag. */
  close(chunk: Uint8Array, index: number, last: boolean): Buffer;
  /** The chunk without its tag; throws `SealBroken`. */
  open(sealed: Uint8Array, index: number, last: boolean): Buffer;
}

/** Seals and opens the chunks of the blob of that name that has this header. Throws `SealBroken`. */
export function sealOf(header: Uint8Array, key: Uint8Array, name: string): Seal {
  const what = `blob ${name}`;
  if (key.length !== KEY) throw new TypeError(`a sealing key has ${KEY} bytes, this one ${key.length}`);
  if (!beginsSealed(header))
    throw new SealBroken(`${what} is not sealed: it was stored without a key, or another program wrote it; only sealed blobs are read`);
  if (header.length < HEADER) throw new SealBroken(`${what} is cut short: ${header.length} bytes are less than its header`);
  if (header[MAGIC.length] !== VERSION)
    throw new SealBroken(`${what} is sealed in version ${header[MAGIC.length]}, this Casebook knows ${VERSION}`);
  const purpose = Buffer.concat([header.subarray(0, SALT_AT), Buffer.from(name)]);
  const blobKey = Buffer.from(hkdfSync("sha256", key, header.subarray(SALT_AT, PREFIX_AT), purpose, KEY));
  const nonce = (index: number, last: boolean) => {
    const bytes = Buffer.alloc(PREFIX + 5);
    bytes.set(header.subarray(PREFIX_AT, HEADER));
    bytes.writeUInt32BE(index, PREFIX);
    bytes[PREFIX + 4] = last ? 1 : 0;
    return bytes;
  };
  return {
    close(chunk, index, last) {
      const cipher = createCipheriv("aes-256-gcm", blobKey, nonce(index, last));
      return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, index, last) {
      if (sealed.length < TAG) throw new SealBroken(`${what} is cut short in chunk ${index}`);
      const decipher = createDecipheriv("aes-256-gcm", blobKey, nonce(index, last), { authTagLength: TAG });
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
      const chunk = decipher.update(sealed.subarray(0, sealed.length - TAG));
      try {
        decipher.final();
      } catch {
        throw new SealBroken(
          `${what} cannot be opened at chunk ${index}: it was sealed with another key or as another blob, or its bytes were changed or cut off`,
        );
      }
      return chunk;
    },
  };
}

/** Bytes of content in a sealed blob of that many bytes; throws `SealBroken` where no content gives such a size. */
export function contentSize(sealedSize: number, what: string): number {
  const body = sealedSize - HEADER;
  const rest = body % SEALED_CHUNK;
  // Only empty content has an empty last chunk.
  if (body < TAG || (rest !== 0 && rest < TAG) || (rest === TAG && body > TAG))
    throw new SealBroken(`${what} is cut short: ${sealedSize} bytes`);
  return body - Math.ceil(body / SEALED_CHUNK) * TAG;
}
