import { readKeyLogLine } from "../decoders/key-log.ts";
import { keyLogValues } from "../tables/key-log-row.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

/**
 * TLS key log as browsers and other programs write it where SSLKEYLOGFILE is set (RFC 9850): one secret a line, named by the random of
 * the client's hello. Secrets are checked for their form and let go; none is kept.
 *
 *     CLIENT_RANDOM 52362c10a2665e323a2adb4b9da0c10d4a8823719272f8b4c97af24f92784812 9F9A0F19A02BDDBE1A05926597D622CCA06D2AF416A28AD9C03163B87FF1B0C67824BBDB595B32D8027DB566EC04FB25
 */
export const keyLog: TextFormat = {
  kind: "text",
  id: "key-log",
  title: "TLS key log",
  unit: "line",
  tables: ["key_log_entries"],
  detect: (lines) => lines.some((line) => readKeyLogLine(line) !== null),
  reader: (emit) => new KeyLogReader(emit),
};

class KeyLogReader implements TextReader {
  private readonly emit: Emit;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    const entry = readKeyLogLine(text);
    if (entry === "broken")
      this.emit.anomaly("key-log.no-secret", number, "an entry of a key log without a whole secret: it decrypts nothing");
    else if (entry) this.emit.row("key_log_entries", keyLogValues(entry), number);
  }

  end(): void {
    this.emit.coverage({ table: "key_log_entries", host: null, side: null, from: null, to: null, complete: true });
    this.emit.utc();
  }
}
