import { Table, type TablePart } from "../tables/table.ts";
import { tcpRetransmissions } from "../tables/tcp-segments.ts";
import type { Side } from "./capture-side.ts";
import { type PairedSession, type SessionView, ways } from "./paired-session.ts";
import type { PointSessions } from "./point-sessions.ts";
import { UNSEEN } from "./segment-match.ts";
import type { SessionJudgement } from "./session-judgement.ts";
import type { AnalysedCapture } from "./source-result.ts";

const NAMES = ["", "seen", "absent"] as const;

/** What the captures of the other ends say of the connections of one capture and of the segments it saw repeated. */
export class OtherEnd {
  private readonly streams = new Map<number, "seen" | "absent">();
  /** By frame of a repeated segment: a copy came to the other end, or surely not. */
  private readonly frames = new Map<number, boolean>();
  private readonly repeated: ReadonlyMap<number, ReadonlySet<number>>;

  constructor(capture: AnalysedCapture) {
    this.repeated = repeatedFrames(capture);
  }

  seen(streams: Iterable<number>): void {
    for (const stream of streams) this.streams.set(stream, "seen");
  }

  /** Attempts that a capture of the server, which covers them, does not show. */
  absent(point: PointSessions, streams: Iterable<number>, syns: readonly number[]): void {
    for (const stream of streams) if (!this.streams.has(stream)) this.streams.set(stream, "absent");
    for (const i of syns) if (!this.frames.has(point.log.frame[i]!)) this.frames.set(point.log.frame[i]!, false);
  }

  /** What became of the segments that one end of a shared session sent more than once. */
  follow(view: SessionView, lost: readonly number[]): void {
    const { point, session, match } = view;
    const wanted = new Set<number>();
    for (let row = point.rowStart[session]!; row < point.rowStart[session + 1]!; row++)
      for (const frame of this.repeated.get(point.rowOrder[row]!) ?? []) wanted.add(frame);
    if (wanted.size === 0) return;
    for (const i of lost) if (wanted.has(point.log.frame[i]!)) this.frames.set(point.log.frame[i]!, false);
    for (let k = point.start[session]!; k < point.start[session + 1]!; k++) {
      const i = point.order[k]!;
      if (match[i] !== UNSEEN && wanted.has(point.log.frame[i]!)) this.frames.set(point.log.frame[i]!, true);
    }
  }

  /** The part with what the other end says filled in. `sides`: by stream, the end this capture was taken at. */
  complete(part: TablePart, sides: readonly (Side | null)[]): TablePart {
    if (part.table === "tcp_connections") {
      const ids = Uint32Array.from({ length: part.length }, (_, stream) => NAMES.indexOf(this.streams.get(stream) ?? ""));
      return { ...part, columns: { ...part.columns, other_end: { kind: "texts", ids, dictionary: NAMES } } };
    }
    if (part.table !== "tcp_retransmissions") return part;
    const rows = readRepeated(part);
    const values = Uint8Array.from(rows, ({ stream, from, acknowledged, frames }) => {
      const side = sides[stream] ?? null;
      if (acknowledged === true || side === (from === "client" ? "server" : "client")) return 1;
      const told = frames.map((frame) => this.frames.get(frame));
      return told.includes(true) ? 1 : told.includes(false) ? 0 : 2;
    });
    return { ...part, columns: { ...part.columns, arrived: { kind: "flags", values } } };
  }
}

/** Writes down in both captures what a shared session shows of either end's segments. */
export function followSession(pair: PairedSession, { lost }: SessionJudgement, of: (point: PointSessions) => OtherEnd): void {
  for (const direction of [0, 1] as const) {
    const { sender } = ways(pair, direction);
    const gone = lost.filter((loss) => loss.direction === direction && loss.arrived === 0).flatMap(({ copies }) => copies);
    of(sender.point).follow(sender, gone);
  }
}

interface Repeated {
  readonly stream: number;
  readonly from: Side;
  readonly acknowledged: boolean | null;
  readonly frames: readonly number[];
}

function readRepeated(part: TablePart): Repeated[] {
  const table = new Table(tcpRetransmissions, [part]);
  if (table.length === 0) return [];
  const [stream, from, acknowledged, frame, copies] = ["stream", "from", "acknowledged", "frame", "copy_frames"].map((column) =>
    table.reader(column),
  );
  return Array.from({ length: table.length }, (_, row) => ({
    stream: stream!(row) as number,
    from: from!(row) as Side,
    acknowledged: acknowledged!(row) as boolean | null,
    frames: [frame!(row), copies!(row)].flatMap((value) => (value === null ? [] : (value as number | number[]))),
  }));
}

/** By stream: frames of segments sent more than once. */
function repeatedFrames({ parts }: AnalysedCapture): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const part of parts) {
    if (part.table !== "tcp_retransmissions") continue;
    for (const { stream, frames } of readRepeated(part)) {
      const known = found.get(stream) ?? new Set<number>();
      for (const frame of frames) known.add(frame);
      found.set(stream, known);
    }
  }
  return found;
}
