import { TcpFlag } from "../decoders/packet-batch.ts";
import { Table } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";
import { type SegmentLog, Shape, shapeFlags, shapeLength } from "./segment-log.ts";
import type { AnalysedCapture } from "./source-result.ts";
import { twinSegments } from "./twin-segments.ts";

/** Client to server, and back: index of everything kept per direction. */
export const [TO_SERVER, TO_CLIENT] = [0, 1] as const;

/** What a connection row says of one session, in plain fields. */
export interface SessionEnds {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly clientMss: number | null;
  readonly serverMss: number | null;
  readonly clientShift: number | null;
  readonly serverShift: number | null;
  readonly clientTtl: number | null;
  readonly serverTtl: number | null;
}

/** The TCP sessions of one capture point and where their segments stand in its log. */
export interface PointSessions {
  readonly capture: AnalysedCapture;
  readonly log: SegmentLog;
  readonly count: number;
  /** By connection row: the session it belongs to. */
  readonly sessionOf: Uint32Array;
  /** By session: its first connection row. */
  readonly stream: Uint32Array;
  /** Rows of session `s` are `rowOrder[rowStart[s]]` to `rowOrder[rowStart[s + 1] - 1]`. */
  readonly rowStart: Uint32Array;
  readonly rowOrder: Uint32Array;
  /** Segments of session `s` are `order[start[s]]` to `order[start[s + 1] - 1]`, in packet order; of those recorded twice the first. */
  readonly start: Uint32Array;
  readonly order: Uint32Array;
  /** By direction and session: initial sequence number, NaN if its SYN was not seen or had no number. */
  readonly isn: readonly [Float64Array, Float64Array];
  readonly ends: readonly SessionEnds[];
  /** Sequence numbers count from each direction's first (Wireshark's default in text exports). */
  readonly relative: boolean;
}

/** Attempts on the same ports that follow within this time of one never established are the same session, ns. */
const SAME_ATTEMPT = 60e9;

/** Groups the segments of a capture point by session; null where it kept none. */
export function pointSessions(capture: AnalysedCapture): PointSessions | null {
  const log = capture.segments;
  if (!log) return null;
  const rows = capture.connections.length;
  const ends = connectionEnds(capture);
  const [byStream, byOrder] = groupBy(log.stream, log.count, rows);
  const first = streamFacts(log, byStream, byOrder, rows);
  const sessionOf = new Uint32Array(rows);
  const stream: number[] = [];
  const latest = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const { clientIp, clientPort, serverIp, serverPort } = ends[row]!;
    const key = `${clientIp} ${clientPort} ${serverIp} ${serverPort}`;
    const before = latest.get(key);
    latest.set(key, row);
    const same = before !== undefined && continues(log, first, byStream, byOrder, before, row);
    sessionOf[row] = same ? sessionOf[before]! : stream.push(row) - 1;
  }
  const count = stream.length;
  const sessionOfSegment = new Uint32Array(log.count);
  const twice = twinSegments(capture);
  for (let i = 0; i < log.count; i++) sessionOfSegment[i] = log.stream[i]! < rows && !twice?.[i] ? sessionOf[log.stream[i]!]! : count;
  const [start, order] = groupBy(sessionOfSegment, log.count, count);
  const [rowStart, rowOrder] = groupBy(sessionOf, rows, count);
  const isn = [first.isn[0], first.isn[1]].map((values) => Float64Array.from(stream, (row) => values[row]!)) as [
    Float64Array,
    Float64Array,
  ];
  return {
    capture,
    log,
    count,
    sessionOf,
    stream: Uint32Array.from(stream),
    rowStart,
    rowOrder,
    start,
    order,
    isn,
    ends: stream.map((row) => ends[row]!),
    relative: isRelative(capture, isn),
  };
}

function connectionEnds(capture: AnalysedCapture): SessionEnds[] {
  const table = new Table(tcpConnections, [capture.connections]);
  if (table.length === 0) return [];
  const number = (column: string) => {
    const read = table.reader(column);
    return (row: number) => read(row) as number | null;
  };
  const [clientIp, serverIp] = [table.reader("client_ip"), table.reader("server_ip")];
  const [clientPort, serverPort] = [number("client_port"), number("server_port")];
  const [clientMss, serverMss, clientShift, serverShift] = [
    number("client_mss"),
    number("server_mss"),
    number("client_window_shift"),
    number("server_window_shift"),
  ];
  const [clientTtl, serverTtl] = [number("client_ttl"), number("server_ttl")];
  return Array.from({ length: table.length }, (_, row) => ({
    clientIp: String(clientIp(row) ?? ""),
    clientPort: clientPort(row) ?? -1,
    serverIp: String(serverIp(row) ?? ""),
    serverPort: serverPort(row) ?? -1,
    clientMss: clientMss(row),
    serverMss: serverMss(row),
    clientShift: clientShift(row),
    serverShift: serverShift(row),
    clientTtl: clientTtl(row),
    serverTtl: serverTtl(row),
  }));
}

/** Counting sort: where each key's entries start, and the entries in order. Keys of `keys` or more are left out. */
export function groupBy(key: Uint32Array, length: number, keys: number): [start: Uint32Array, order: Uint32Array] {
  const start = new Uint32Array(keys + 1);
  let kept = 0;
  for (let i = 0; i < length; i++) {
    if (key[i]! >= keys) continue;
    start[key[i]! + 1]!++;
    kept++;
  }
  for (let k = 0; k < keys; k++) start[k + 1]! += start[k]!;
  const order = new Uint32Array(kept);
  const next = start.slice();
  for (let i = 0; i < length; i++) if (key[i]! < keys) order[next[key[i]!]!++] = i;
  return [start, order];
}

interface StreamFacts {
  readonly isn: [Float64Array, Float64Array];
  /** The client sent something but SYN and RST: the handshake came to its end. */
  readonly established: Uint8Array;
}

function streamFacts(log: SegmentLog, start: Uint32Array, order: Uint32Array, rows: number): StreamFacts {
  const isn: [Float64Array, Float64Array] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  const established = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let k = start[row]!; k < start[row + 1]!; k++) {
      const i = order[k]!;
      const shape = log.shape[i]!;
      const flags = shapeFlags(shape);
      const direction = shape & Shape.fromServer ? TO_CLIENT : TO_SERVER;
      if (flags & TcpFlag.syn) {
        if (shape & Shape.knownSeq && Number.isNaN(isn[direction][row]!)) isn[direction][row] = log.seq[i]!;
      } else if (!(flags & TcpFlag.rst) && (direction === TO_SERVER || shapeLength(shape) > 0)) established[row] = 1;
    }
  }
  return { isn, established };
}

/** An attempt that is repeated with the same SYN is one session, even where something between made it look like several. */
function continues(log: SegmentLog, facts: StreamFacts, start: Uint32Array, order: Uint32Array, before: number, row: number): boolean {
  const [old, now] = [facts.isn[0][before]!, facts.isn[0][row]!];
  if (old > 0 && old === now) return true;
  if (facts.established[before] || (old > 0 && now > 0)) return false;
  const [last, first] = [order[start[before + 1]! - 1], order[start[row]!]];
  return last !== undefined && first !== undefined && log.time[first]! - log.time[last]! < SAME_ATTEMPT;
}

/** A text export whose SYNs all carry 0 counts from each direction's first number. */
function isRelative(capture: AnalysedCapture, isn: readonly [Float64Array, Float64Array]): boolean {
  if (!capture.info.textExport) return false;
  const seen = [...isn[0], ...isn[1]].filter((value) => !Number.isNaN(value));
  return seen.length > 0 && seen.every((value) => value === 0);
}
