import { CAPTURE_TABLES, PAYLOAD_TABLES } from "../formats/binary-capture/capture-terms.ts";
import type { SourceHints } from "../formats/format.ts";
import { PACKET_TABLES } from "../formats/text-capture/text-capture.ts";
import type { Coverage } from "../tables/coverage.ts";
import { Table } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";
import type { CaptureSide } from "./capture-side.ts";
import type { AnalysedCapture } from "./source-result.ts";

/** Share of acknowledgements for bytes never captured above which a capture missed too much to prove an absence. */
const UNSEEN_SHARE = 0.001;
/** Share of connections with one direction only above which the capture itself shows one only. */
const ONE_SIDED_SHARE = 0.2;
/** Share of connections with segments of unknown length above which an export says nothing about who waited for what. */
const WITHOUT_LENGTHS_SHARE = 0.2;

/** epmap, where RPC servers are asked for their ports. */
const ENDPOINT_MAPPER_PORT = 135;

/** Moments of a capture, nanoseconds since the Unix epoch; null where it has no absolute time. */
export function captureSpan({ info, quality }: AnalysedCapture): { from: bigint | null; to: bigint | null } {
  const at = (time: number) =>
    info.base === null || quality.packets === 0 || !Number.isFinite(time) ? null : info.base + BigInt(Math.round(time));
  return { from: at(quality.firstTime), to: at(quality.lastTime) };
}

/** Why a capture cannot prove that something did not happen; null if it can. */
export function shortcoming(capture: AnalysedCapture, hints: SourceHints): string | null {
  const { info, quality } = capture;
  const filter = info.filter ?? hints.filter ?? null;
  if (filter !== null) return `filtered: ${filter}`;
  if (info.excerpt) return "rows were left out";
  if (info.damaged) return "the capture is damaged or cut off";
  if (info.textExport && info.base === null && capture.connections.at[0] !== 1) return "does not begin with the first frame";
  if ((info.dropped ?? 0) > 0) return `the capturing tool dropped ${info.dropped} packets`;
  if (quality.unseenAcknowledged > UNSEEN_SHARE * quality.tcpPackets)
    return `${quality.unseenAcknowledged} acknowledgements are for segments the capture missed`;
  return isOneSided(capture) ? "only one direction was captured" : null;
}

/** Connections whose other end is heard of but never seen. */
function isOneSided({ connections }: AnalysedCapture): boolean {
  const table = new Table(tcpConnections, [connections]);
  if (table.length === 0) return false;
  const [orig, resp, state] = [table.reader("orig_pkts"), table.reader("resp_pkts"), table.reader("conn_state")];
  let count = 0;
  for (let row = 0; row < table.length; row++) {
    if (orig(row) === 0 || (resp(row) === 0 && (state(row) === "SH" || state(row) === "OTH"))) count++;
  }
  return count > ONE_SIDED_SHARE * table.length;
}

/**
 * Why an export cannot show which write waited for which acknowledgement; null if it can. That takes the length of every segment,
 * and an export without lengths, or in the words of application protocols, leaves them out.
 */
function blindToStalls({ info, connections }: AnalysedCapture): string | null {
  if (!info.textExport || connections.length === 0) return null;
  const read = new Table(tcpConnections, [connections]).reader("orig_bytes");
  let unknown = 0;
  for (let row = 0; row < connections.length; row++) if (read(row) === null) unknown++;
  return unknown > WITHOUT_LENGTHS_SHARE * connections.length ? "the export does not show the length of every segment" : null;
}

/**
 * Why an export cannot show packets with IP length 0; null if it can. A tool that goes by the IP length reads no TCP header in them, so a
 * list of one conversation leaves them out.
 */
function blindToZeroLength({ info, quality }: AnalysedCapture, hints: SourceHints): string | null {
  if (!info.textExport || quality.zeroLength > 0) return null;
  const filtered = info.excerpt || (info.filter ?? hints.filter ?? null) !== null;
  return filtered ? "a list from which rows were left out does not show packets whose TCP header was not read" : null;
}

/**
 * Why a capture cannot show what RPC servers answer; null if it can. The calls may well have been made where it does not see them, in a
 * tunnel or at another machine.
 */
function blindToEndpoints({ connections, parts }: AnalysedCapture): string | null {
  if (parts.some(({ table, length }) => table === "rpc_endpoints" && length > 0)) return null;
  const port = new Table(tcpConnections, [connections]).reader("server_port");
  for (let row = 0; row < connections.length; row++) if (port(row) === ENDPOINT_MAPPER_PORT) return null;
  return "it holds no connection to an endpoint mapper";
}

/** What a capture could have shown. A text export says so itself, but for its machine, which only its connections tell, and for what it cannot show. */
export function captureCoverage(capture: AnalysedCapture, side: CaptureSide, hints: SourceHints): Coverage[] {
  // Without a packet nothing shows when, where or whether anything was captured at all.
  if (capture.quality.packets === 0) return [];
  const blind: Readonly<Record<string, string | null>> = {
    tcp_stalls: blindToStalls(capture),
    zero_length_packets: blindToZeroLength(capture, hints),
    rpc_endpoints: blindToEndpoints(capture),
  };
  const unknownHost = capture.info.textExport && side.host === null;
  const why = shortcoming(capture, hints);
  const { from, to } = captureSpan(capture);
  const speaksFor: readonly string[] = capture.info.textExport ? [...PACKET_TABLES, "zero_length_packets"] : CAPTURE_TABLES;
  const told = (table: string) => !unknownHost || table === "zero_length_packets" || (blind[table] ?? null) !== null;
  const tables = speaksFor.filter((table) => table !== "captures" && told(table));
  return tables.map((table) => {
    const reason = why ?? (capture.quality.truncated > 0 && PAYLOAD_TABLES.includes(table) ? "packets were cut off" : null);
    const unseen = blind[table] ?? null;
    return {
      table,
      source: capture.sources[0] ?? -1,
      host: side.host,
      side: side.side === "middle" ? null : side.side,
      from,
      to,
      complete: reason === null,
      ...(reason !== null && { why: reason }),
      ...(unseen !== null && { blind: unseen }),
    };
  });
}
