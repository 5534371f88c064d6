import type { CaptureInfo, HostFact } from "../formats/format.ts";
import type { Landmark } from "../formats/frame-search.ts";
import type { Coverage } from "../tables/coverage.ts";
import type { TablePart } from "../tables/table.ts";
import type { SegmentLog } from "./segment-log.ts";

/** One capture point, analysed. Structured-cloneable: a worker hands it over. */
export interface AnalysedCapture {
  /** Sources it was read from, in order; usually one. */
  readonly sources: readonly number[];
  readonly info: CaptureInfo;
  /** `tcp_connections` of this capture point, rows in order of stream number. `side` is filled in when sides are inferred. */
  readonly connections: TablePart;
  /** The other parts its packets gave: `tcp_retransmissions`, `tcp_stalls`, `udp_flows`, `arp_packets`, `icmp_messages`. */
  readonly parts: readonly TablePart[];
  /** Present only if asked for. */
  readonly segments: SegmentLog | null;
  readonly quality: CaptureQuality;
  /** Addresses that sent packets with wrong checksums: checksum offload, so the capture was taken on their machine. */
  readonly offloadSenders?: readonly string[];
}

/** Counters of one capture point, columns of the same names in `captures`. Times in nanoseconds from `info.base`. */
export interface CaptureQuality {
  readonly packets: number;
  readonly tcpPackets: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly truncated: number;
  readonly zeroLength: number;
  readonly oversized: number;
  readonly badChecksums: number;
  readonly duplicates: number;
  readonly oneSided: number;
  readonly unseenAcknowledged: number;
}

/** What went wrong with a source, in words a person can act on. */
export interface Warning {
  /** Stable name: an anomaly's, or `source.<what>`. */
  readonly code: string;
  readonly text: string;
  /** First frame, line or record concerned; 0 for the whole source. */
  readonly at: number;
  readonly count: number;
}

/** Everything one source gave. */
export interface SourceResult {
  readonly source: number;
  /** Ids of the formats that read it, the one with most rows first; empty if nothing recognised it. */
  readonly formats: readonly string[];
  readonly parts: readonly TablePart[];
  /** Usually none or one; a transcript may hold a Wireshark list and a Network Monitor summary. */
  readonly captures: readonly AnalysedCapture[];
  /** Whether the times of its rows are UTC; false means local times of a zone nobody stated. */
  readonly utc: boolean;
  readonly coverage: readonly Coverage[];
  readonly hosts: readonly HostFact[];
  readonly warnings: readonly Warning[];
  /** Where a binary capture can be read on from. */
  readonly landmarks: readonly Landmark[];
  readonly bytes: number;
  /** Of the file's bytes, hexadecimal; null if it was not asked for or the file could not be read. */
  readonly sha256: string | null;
}

/** The result of a source that gave nothing: one nobody reads, or one whose reading `failed`. */
export function emptyResult(source: number, bytes: number, failed?: unknown): SourceResult {
  const why = failed instanceof Error ? failed.message : String(failed);
  return {
    source,
    formats: [],
    parts: [],
    captures: [],
    utc: true,
    coverage: [],
    hosts: [],
    warnings: failed === undefined ? [] : [{ code: "source.unreadable", text: `reading it failed: ${why}`, at: 0, count: 1 }],
    landmarks: [],
    bytes,
    sha256: null,
  };
}
