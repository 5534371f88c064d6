import { setTimeout as pause } from "node:timers/promises";
import { type Blobs, isOfBundle, NoSuchBlob } from "./blobs.ts";
import { SealBroken } from "./seal-format.ts";

/** A blob that shows which key the others beside it are sealed with. It belongs to no bundle, and is never swept. */
export const SEAL_CHECK = "seal/check";

/** How often, and how many milliseconds apart, a mark that cannot be opened is read again: another process may be just writing it. */
const [LOOKS, BETWEEN_LOOKS] = [5, 200] as const;

/** Blobs that were stored with another key, without one though there is one, or the other way round; the message says which. */
export class OtherKey extends Error {
  override readonly name = "OtherKey";
}

/**
 * Throws `OtherKey` where these blobs cannot be what is there: a process that went on would fail every job that waits, and mix what is
 * sealed with what is not. The first process with a key leaves its mark.
 */
export async function checkSeal(blobs: Blobs, sealed: boolean): Promise<void> {
  if (await isMarked(blobs)) {
    if (sealed) return;
    throw new OtherKey("what is stored there is sealed: start with the key, CASEBOOK_DATA_KEY or --data-key-file");
  }
  if (!sealed) return;
  for await (const key of blobs.list(Number.POSITIVE_INFINITY)) {
    if (!isOfBundle(key)) continue;
    // Another process may have begun at the same moment.
    if (await isMarked(blobs)) return;
    throw new OtherKey("what is stored there was stored without a key: start without one, or with an empty place for what is sealed");
  }
  await blobs.write(SEAL_CHECK, once(Buffer.from("sealed with this key")));
}

async function isMarked(blobs: Blobs): Promise<boolean> {
  for (let look = 1; ; look++) {
    try {
      for await (const _ of blobs.read(SEAL_CHECK));
      return true;
    } catch (error) {
      if (error instanceof NoSuchBlob) return false;
      if (!(error instanceof SealBroken)) throw error;
      if (look === LOOKS) throw new OtherKey("what is stored there is sealed with another key: start with that one", { cause: error });
      await pause(BETWEEN_LOOKS);
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
