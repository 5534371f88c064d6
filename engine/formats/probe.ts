import type { Emit, TextFormat, TextReader } from "./format.ts";
import { readProbeLine, resemblesProbeLine } from "./probe-record.ts";
import { stunRowOf } from "./stun-check-row.ts";
import { UrlCheckRows } from "./url-check-rows.ts";

/**
 * The evidence file of `casebook probe`: one JSON object a line, the first of what machine it ran on, one for each step of each
 * target, and a last one that counts them, without which the file was cut off.
 *
 *     {"casebook_probe":1,"record":"step","kind":"url","role":"meet","name":"meet.contoso.com","step":"connect","outcome":"failed","reason":"timed_out"}
 */
export const probe: TextFormat = {
  kind: "text",
  id: "probe",
  title: "evidence file of casebook probe",
  unit: "line",
  tables: ["probe_results", "stun_transactions", "url_checks"],
  detect: (lines) => lines.some((line) => resemblesProbeLine(line) && typeof readProbeLine(line) !== "string"),
  reader: (emit) => new ProbeReader(emit),
};

class ProbeReader implements TextReader {
  private readonly emit: Emit;
  private checks: UrlCheckRows;
  private host: readonly string[] | null = null;
  private steps = 0;
  private kinds = new Set<string>();
  private problem: string | null = null;
  private stun = false;
  private open = false;

  constructor(emit: Emit) {
    this.emit = emit;
    this.checks = new UrlCheckRows(emit, "probe");
    emit.utc();
  }

  line(text: string, number: number): void {
    if (!resemblesProbeLine(text)) return;
    const line = readProbeLine(text);
    if (typeof line === "string") {
      this.problem ??= `line ${number} could not be read`;
      this.emit.anomaly("probe.unreadable-line", number, line);
    } else if (line.record === "start") {
      this.close("the file ends before the probe did");
      this.open = true;
      if (line.names.length + line.addresses.length > 0) {
        this.host = [...line.addresses, ...line.names];
        this.emit.host({ names: line.names, addresses: line.addresses });
      }
    } else if (line.record === "end") {
      this.close(line.steps === null || line.steps === this.steps ? null : `it has ${this.steps} of ${line.steps} steps`);
    } else {
      this.open = true;
      this.steps++;
      this.kinds.add(String(line.values.kind));
      const values = { host: this.host, ...line.values };
      this.emit.row("probe_results", values, number);
      this.checks.add({ values, at: number });
      const stun = stunRowOf(values);
      if (stun) this.emit.row("stun_transactions", stun, number);
      this.stun ||= stun !== null;
    }
  }

  end(): void {
    this.close("the file ends before the probe did");
  }

  /** Ends one run of the probe; several may stand in one file. */
  private close(cut: string | null): void {
    if (!this.open) return;
    const why = this.problem ?? cut;
    const ground = { host: this.host, side: null, from: null, to: null, ...(why === null ? { complete: true } : { complete: false, why }) };
    if (this.kinds.size > 0) this.emit.coverage({ ...ground, table: "probe_results", only: { kind: [...this.kinds] } });
    // Rows belong to the server that was asked, of which a probe sees only whether it answers.
    if (this.stun) this.emit.coverage({ ...ground, table: "stun_transactions", host: null });
    this.stun = false;
    this.checks.finish(ground);
    this.checks = new UrlCheckRows(this.emit, "probe");
    [this.host, this.steps, this.kinds, this.problem, this.open] = [null, 0, new Set(), null, false];
  }
}
