import { epochOf, readWrittenTime } from "../bytes/local-time.ts";
import { AgentVersions } from "./agent-versions.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";
import { isSdpLine, SdpBody } from "./sdp-body.ts";
import { type SipFields, sipColumns, takeSipField } from "./sip-record.ts";

const STAMP =
  /^(?<level>TL_[A-Z]{2,10})\((?<component>\w{1,40})\)\s*\[(?<machine>[^\]]{0,80})\]\s*[\dA-F]+\.[\dA-F]+::(?<time>\d{2}\/\d{2}\/\d{4}-\d{2}:\d{2}:\d{2}\.\d{3})(?:\.[\da-f]+)?\s*(?<rest>.*)$/i;
/** First fields of a record, where the mark that begins it was lost. */
const FIRST_FIELD = /^\s{0,2}(?:LogType|Severity|Trace-Correlation-Id|Instance-Id|Direction|Start-Line):/;
const SEVERITY: Readonly<Record<string, string>> = { TL_INFO: "info", TL_WARN: "warn", TL_WARNING: "warn", TL_ERROR: "error" };
/** Lines a record may run over; message bodies are passed over. */
const MAX_RECORD_LINES = 5000;

/**
 * SIPStack trace of Lync and Skype for Business servers, formatted as text: a stamped line, then a record between `$$begin_record` (on
 * the same line or the next) and `$$end_record`, which excerpts often lack. Its dates are month first. Stamped lines without a record
 * are the stack's own chatter and give no row.
 *
 *     TL_ERROR(TF_CONNECTION) [0]05E0.0AAC::01/08/2013-09:19:18.611.02e77050 (SIPStack,…)
 *     $$begin_record
 *     Text: Failed to complete outbound connection
 */
export const sipstack: TextFormat = {
  kind: "text",
  id: "sipstack",
  title: "SIPStack trace of a Lync or Skype for Business server",
  unit: "line",
  tables: ["product_versions", "sdp_candidates", "sip_records"],
  detect: (lines) => lines.some((line) => line.length < 2000 && STAMP.test(line)),
  reader: (emit, hints) => new SipstackReader(emit, hints),
};

interface Stamp {
  readonly at: number;
  readonly time: bigint | null;
  readonly severity: string | null;
  readonly component: string;
  readonly machine: string | null;
}

class SipstackReader implements TextReader {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private stamp: Stamp | null = null;
  private fields: SipFields | null = null;
  private last: string | null = null;
  private body: SdpBody | null = null;
  private lines = 0;
  private records = 0;
  private unended = 0;
  private offered = 0;
  private readonly agents: AgentVersions;
  private from: bigint | null = null;
  private to: bigint | null = null;
  private readonly machines = new Set<string>();

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
    this.agents = new AgentVersions(emit);
  }

  line(text: string, number: number): void {
    const found = text.length < 4000 ? STAMP.exec(text)?.groups : undefined;
    if (found) {
      this.close(false);
      this.stamp = this.stampOf(found, number);
      if (found.rest!.includes("$$begin_record")) this.begin();
    } else if (/^\s*\$\$begin_record\s*$/.test(text)) {
      if (this.fields) this.close(false);
      if (this.stamp) this.begin();
      else this.emit.anomaly("sipstack.record-without-stamp", number, "a record without the stamped line above it");
    } else if (/^\s*\$\$end_record/.test(text)) this.close(true);
    else if (this.fields) this.field(text, number);
    else if (this.stamp && FIRST_FIELD.test(text)) {
      this.begin();
      this.field(text, number);
    } else if (text.trim() !== "") this.stamp = null;
  }

  private stampOf(found: Record<string, string | undefined>, at: number): Stamp {
    const written = readWrittenTime(found.time!);
    const local = written ? epochOf(written, "mdy") : null;
    const time = local === null ? null : local - BigInt(this.hints.utcOffset ?? 0) * 60_000_000_000n;
    const machine = /^[^\\]*\\([\w.-]+)$/.exec(found.machine!)?.[1] ?? null;
    if (machine !== null && this.machines.size < 16) this.machines.add(machine);
    return { at, time, severity: SEVERITY[found.level!.toUpperCase()] ?? null, component: found.component!, machine };
  }

  private begin(): void {
    [this.fields, this.last, this.body, this.lines] = [new Map(), null, null, 0];
  }

  private field(text: string, at: number): void {
    if (++this.lines > MAX_RECORD_LINES) {
      this.emit.anomaly("sipstack.unended-record", this.stamp!.at, "a record without end: what follows it was passed over");
      this.close(false);
    } else if (this.body) this.body.line(text, at);
    else if (text.trim() !== "") {
      this.last = takeSipField(this.fields!, text, this.last);
      if (this.last === "message-body") this.beginBody(this.fields!.get("message-body")!, at);
      else if (this.last === null && isSdpLine(text)) this.beginBody(text, at);
      // Anything else is the text around an excerpt.
      else if (this.last === null) this.close(false);
    }
  }

  /** The first line of a body stands behind the field's name; a copy may have lost the name. */
  private beginBody(first: string, at: number): void {
    this.body = this.bodyOf(this.stamp!, this.fields!);
    this.body.line(first, at);
  }

  private bodyOf({ time, machine }: Stamp, fields: SipFields): SdpBody {
    const { direction, call_id } = sipColumns(fields);
    const context = {
      host: machine === null ? null : [machine],
      time,
      direction: direction as string | null,
      call_id: call_id as string | null,
    };
    return new SdpBody(this.emit, "sipstack", context);
  }

  private close(ended: boolean): void {
    const { stamp, fields } = this;
    if (!fields || !stamp) return;
    [this.fields, this.stamp] = [null, null];
    const diagnostics = fields.get("ms-client-diagnostics");
    if (diagnostics !== undefined) this.body ??= this.bodyOf(stamp, fields);
    this.body?.reported(diagnostics ?? "", stamp.at);
    this.body?.end();
    this.offered += this.body?.rows ?? 0;
    if (fields.size === 0) return;
    this.records++;
    if (!ended) this.unended++;
    if (stamp.time !== null) {
      if (this.from === null || stamp.time < this.from) this.from = stamp.time;
      if (this.to === null || stamp.time > this.to) this.to = stamp.time;
    }
    const { at, time, severity, component, machine } = stamp;
    const columns = sipColumns(fields);
    this.emit.row("sip_records", { host: machine === null ? null : [machine], time, severity, component, ...columns }, at);
    this.agents.add(columns.user_agent, false, at);
  }

  end(): void {
    this.close(false);
    if (this.records === 0) return;
    this.agents.end();
    if (this.hints.utcOffset !== undefined) this.emit.utc();
    const host = this.machines.size === 1 ? [...this.machines] : null;
    if (host) this.emit.host({ names: host, addresses: [] });
    const span = { host, side: null, from: this.from, to: this.to } as const;
    // Only a call's messages hold addresses for media.
    if (this.offered > 0)
      this.emit.coverage({ table: "sdp_candidates", ...span, complete: false, why: "the trace need not hold the whole call" });
    this.emit.coverage({
      table: "sip_records",
      ...span,
      ...(this.unended > 0
        ? { complete: false, why: `${this.unended} records lack their end: an excerpt` }
        : { complete: true, assumes: "the trace was not cut to an excerpt" }),
    });
  }
}
