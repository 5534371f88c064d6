import { parseIpv4 } from "../bytes/address.ts";
import { epochOf, readWrittenTime } from "../bytes/local-time.ts";
import { AgentVersions } from "./agent-versions.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";
import { isSdpLine, SdpBody } from "./sdp-body.ts";
import { isSipStartLine, type SipFields, sipColumns, takeSipField } from "./sip-record.ts";

const STAMP =
  /^(?<time>\d{2}\/\d{2}\/\d{4}\|\d{2}:\d{2}:\d{2}\.\d{3})\s+[\dA-F]{1,8}:[\dA-F]{1,8}\s+(?<level>[A-Z]{4,10})\s*::\s?(?<rest>.*)$/i;
const PACKET =
  /^(?<what>Sending Packet|Data Received)\s*-\s*(?<peer>\S+)\s+(?:\((?:From|To) Local Address: \[?(?<own>[\da-f.:]{2,45}?)\]?:\d{1,5}\))?/i;
const SEVERITY: Readonly<Record<string, string>> = { INFO: "info", WARN: "warn", WARNING: "warn", ERROR: "error" };
const MAX_HEADER_LINES = 300;
/** A client has few addresses in the life of a log, though it may change networks. */
const MAX_ADDRESSES = 16;

/**
 * Log of a Lync or Skype for Business client (`*.uccapilog`): every line stamped but those of a SIP message after its start line. A
 * line says which way and to whom, the next holds the message. Dates are month first, times local. Other lines give no row.
 *
 *     01/08/2013|11:18:57.599 14A8:0F2C INFO  :: Sending Packet - 172.16.1.1:443 (From Local Address: 192.168.2.98:62973) 837 bytes:
 *     01/08/2013|11:18:57.599 14A8:0F2C INFO  :: REGISTER sip:contoso.com SIP/2.0
 *     CSeq: 1 REGISTER
 */
export const uccapi: TextFormat = {
  kind: "text",
  id: "uccapi",
  title: "log of a Lync or Skype for Business client",
  unit: "line",
  tables: ["product_versions", "sdp_candidates", "sip_records"],
  detect: (lines) => lines.some((line) => line.length < 2000 && STAMP.test(line)),
  reader: (emit, hints) => new UccapiReader(emit, hints),
};

class UccapiReader implements TextReader {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private packet: { direction: string; peer: string } | null = null;
  private message: {
    fields: SipFields;
    last: string | null;
    at: number;
    time: bigint | null;
    severity: string | null;
    lines: number;
  } | null = null;
  private body: SdpBody | null = null;
  private rows = 0;
  private offered = 0;
  private readonly agents: AgentVersions;
  /** The client's own addresses. */
  private readonly own = new Set<string>();

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
    this.agents = new AgentVersions(emit);
  }

  line(text: string, number: number): void {
    const found = text.length < 4000 ? STAMP.exec(text)?.groups : undefined;
    if (found) this.stamped(found.time!, found.level!, found.rest!.trim(), number);
    else if (this.body) this.body.line(text, number);
    else if (this.message) {
      const { message } = this;
      message.last = takeSipField(message.fields, text, message.last);
      // The blank line before the body, which a copy may have lost, or text that is none of the log's.
      if (message.last === null || ++message.lines > MAX_HEADER_LINES) this.headersEnd(text, number);
    }
  }

  private headersEnd(text: string, at: number): void {
    this.row();
    if (text.trim() === "" || isSdpLine(text)) this.body?.line(text, at);
    else this.close();
  }

  private stamped(time: string, level: string, rest: string, at: number): void {
    this.close();
    const packet = PACKET.exec(rest)?.groups;
    if (packet?.own !== undefined && this.own.size < MAX_ADDRESSES && parseIpv4(packet.own) !== null) this.own.add(packet.own);
    if (packet) this.packet = { direction: packet.what === "Data Received" ? "incoming" : "outgoing", peer: packet.peer! };
    else if (isSipStartLine(rest)) {
      const written = readWrittenTime(time.replace("|", " "));
      const local = written ? epochOf(written, "mdy") : null;
      const fields: SipFields = new Map([["start-line", rest]]);
      if (this.packet) {
        fields.set("direction", this.packet.direction);
        fields.set("peer", this.packet.peer);
      }
      this.packet = null;
      const instant = local === null ? null : local - BigInt(this.hints.utcOffset ?? 0) * 60_000_000_000n;
      this.message = { fields, last: null, at, time: instant, severity: SEVERITY[level.toUpperCase()] ?? null, lines: 0 };
    } else if (!/^End of /.test(rest)) this.packet = null;
  }

  private row(): void {
    if (!this.message) return;
    const { fields, at, time, severity } = this.message;
    this.message = null;
    this.rows++;
    const columns = sipColumns(fields);
    this.emit.row("sip_records", { time, severity, ...columns }, at);
    this.agents.add(columns.user_agent, columns.direction === "outgoing", at);
    this.body = new SdpBody(this.emit, "uccapi", {
      time,
      direction: columns.direction as string | null,
      call_id: columns.call_id as string | null,
    });
    this.body.reported(fields.get("ms-client-diagnostics") ?? "", at);
  }

  private close(): void {
    this.row();
    this.body?.end();
    this.offered += this.body?.rows ?? 0;
    this.body = null;
  }

  end(): void {
    this.close();
    this.agents.end();
    // Only a call's messages hold addresses for media; the log may have begun after them.
    if (this.offered > 0) {
      const why = "the log need not hold the whole call";
      this.emit.coverage({ table: "sdp_candidates", host: null, side: null, from: null, to: null, complete: false, why });
    }
    if (this.own.size > 0) this.emit.host({ names: [], addresses: [...this.own] });
    if (this.rows > 0 && this.hints.utcOffset !== undefined) this.emit.utc();
  }
}
