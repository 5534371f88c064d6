import type { CaptureInfo } from "../formats/format.ts";
import type { ColumnData, TablePart } from "../tables/table.ts";
import { CONN_STATES } from "../tables/tcp-connections.ts";
import { type ConnectionRows, END_COUNTS, type EndColumns } from "./connection-rows.ts";
import type { HistoryBook } from "./history-book.ts";
import { type AddressTexts, durations, enumerated, flags, frameLists, numbers, times } from "./part-columns.ts";

type Column = ColumnData;
type Select<T> = (end: EndColumns) => T;

/** The finished rows as a part of `tcp_connections`. */
export function connectionPart(
  rows: ConnectionRows,
  histories: HistoryBook,
  addresses: AddressTexts,
  info: Pick<CaptureInfo, "base" | "textExport">,
  source: number,
): TablePart {
  const { base } = info;
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
    turns: numbers(rows.counts.turns.values, length),
    request_response_rtt_min: durations(doubles.shortestTurn, length),
    first_frame: numbers(words.firstFrame, length, 0),
    last_frame: numbers(words.lastFrame, length, 0),
    syn_frames: frameLists(rows.ints.synFrames, length, rows.frames),
    syn_ack_frame: numbers(words.synAckFrame, length, 0),
    reset_frame: numbers(words.resetFrame, length, 0),
    ...sideColumns(rows, "client", 0),
    ...sideColumns(rows, "server", 1),
    process_id: numbers(rows.ints.process, length, -1),
  };
  for (const [name, select] of ZEEK_COLUMNS) {
    columns[`orig_${name}`] = numbers(oriented(rows, 0, select), length);
    columns[`resp_${name}`] = numbers(oriented(rows, 1, select), length);
  }
  return { table: "tcp_connections", source, unit: "frame", length, at: words.firstFrame.slice(0, length), columns };
}

const ZEEK_COLUMNS: readonly (readonly [string, Select<Float64Array | Uint8Array | Uint16Array | Uint32Array>])[] = [
  ["bytes", (end) => end.doubles.bytes],
  ["pkts", (end) => end.counts.packets.values],
  ["ip_bytes", (end) => end.doubles.ipBytes],
];

/** A column of the client (`which` 0) or the server, out of the columns of the two canonical ends. */
function oriented<T extends Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array>(
  rows: ConnectionRows,
  which: 0 | 1,
  select: Select<T>,
): T {
  const { clientIs1 } = rows.bytes;
  const [first, second] = [select(rows.ends[0]), select(rows.ends[1])];
  const wider = first.BYTES_PER_ELEMENT >= second.BYTES_PER_ELEMENT ? first : second;
  const column = new (wider.constructor as new (size: number) => T)(rows.length);
  for (let row = 0; row < rows.length; row++) column[row] = clientIs1[row] === which ? first[row]! : second[row]!;
  return column;
}

function sideColumns(rows: ConnectionRows, side: "client" | "server", which: 0 | 1): Record<string, Column> {
  const { length } = rows;
  const columns: Record<string, Column> = {
    [`${side}_mss`]: numbers(
      oriented(rows, which, (end) => end.mss.values),
      length,
      -1,
    ),
    [`${side}_window_shift`]: numbers(
      oriented(rows, which, (end) => end.bytes.shift),
      length,
      255,
    ),
    [`${side}_sack_permitted`]: flags(
      oriented(rows, which, (end) => end.bytes.sackPermitted),
      length,
    ),
    [`${side}_timestamps`]: flags(
      oriented(rows, which, (end) => end.bytes.timestamps),
      length,
    ),
    [`${side}_ttl`]: numbers(
      oriented(rows, which, (end) => end.bytes.ttl),
      length,
      0,
    ),
    [`${side}_wait_max`]: durations(
      oriented(rows, which, (end) => end.doubles.waitMax),
      length,
    ),
    [`${side}_wait_total`]: durations(
      oriented(rows, which, (end) => end.doubles.waitTotal),
      length,
    ),
  };
  columns[`${side}_max_segment`] = numbers(
    oriented(rows, which, (end) => end.counts.max_segment.values),
    length,
  );
  for (const name of END_COUNTS)
    columns[`${side}_${name}`] = numbers(
      oriented(rows, which, (end) => end.counts[name].values),
      length,
    );
  return columns;
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
