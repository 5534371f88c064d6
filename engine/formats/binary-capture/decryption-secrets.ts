import { u32 } from "../../bytes/endian.ts";
import { readKeyLogLine } from "../../decoders/key-log.ts";
import { keyLogValues } from "../../tables/key-log-row.ts";
import type { Emit } from "../format.ts";

/** Secrets type of a TLS key log, "TLSK". */
const TLS_KEY_LOG = 0x544c534b;
/** Lines of one block that are looked at. */
const MAX_LINES = 200_000;

/** Body of a Decryption Secrets Block (draft-ietf-opsawg-pcapng section 4.7) from `at` to `end`: which sessions it has secrets of. */
export function readSecrets(bytes: Uint8Array, at: number, end: number, bigEndian: boolean, emit: Emit): void {
  if (end - at < 8 || u32(bytes, at, bigEndian) !== TLS_KEY_LOG) return;
  const length = Math.min(u32(bytes, at + 4, bigEndian), end - at - 8);
  const text = new TextDecoder("latin1").decode(bytes.subarray(at + 8, at + 8 + length));
  for (const line of text.split(/\r?\n/, MAX_LINES)) {
    const entry = readKeyLogLine(line);
    // A block has no frame number to cite.
    if (entry !== null && entry !== "broken") emit.row("key_log_entries", keyLogValues(entry), 0);
  }
}
