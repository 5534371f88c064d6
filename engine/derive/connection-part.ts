import type { CaptureInfo } from "../formats/format.ts";
import type { ColumnData, TablePart } from "../tables/table.ts";
import { CONN_STATES } from "../tables/tcp-connections.ts";
import { type ConnectionRows, END_COUNTS } from "./connection-rows.ts";
import type { HistoryBook } from "./history-book.ts";
import {
  type AddressTexts,
  durations,
  enumerated,
  firstFrames,
  flags,
  frameLists,
  numbers,
  processColumns,
  times,
} from "./part-columns.ts";

type Column = ColumnData;

/** The finished rows as a part of `tcp_connections`. It takes the rows' columns over and turns some in place. */
export function connectionPart(
  rows: ConnectionRows,
  histories: HistoryBook,
  addresses: AddressTexts,
  info: Pick<CaptureInfo, "base" | "textExport" | "processes">,
  source: number,
): TablePart {
  const { base } = info;
  rows.settle();
  const { length, doubles, words, bytes } = rows;
  const stream = Uint32Array.from({ length }, (_, row) => row);
  const duration = doubles.end.slice(0, length).map((end, row) => end - doubles.start[row]!);
  const columns: Record<string, Column> = {
    stream: numbers(stream, length),
    ...ends(rows, addresses),
    start: times(doubles.start, length, base),
    end: times(doubles.end, length, base),
    duration: durations(duration, length),
    conn_state: enumerated(
      bytes.state.map((state) => state + 1),
      length,
      ["", ...CONN_STATES],
    ),
    history: enumerated(words.history, length, histories.texts()),
    ...(!info.textExport && { missed_bytes: numbers(doubles.missed, length) }),
    syn_count: numbers(rows.counts.synCount.values, length),
    syn_ack_count: numbers(rows.counts.synAckCount.values, length),
    handshake_rtt: durations(doubles.handshakeRtt, length),
    syn_rtt: durations(doubles.synRtt, length),
    ack_rtt: durations(doubles.ackRtt, length),
    established: flags(bytes.established, length),
    reset_by: enumerated(resetBy(rows), length, ["", "client", "server"]),
    reset_before_data: flags(bytes.resetBeforeData, length),
    idle_max: durations(doubles.idleMax, length),
    idle_before_reset: durations(doubles.idleBeforeReset, length),
    reset_after_idle: durations(
      doubles.resetAfterIdle.map((time, row) => (rows.ints.resetFrames[row] === -1 ? Number.NaN : time)),
      length,
    ),
    turns: numbers(rows.counts.turns.values, length),
    request_response_rtt_min: durations(doubles.shortestTurn, length),
    first_frame: numbers(words.firstFrame, length, 0),
    last_frame: numbers(words.lastFrame, length, 0),
    syn_frames: frameLists(rows.ints.synFrames, length, rows.frames),
    syn_ack_frame: numbers(words.synAckFrame, length, 0),
    reset_frame: numbers(firstFrames(rows.ints.resetFrames, length, rows.frames), length, 0),
    reset_frames: frameLists(rows.ints.resetFrames, length, rows.frames),
    ...zeekColumns(rows, "orig"),
    ...zeekColumns(rows, "resp"),
    ...sideColumns(rows, "client"),
    ...sideColumns(rows, "server"),
    ...processColumns(rows.ints.process, length, info.processes),
  };
  return { table: "tcp_connections", source, unit: "frame", length, at: words.firstFrame.slice(0, length), columns };
}

function sideColumns(rows: ConnectionRows, side: "client" | "server"): Record<string, Column> {
  const { length } = rows;
  const { counts, doubles, mss, bytes } = rows.ends[side === "client" ? 0 : 1];
  const columns: Record<string, Column> = {
    [`${side}_mss`]: numbers(mss.values, length, -1),
    [`${side}_window_shift`]: numbers(bytes.shift, length, 255),
    [`${side}_sack_permitted`]: flags(bytes.sackPermitted, length),
    [`${side}_timestamps`]: flags(bytes.timestamps, length),
    [`${side}_open_gap`]: flags(bytes.openGap, length),
    [`${side}_ttl`]: numbers(bytes.ttl, length, 0),
    [`${side}_wait_max`]: durations(doubles.waitMax, length),
    [`${side}_wait_total`]: durations(doubles.waitTotal, length),
    [`${side}_max_segment`]: numbers(counts.max_segment.values, length),
  };
  for (const name of END_COUNTS) columns[`${side}_${name}`] = numbers(counts[name].values, length);
  return columns;
}

/** What Zeek counts of one end, under its names. */
function zeekColumns(rows: ConnectionRows, end: "orig" | "resp"): Record<string, Column> {
  const { counts, doubles } = rows.ends[end === "orig" ? 0 : 1];
  return {
    [`${end}_bytes`]: numbers(doubles.bytes, rows.length),
    [`${end}_pkts`]: numbers(counts.packets.values, rows.length),
    [`${end}_ip_bytes`]: numbers(doubles.ipBytes, rows.length),
  };
}

/** 1 where the client sent the first RST, 2 where the server did, 0 where none was sent. */
function resetBy(rows: ConnectionRows): Uint8Array {
  const { resetBy, clientIs1 } = rows.bytes;
  return resetBy.map((end, row) => (end === 0 ? 0 : end - 1 === clientIs1[row] ? 1 : 2));
}

/** The addresses and ports of both ends. */
function ends(rows: ConnectionRows, addresses: AddressTexts): Record<string, Column> {
  const { length, words, bytes } = rows;
  const [client, server] = [new Uint32Array(length), new Uint32Array(length)];
  const [clientPort, serverPort] = [new Uint16Array(length), new Uint16Array(length)];
  for (let row = 0; row < length; row++) {
    const swapped = bytes.clientIs1[row] === 1;
    const [first, second] = [words.address0[row]!, words.address1[row]!];
    const [port0, port1] = [words.ports[row]! >>> 16, words.ports[row]! & 0xffff];
    client[row] = addresses.id(swapped ? second : first, bytes.family[row]!);
    server[row] = addresses.id(swapped ? first : second, bytes.family[row]!);
    clientPort[row] = swapped ? port1 : port0;
    serverPort[row] = swapped ? port0 : port1;
  }
  return {
    client_ip: addresses.column(client),
    client_port: numbers(clientPort, length),
    server_ip: addresses.column(server),
    server_port: numbers(serverPort, length),
  };
}
