import { captures as declaration } from "../tables/captures.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";
import { captureSpan } from "./capture-coverage.ts";
import type { CaptureSide } from "./capture-side.ts";
import type { SourceFacts } from "./correlate.ts";
import type { AnalysedCapture } from "./source-result.ts";

/** One row of `captures` per capture point that holds a packet, citing its first frame. */
export function captureRows(
  captures: readonly AnalysedCapture[],
  sides: readonly CaptureSide[],
  sources: readonly SourceFacts[],
): TablePart[] {
  return captures.flatMap((capture, index) => {
    // An empty capture says nothing of any fault, nor that there was none.
    if (capture.quality.packets === 0) return [];
    const rows = new TableBuilder(declaration);
    const { info, quality } = capture;
    const facts = sources[capture.sources[0] ?? -1];
    const { from, to } = captureSpan(capture);
    rows.append(
      {
        format: facts?.format ?? null,
        side: sides[index]!.side,
        host: sides[index]!.host,
        start: from,
        end: to,
        packets: quality.packets,
        tcp_packets: quality.tcpPackets,
        text_export: info.textExport,
        excerpt: info.excerpt,
        filter: info.filter ?? facts?.hints.filter ?? null,
        truncated_packets: quality.truncated,
        zero_length_packets: quality.zeroLength,
        oversized_packets: quality.oversized,
        bad_checksums: quality.badChecksums,
        duplicates: quality.duplicates,
        one_sided: quality.oneSided,
        unseen_acknowledged: quality.unseenAcknowledged,
        dropped_by_capture: info.dropped,
      },
      1,
    );
    return rows.build(capture.sources[0] ?? -1, capture.connections.unit);
  });
}
