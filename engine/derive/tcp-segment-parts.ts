import type { ColumnData, TablePart } from "../tables/table.ts";
import type { ConnectionRows } from "./connection-rows.ts";
import { durations, enumerated, flags, frameLists, numbers, times } from "./part-columns.ts";
import { BACKOFF_COPIES, type RetransmissionRuns, RUN_KINDS, RunBit, UNKNOWN_LENGTH } from "./tcp-retransmission-runs.ts";
import type { TcpStalls } from "./tcp-stalls.ts";

const KEY = ["client_ip", "client_port", "server_ip", "server_port"] as const;
const ENDS = ["", "client", "server"] as const;

/** The connection's columns again, for rows that belong to connections `streams`. */
function keyColumns(connections: TablePart, streams: Int32Array, length: number): Record<string, ColumnData> {
  const columns: Record<string, ColumnData> = { stream: numbers(streams, length) };
  for (const name of KEY) {
    const column = connections.columns[name]!;
    if (column.kind === "texts")
      columns[name] = enumerated(
        streams.subarray(0, length).map((stream) => column.ids[stream]!),
        length,
        column.dictionary,
      );
    else if (column.kind === "numbers")
      columns[name] = numbers(
        Uint16Array.from(streams.subarray(0, length), (stream) => column.values[stream]!),
        length,
      );
  }
  return columns;
}

/** Addresses of the ends that sent and received, where `from` is 1 for the client and 2 for the server. */
function endColumns(connections: TablePart, streams: Int32Array, from: Uint8Array, length: number): Record<string, ColumnData> {
  const [client, server] = [connections.columns.client_ip!, connections.columns.server_ip!];
  if (client.kind !== "texts" || server.kind !== "texts") return {};
  const column = (ofClient: 1 | 2): ColumnData => {
    // Both columns of a connections part are written with one dictionary.
    const ids = streams.subarray(0, length).map((stream, row) => (from[row] === ofClient ? client : server).ids[stream]!);
    return enumerated(ids, length, client.dictionary);
  };
  return { sender_ip: column(1), receiver_ip: column(2) };
}

/** 1 for the client, 2 for the server, of canonical ends. */
function sides(rows: ConnectionRows, streams: Int32Array, from: Uint8Array, length: number): Uint8Array {
  return from.slice(0, length).map((end, row) => (end === rows.bytes.clientIs1[streams[row]!] ? 1 : 2));
}

