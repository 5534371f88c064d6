import { Known } from "../../decoders/packet-batch.ts";
import type { CaptureInfo, Emit, SourceHints } from "../format.ts";
import { payloadFromFrameLengths } from "./frame-overhead.ts";
import { reconstructSequences } from "./sequence-reconstruction.ts";
import { emitStun } from "./stun-description.ts";
import { connectRows, type TextConnection } from "./text-connections.ts";
import { RowKind, type TextPacketLog } from "./text-packet-log.ts";
import { emitPackets } from "./text-packets.ts";
import { type ElapsedMeaning, resolveTimes, type TextTimes } from "./text-time-column.ts";
import { addTlsSessions } from "./text-tls.ts";

/** Tables a text capture speaks for: those derived from packets, as far as rows without payload bytes can fill them. */
export const PACKET_TABLES = ["arp_packets", "captures", "tcp_connections", "tcp_retransmissions", "tcp_stalls", "udp_flows"] as const;

/** Share of TCP rows without a connection above which the list says nothing about what its connections did. */
const UNPLACED_SHARE = 0.5;

/** What differs between the tools that print packet lists. */
export interface TextCaptureTraits {
  readonly format: string;
  /** What the column of plain seconds counts from, where its title says so. */
  readonly elapsed: ElapsedMeaning | null;
  /** Rows have no frame numbers of their own. */
  readonly unnumbered: boolean;
  /** Rows that could not be read: the list is not whole. */
  readonly unreadable: number;
  /** Process names by id. */
  readonly processes?: Readonly<Record<number, string>>;
  /** Further tables the list speaks for. */
  readonly tables?: readonly string[];
  /** Runs once connections are known, before sequence numbers are worked out. */
  interpret(log: TextPacketLog, connections: readonly TextConnection[]): void;
}

/** After the last line: works out times, connections and missing numbers, and emits the capture. Nothing is emitted for an empty log. */
export function finishTextCapture(log: TextPacketLog, emit: Emit, hints: SourceHints, traits: TextCaptureTraits): void {
  if (log.count === 0) return;
  const times = inFrameOrder(log, resolveTimes(log, hints, traits.elapsed), (frame) =>
    emit.anomaly(`${traits.format}.conflicting-frame`, frame, `frame ${frame} is listed twice with different contents; the first is kept`),
  );
  const connections = connectRows(log);
  traits.interpret(log, connections);
  addTlsSessions(log, connections);
  const unplaced = unplacedRows(log);
  if (unplaced.length > 0) {
    const what = "a row of TCP shows no ports, and no other row tells which connection it belongs to";
    for (const frame of unplaced) emit.anomaly(`${traits.format}.unplaced-row`, frame, what);
  }
  payloadFromFrameLengths(log, connections);
  reconstructSequences(log, connections);
  const info: CaptureInfo = {
    base: times.base,
    zone: times.zone,
    ...(times.timeOfDay && { timeOfDay: true }),
    textExport: true,
    excerpt: traits.unnumbered || log.hasHoles,
    filter: hints.filter ?? null,
    dropped: null,
    damaged: traits.unreadable + unplaced.length > 0,
    ...(traits.processes && { processes: traits.processes }),
  };
  const packets = hasPackets(log);
  if (packets) emit.capture(info);
  emitPackets(log, times, emit);
  emitStun(log, times, info.excerpt || info.filter !== null || info.damaged, emit);
  const blind = unplaced.length > UNPLACED_SHARE * tcpRows(log) ? "most of its TCP rows show no ports" : null;
  emitCoverage(
    [
      ...(packets ? PACKET_TABLES : []),
      ...(log.stun.size > 0 ? ["stun_transactions"] : []),
      ...(log.tls.length > 0 ? ["tls_sessions"] : []),
      ...(traits.tables ?? []),
    ],
    times,
    info,
    log.rows.frame[0]!,
    blind,
    emit,
  );
}

function tcpRows({ rows, count }: TextPacketLog): number {
  return rows.ipProtocol.subarray(0, count).reduce((sum, protocol) => sum + (protocol === 6 ? 1 : 0), 0);
}

/** Frames of TCP rows that cannot be given to a connection. */
function unplacedRows({ rows, count }: TextPacketLog): number[] {
  const frames: number[] = [];
  for (let i = 0; i < count; i++) {
    if (rows.kind[i] === RowKind.event || rows.ipProtocol[i] !== 6) continue;
    if (!(rows.known[i]! & Known.ports) && rows.stream[i] === 0) frames.push(rows.frame[i]!);
  }
  return frames;
}

/** Sorts rows by frame number, once each. A list that was pasted in parts repeats frames. */
function inFrameOrder(log: TextPacketLog, times: TextTimes, conflict: (frame: number) => void): TextTimes {
  const { frame } = log.rows;
  let sorted = true;
  for (let i = 1; i < log.count && sorted; i++) sorted = frame[i]! > frame[i - 1]!;
  if (sorted) return times;
  const order = Uint32Array.from({ length: log.count }, (_, i) => i).sort((a, b) => frame[a]! - frame[b]! || a - b);
  let kept = 1;
  for (let i = 1; i < order.length; i++) {
    const [row, before] = [order[i]!, order[kept - 1]!];
    if (frame[row] !== frame[before]) order[kept++] = row;
    else if (!isSameRow(log, row, before)) conflict(frame[row]!);
  }
  const chosen = order.subarray(0, kept);
  log.arrange(chosen);
  const own = Uint8Array.from(chosen, (row) => times.own[row]!);
  const moved = Float64Array.from(chosen, (row) => times.times[row]!);
  let latest = moved[0]!;
  for (let i = 0; i < kept; i++) {
    // Only a list whose parts hang loosely together can run backwards; such times are carried over.
    if (!own[i]) moved[i] = latest;
    latest = moved[i]!;
  }
  return { ...times, times: moved, own };
}

const COMPARED = ["kind", "source", "destination", "sourcePort", "destinationPort", "flags", "seq", "ack", "length"] as const;

function isSameRow(log: TextPacketLog, a: number, b: number): boolean {
  return COMPARED.every((name) => log.rows[name][a] === log.rows[name][b]);
}

/** Why the list cannot prove that something did not happen; null if it can, within its span. */
function shortcoming(info: CaptureInfo, firstFrame: number): string | null {
  if (info.filter !== null) return "filtered";
  if (info.excerpt) return "rows were left out";
  if (info.damaged) return "some rows could not be read";
  return info.base === null && firstFrame !== 1 ? "does not begin with the first frame" : null;
}

function emitCoverage(
  tables: readonly string[],
  times: TextTimes,
  info: CaptureInfo,
  firstFrame: number,
  blind: string | null,
  emit: Emit,
): void {
  const at = (nanoseconds: number | undefined) =>
    times.base === null || nanoseconds === undefined ? null : times.base + BigInt(Math.round(nanoseconds));
  const why = shortcoming(info, firstFrame);
  const span = { host: null, side: null, from: at(times.times[0]), to: at(times.times[times.times.length - 1]) };
  for (const table of tables) {
    if (table === "captures") continue;
    const unseen = blind !== null && table.startsWith("tcp_");
    emit.coverage({ table, ...span, complete: why === null, ...(why !== null && { why }), ...(unseen && { blind }) });
  }
}

/** Whether any row is a packet, not only a provider's line. */
function hasPackets(log: TextPacketLog): boolean {
  return log.rows.kind.subarray(0, log.count).some((kind) => kind !== RowKind.event);
}
