import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";
import { readNetmonRow } from "./text-capture/netmon-row.ts";
import { NetmonRows } from "./text-capture/netmon-rows.ts";
import { finishTextCapture, PACKET_TABLES } from "./text-capture/text-capture.ts";

/** Addresses in the detail tree of a frame. */
const DETAIL_ADDRESSES = /^\s*(?:[+-]\s*)?Ipv[46]: Src = ([\da-fA-F.:]{3,45}), Dest = ([\da-fA-F.:]{3,45})[,\s]/;
/** A line that was meant to be a row: a frame number, a time, and a TCP summary or a provider's name. */
const ROW_LIKE = /^\s*\d{1,10}\s.{0,200}(?:\bFlags=[A-Z.]{8}|_MicrosoftWindows\w+:)/;

/**
 * Network Monitor 3's frame summary as text, with or without titles, as exported or as copied into a mail or an article; also rows of
 * Windows' own trace providers among the packets. Network Monitor prints no TCP option but the window scale, so that options are
 * never known here. Detail trees between the rows are passed over, but for the addresses behind host names and for what DCOM answers
 * say of endpoints.
 *
 *     106631 11:18:57 AM 1/8/2013 713.5078058 RTCSrv.exe (1504) 192.168.1.1 192.168.3.10 TCP TCP:Flags=......S., SrcPort=50357, DstPort=5061, …
 */
export const netmonSummary: TextFormat = {
  kind: "text",
  id: "netmon-summary",
  title: "Network Monitor frame summary",
  unit: "frame",
  tables: [...PACKET_TABLES, "dns_answers", "driver_events", "rpc_endpoints", "stun_transactions", "tls_sessions"].sort(),
  detect: (lines) => lines.some((line) => readNetmonRow(line) !== null),
  reader: (emit, hints) => new NetmonSummaryReader(emit, hints),
};

class NetmonSummaryReader implements TextReader {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private readonly rows: NetmonRows;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
    this.rows = new NetmonRows(emit);
  }

  line(text: string): void {
    const cells = readNetmonRow(text);
    if (cells) {
      this.rows.add(cells);
      return;
    }
    const detail = DETAIL_ADDRESSES.exec(text);
    if (detail) this.rows.detail(detail[1]!, detail[2]!);
    else if (this.rows.rpc.detail(text)) return;
    else if (ROW_LIKE.test(text)) {
      this.rows.unreadable++;
      const frame = Number(/^\s*(\d{1,9})/.exec(text)?.[1] ?? 0);
      this.emit.anomaly(
        "netmon-summary.unreadable-row",
        frame,
        `looks like a row of a frame summary but cannot be read: ${text.trim().slice(0, 120)}`,
      );
    }
  }

  end(): void {
    const { rows } = this;
    rows.finish();
    finishTextCapture(rows.log, this.emit, this.hints, {
      format: "netmon-summary",
      elapsed: "since_start",
      unnumbered: rows.unnumbered,
      unreadable: rows.unreadable,
      processes: rows.processes,
      tables: [
        ...(rows.events > 0 ? ["driver_events"] : []),
        ...(rows.dns.rows > 0 ? ["dns_answers"] : []),
        ...(rows.rpc.answers > 0 ? ["rpc_endpoints"] : []),
      ],
      // Windows and scale factors are printed as the header has them.
      interpret: () => {},
    });
  }
}