/** The finished runs as a part of `tcp_retransmissions`; `connections` is the finished part of their connections. */
export function retransmissionPart(runs: RetransmissionRuns, rows: ConnectionRows, connections: TablePart, base: bigint | null): TablePart {
  const { length, ints, words, doubles, bytes } = runs;
  const from = sides(rows, ints.stream, bytes.from, length);
  const peerMss = new Int32Array(length);
  const exceeds = new Uint8Array(length);
  const acknowledged = new Uint8Array(length);
  const backoff = new Uint8Array(length);
  const ended = new Uint8Array(length);
  const peerSyn = new Uint32Array(length);
  const span = new Float64Array(length);
  for (let run = 0; run < length; run++) {
    const stream = ints.stream[run]!;
    const bits = bytes.bits[run]!;
    const mss = rows.ends[from[run] === 1 ? 1 : 0].mss.values[stream]!;
    peerMss[run] = mss;
    exceeds[run] = mss <= 0 || ints.payload[run] === UNKNOWN_LENGTH ? 2 : ints.payload[run]! > mss ? 1 : 0;
    ended[run] = (bits & RunBit.endedByReset) !== 0 ? 1 : 0;
    acknowledged[run] = (bits & RunBit.sequenced) !== 0 ? ((bits & RunBit.acknowledged) !== 0 ? 1 : 0) : ended[run] === 1 ? 0 : 2;
    backoff[run] = runs.copies.values[run]! >= BACKOFF_COPIES && (bits & RunBit.uneven) === 0 ? 1 : 0;
    peerSyn[run] = from[run] === 1 ? rows.words.synAckFrame[stream]! : rows.frames.first(rows.ints.synFrames[stream]!);
    span[run] = doubles.lastTime[run]! - doubles.firstTime[run]!;
  }
  const columns = {
    ...keyColumns(connections, ints.stream, length),
    from: enumerated(from, length, ENDS),
    ...endColumns(connections, ints.stream, from, length),
    time: times(doubles.firstTime, length, base),
    length: numbers(ints.payload, length, UNKNOWN_LENGTH),
    kind: enumerated(
      bytes.kind.map((kind) => kind + 1),
      length,
      ["", ...RUN_KINDS],
    ),
    copies: numbers(runs.copies.values, length),
    acknowledged: flags(acknowledged, length),
    peer_mss: numbers(peerMss, length, -1),
    exceeds_peer_mss: flags(exceeds, length),
    backoff: flags(backoff, length),
    first_gap: durations(doubles.firstGap, length),
    last_gap: durations(doubles.lastGap, length),
    span: durations(span, length),
    ended_by_reset: flags(ended, length),
    frame: numbers(words.firstFrame, length, 0),
    copy_frames: frameLists(ints.copyFrames, length, runs.frames),
    reset_frame: numbers(words.resetFrame, length, 0),
    syn_ack_frame: numbers(
      Uint32Array.from({ length }, (_, run) => rows.words.synAckFrame[ints.stream[run]!]!),
      length,
      0,
    ),
    peer_syn_frame: numbers(peerSyn, length, 0),
  };
  const at = words.firstFrame.slice(0, length).map((frame, run) => frame || runs.frames.first(ints.copyFrames[run]!));
  return { table: "tcp_retransmissions", source: connections.source, unit: "frame", length, at, columns };
}

/** The finished stalls as a part of `tcp_stalls`. */
export function stallPart(stalls: TcpStalls, rows: ConnectionRows, connections: TablePart, base: bigint | null): TablePart {
  const { length, ints, words, doubles, bytes } = stalls;
  const handshake = connections.columns.handshake_rtt!;
  const rtt = Float64Array.from({ length }, (_, row) => (handshake.kind === "numbers" ? handshake.values[ints.stream[row]!]! : Number.NaN));
  const held = rtt.map((value, row) => doubles.ackDelay[row]! + doubles.resumeDelay[row]! - value * 1e9);
  const from = sides(rows, ints.stream, bytes.from, length);
  const ofSameEnd = new Map<number, number>();
  const endOf = (row: number) => 2 * ints.stream[row]! + from[row]!;
  for (let row = 0; row < length; row++) ofSameEnd.set(endOf(row), (ofSameEnd.get(endOf(row)) ?? 0) + 1);
  const unprompted = Uint32Array.from(
    { length },
    (_, row) => rows.ends[from[row] === 1 ? 0 : 1].counts.unprompted.values[ints.stream[row]!]!,
  );
  const columns = {
    ...keyColumns(connections, ints.stream, length),
    from: enumerated(from, length, ENDS),
    ...endColumns(connections, ints.stream, from, length),
    time: times(doubles.time, length, base),
    small_length: numbers(words.smallLength, length),
    rest_length: numbers(words.restLength, length),
    ack_delay: durations(doubles.ackDelay, length),
    resume_delay: durations(doubles.resumeDelay, length),
    request_ack_delay: durations(doubles.requestAckDelay, length),
    held_back: durations(held, length),
    stalls: numbers(
      Uint32Array.from({ length }, (_, row) => ofSameEnd.get(endOf(row))!),
      length,
    ),
    unprompted: numbers(unprompted, length),
    rtt: numbers(rtt, length),
    request_frame: numbers(words.requestFrame, length, 0),
    small_frame: numbers(words.smallFrame, length, 0),
    ack_frame: numbers(words.ackFrame, length, 0),
    rest_frame: numbers(words.restFrame, length, 0),
  };
  return { table: "tcp_stalls", source: connections.source, unit: "frame", length, at: words.smallFrame.slice(0, length), columns };
}
