/**
 * Where uploaded files and reports lie: a folder, or an S3-compatible store. A blob is visible only when it was written whole, and is
 * never changed afterwards. Keys are `<kind>/<random id>` in `[a-z0-9/-]`, never made from a name somebody sent.
 */
export interface Blobs {
  /**
   * Writes a blob; resolves with the number of bytes of `content` once they would survive a power cut. Nothing remains where `content`
   * fails; throws `StorageFull` where there is no room.
   */
  write(key: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Its bytes in order; throws `NoSuchBlob`. */
  read(key: string): AsyncIterable<Uint8Array>;
  /** A local file with its bytes for random access, there until it is released. */
  local(key: string): Promise<LocalBlob>;
  /** Deletes what is there of these. */
  delete(keys: readonly string[]): Promise<void>;
  /** Keys of all blobs last written before a time (milliseconds since the epoch), for the sweep after crashes. */
  list(before: number): AsyncIterable<string>;
  /** Rejects where nothing can be written. */
  ping(): Promise<void>;
}

export interface LocalBlob {
  readonly path: string;
  release(): Promise<void>;
}

/** There is no blob of that key. */
export class NoSuchBlob extends Error {
  override readonly name = "NoSuchBlob";
}

const KEY = /^[a-z0-9-]+\/[a-z0-9-]{3,200}$/;

/** Kinds of blobs, each with the ids that are made for it. */
const MADE_HERE = /^(upload|report|explanations|ping)\/[0-9a-z-]{26,36}$/;

/** Whether a key is one of those that are made here: others may keep objects of their own in a bucket. */
export function isMadeHere(key: string): boolean {
  return MADE_HERE.test(key);
}

/** Whether a key is one of those that are made here for what belongs to a bundle, and not to find out whether anything can be written. */
export function isOfBundle(key: string): boolean {
  const kind = MADE_HERE.exec(key)?.[1];
  return kind !== undefined && kind !== "ping";
}

/** The two parts of a blob's key; throws for anything else, so that no key can lead out of where blobs lie. */
export function keyParts(key: string): readonly [kind: string, id: string] {
  if (!KEY.test(key))
    throw new TypeError(`${JSON.stringify(key)} is no key of a blob: expected <kind>/<id> in lower-case letters, digits and -`);
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}
