import { CountColumn, cutAll, exchange, FrameLists, growAll } from "./growing-columns.ts";

const START_SIZE = 1024;
/** SYN frames listed per connection. */
const MAX_SYN_FRAMES = 8;
/** RST frames listed per connection, of both ends together. */
const MAX_RESET_FRAMES = 8;

/** Counters of one end that rise on rare events; names without the `client_` or `server_` of their columns. */
export const END_COUNTS = [
  "retransmissions",
  "fast_retransmissions",
  "spurious_retransmissions",
  "out_of_order",
  "lost_segments",
  "ack_lost_segments",
  "duplicate_acks",
  "zero_windows",
  "window_fulls",
  "keep_alives",
  "resets",
] as const;
export type EndCount = (typeof END_COUNTS)[number];

/** What one end's columns hold, by row. */
export interface EndColumns {
  /** `unprompted`: what it sent on without waiting for an acknowledgement, or long after it, see `TcpStalls`. */
  readonly counts: Record<EndCount | "packets" | "max_segment" | "unprompted", CountColumn>;
  readonly doubles: Record<"bytes" | "ipBytes" | "waitMax" | "waitTotal", Float64Array>;
  /** -1 where not known. */
  readonly mss: { values: Int32Array };
  /** `ttl` 0, `shift` 255, `sackPermitted` and `timestamps` 2 where not known. */
  readonly bytes: Record<"ttl" | "shift" | "sackPermitted" | "timestamps" | "openGap", Uint8Array>;
}

function endColumns(): EndColumns {
  const doubles = () => new Float64Array(START_SIZE);
  const bytes = () => new Uint8Array(START_SIZE);
  return {
    counts: Object.fromEntries(
      [...END_COUNTS, "packets", "max_segment", "unprompted"].map((name) => [name, new CountColumn(START_SIZE)]),
    ) as EndColumns["counts"],
    doubles: { bytes: doubles(), ipBytes: doubles(), waitMax: doubles(), waitTotal: doubles() },
    mss: { values: new Int32Array(START_SIZE) },
    bytes: { ttl: bytes(), shift: bytes(), sackPermitted: bytes(), timestamps: bytes(), openGap: bytes() },
  };
}

/**
 * The rows of `tcp_connections` while they are collected, by stream number, in compact columns. Per-end columns are kept by
 * canonical end and turned to client and server when the part is built: who the client is may come out late.
 */
export class ConnectionRows {
  length = 0;
  private capacity = START_SIZE;
  readonly ends: readonly [EndColumns, EndColumns] = [endColumns(), endColumns()];
  readonly counts = { turns: new CountColumn(START_SIZE), synCount: new CountColumn(START_SIZE), synAckCount: new CountColumn(START_SIZE) };
  /** Times are nanoseconds from the capture's base; NaN where not known. */
  readonly doubles = {
    start: new Float64Array(START_SIZE),
    end: new Float64Array(START_SIZE),
    handshakeRtt: new Float64Array(START_SIZE),
    synRtt: new Float64Array(START_SIZE),
    ackRtt: new Float64Array(START_SIZE),
    idleMax: new Float64Array(START_SIZE),
    /** Until a reset, the moment at which the longest silence ended; from then on the time between the two. */
    resetAfterIdle: new Float64Array(START_SIZE),
    idleBeforeReset: new Float64Array(START_SIZE),
    shortestTurn: new Float64Array(START_SIZE),
    missed: new Float64Array(START_SIZE),
  };
  readonly words = {
    address0: new Uint32Array(START_SIZE),
    address1: new Uint32Array(START_SIZE),
    ports: new Uint32Array(START_SIZE),
    history: new Uint32Array(START_SIZE),
    firstFrame: new Uint32Array(START_SIZE),
    lastFrame: new Uint32Array(START_SIZE),
    synAckFrame: new Uint32Array(START_SIZE),
  };
  /** `synFrames` and `resetFrames` name lists, `process` is -1 if not known. */
  readonly ints = {
    synFrames: new Int32Array(START_SIZE),
    resetFrames: new Int32Array(START_SIZE),
    process: new Int32Array(START_SIZE),
  };
  /** `state` indexes CONN_STATES; `resetBy` is 0, or the end plus one; flags are 2 where not known. */
  readonly bytes = {
    family: new Uint8Array(START_SIZE),
    clientIs1: new Uint8Array(START_SIZE),
    state: new Uint8Array(START_SIZE),
    established: new Uint8Array(START_SIZE),
    resetBy: new Uint8Array(START_SIZE),
    resetBeforeData: new Uint8Array(START_SIZE),
  };
  readonly frames = new FrameLists();

