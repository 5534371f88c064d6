import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";
import { finishTextCapture, PACKET_TABLES } from "./text-capture/text-capture.ts";
import { readTitledRow } from "./text-capture/wireshark-cells.ts";
import { ARROW_ROW, type ListCells, readSpacedRow, splitRows } from "./text-capture/wireshark-columns.ts";
import { TCP_INFO, ZERO_LENGTH_INFO } from "./text-capture/wireshark-info.ts";
import { RowJoiner, readQuotedRow } from "./text-capture/wireshark-lines.ts";
import { WiresharkRows } from "./text-capture/wireshark-rows.ts";
import { type ListLayout, readTitles } from "./text-capture/wireshark-titles.ts";

/**
 * Wireshark's and tshark's packet list as text: exported as plain text or CSV, printed by tshark, or copied into a mail or an article,
 * with the default columns or others, with or without titles, or as a list of fields (`tshark -T fields -E header=y`). Frames keep their numbers. Rows that describe a message of an
 * application protocol instead of the TCP header get ports, sequence number and length from the rows around them where these leave no choice.
 *
 *     1925 105.140625 172.16.1.1 10.1.1.1 TCP http > rmiactivation [ACK] Seq=1 Ack=282 Win=65254 Len=0 SLE=1742 SRE=2328
 */
export const wiresharkList: TextFormat = {
  kind: "text",
  id: "wireshark-list",
  title: "Wireshark packet list",
  unit: "frame",
  tables: [...PACKET_TABLES, "dns_answers", "stun_transactions", "tls_sessions"].sort(),
  detect(lines) {
    let [titled, rows] = [false, 0];
    let layout: ListLayout | null = null;
    for (const line of lines) {
      if (layout && readTitledRow(line, layout, 1)) return true;
      layout = readTitles(line) ?? layout;
      const quoted = readQuotedRow(line);
      const { before, rows: found } = quoted ? { before: "", rows: [] } : splitRows(line);
      titled ||= readTitles(before) !== null;
      const cells = quoted ?? (found.length > 0 ? readSpacedRow(found[0]!, null, false) : readSpacedRow(line, null, titled));
      if (!cells) continue;
      rows += Math.max(1, found.length);
      if (titled || rows > 1 || isTelling(cells) || ARROW_ROW.test(line)) return true;
    }
    return false;
  },
  reader: (emit, hints) => new WiresharkListReader(emit, hints),
};

/** A single row without titles must say more than numbers and addresses. */
function isTelling({ protocol, info }: ListCells): boolean {
  return TCP_INFO.test(info) || protocol === "ARP" || /\bLen=\d/.test(info) || ZERO_LENGTH_INFO.test(info);
}

class WiresharkListReader implements TextReader {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private readonly rows: WiresharkRows;
  private readonly joiner: RowJoiner;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
    this.rows = new WiresharkRows(emit);
    this.joiner = new RowJoiner(this.rows);
  }

  line(text: string): void {
    this.joiner.line(text);
  }

  end(): void {
    this.joiner.flush();
    const { rows } = this;
    finishTextCapture(rows.log, this.emit, this.hints, {
      format: "wireshark-list",
      elapsed: rows.elapsed,
      unnumbered: rows.unnumbered,
      unreadable: rows.unreadable,
      tables: rows.dns.rows > 0 ? ["dns_answers"] : [],
      interpret: (log, connections) => rows.interpret(log, connections),
    });
  }
}
