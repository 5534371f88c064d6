import type { KeyLogEntry } from "../decoders/key-log.ts";
import type { Value } from "./table.ts";

/** Cells of `key_log_entries`. */
export function keyLogValues({ label, clientRandom, sessionId, premasterId }: KeyLogEntry): Record<string, Value> {
  return { label, client_random: clientRandom, session_id: sessionId, premaster_id: premasterId };
}