  /** Starts a row; answers its number. */
  open(time: number, frame: number): number {
    if (this.length === this.capacity) this.grow();
    const row = this.length++;
    this.doubles.start[row] = time;
    this.words.firstFrame[row] = frame;
    this.doubles.handshakeRtt[row] = Number.NaN;
    this.doubles.synRtt[row] = Number.NaN;
    this.doubles.ackRtt[row] = Number.NaN;
    this.doubles.idleBeforeReset[row] = Number.NaN;
    this.doubles.resetAfterIdle[row] = Number.NaN;
    this.ints.synFrames[row] = -1;
    this.ints.resetFrames[row] = -1;
    this.bytes.resetBeforeData[row] = 2;
    for (const end of this.ends) {
      end.mss.values[row] = -1;
      end.bytes.shift[row] = 255;
      end.bytes.sackPermitted[row] = 2;
      end.bytes.timestamps[row] = 2;
    }
    return row;
  }

  addSyn(row: number, frame: number): void {
    this.counts.synCount.add(row);
    if (this.counts.synCount.values[row]! <= MAX_SYN_FRAMES)
      this.ints.synFrames[row] = this.frames.append(this.ints.synFrames[row]!, frame);
  }

  /** Adds a RST; answers whether it is the first. */
  addReset(row: number, from: 0 | 1, frame: number): boolean {
    this.ends[from].counts.resets.add(row);
    const resets = this.ends[0].counts.resets.values[row]! + this.ends[1].counts.resets.values[row]!;
    if (resets <= MAX_RESET_FRAMES) this.ints.resetFrames[row] = this.frames.append(this.ints.resetFrames[row]!, frame);
    return resets === 1;
  }

  /** Turns the ends round, so that the first is the client, and gives back what was never filled. Call it once, at the end. */
  settle(): void {
    const { length } = this;
    const { clientIs1 } = this.bytes;
    const [client, server] = this.ends;
    for (const name of Object.keys(client.counts) as (keyof EndColumns["counts"])[])
      client.counts[name].exchange(server.counts[name], clientIs1, length);
    for (const name of Object.keys(client.doubles) as (keyof EndColumns["doubles"])[])
      exchange(client.doubles[name], server.doubles[name], clientIs1, length);
    for (const name of Object.keys(client.bytes) as (keyof EndColumns["bytes"])[])
      exchange(client.bytes[name], server.bytes[name], clientIs1, length);
    exchange(client.mss.values, server.mss.values, clientIs1, length);
    for (const columns of [this.doubles, this.words, this.ints, this.bytes]) cutAll(columns, length);
    for (const column of Object.values(this.counts)) column.cut(length);
    for (const end of this.ends) {
      for (const column of Object.values(end.counts)) column.cut(length);
      for (const columns of [end.doubles, end.bytes, end.mss]) cutAll(columns, length);
    }
    this.capacity = length;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const columns of [this.doubles, this.words, this.ints, this.bytes]) growAll(columns, this.capacity);
    for (const column of Object.values(this.counts)) column.grow(this.capacity);
    for (const end of this.ends) {
      for (const column of Object.values(end.counts)) column.grow(this.capacity);
      growAll(end.doubles, this.capacity);
      growAll(end.bytes, this.capacity);
      growAll(end.mss, this.capacity);
    }
  }
}
