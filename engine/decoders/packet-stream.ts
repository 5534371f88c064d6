import { DecodeState, decodeFrame, RAW_LINK } from "./frame.ts";
import { AddressBook, BATCH_CAPACITY, Mark, PacketBatch } from "./packet-batch.ts";
import { KNOWN_TIME, MARK_TRUNCATED } from "./packet-bits.ts";

/** Fragmented datagrams inside fragmented datagrams that are followed. */
const MAX_NESTED = 4;

/** Which frames are to be decoded, asked in ascending order. */
export interface WantedFrames {
  /** The first wanted frame from this one on; infinity if there is none. */
  next(frame: number): number;
}

/**
 * Decodes the frames of one capture point, in order, into batches. The bytes of a batch are those of the chunk it was read from,
 * so `flush` has to be called before the chunk is filled anew.
 */
export class PacketStream {
  private readonly deliver: (batch: PacketBatch) => void;
  private readonly search: WantedFrames | null;
  /** Frames before this one are passed over. */
  private nextWanted: number;
  private readonly batch = new PacketBatch(new AddressBook());
  private readonly state = new DecodeState(this.batch.addresses);
  /** Number of the last frame; a reader that leaps sets it. */
  frames = 0;
  /** Whether the frames to come have a time of their own. */
  timed = true;
  /** Id of the process the frame to come belongs to, -1 if the capture does not say. */
  process = -1;

  /** With a `search`, the frames it does not want are counted and not decoded. */
  constructor(deliver: (batch: PacketBatch) => void, search: WantedFrames | null = null) {
    this.deliver = deliver;
    this.search = search;
    this.nextWanted = search?.next(1) ?? 0;
  }

  /** Decodes one frame. `time` is in nanoseconds from the base; `wire` is its length on the wire, of which `checkSequence` bytes are the frame check sequence. */
  frame(bytes: Uint8Array, at: number, captured: number, wire: number, time: number, linkType: number, checkSequence = 0): void {
    if (++this.frames < this.nextWanted) return;
    if (this.search !== null) this.nextWanted = this.search.next(this.frames + 1);
    const batch = this.batch;
    if (batch.count === BATCH_CAPACITY) this.flush();
    batch.bytes = bytes;
    const i = batch.begin();
    batch.frame[i] = this.frames;
    batch.time[i] = time;
    batch.wireLength[i] = wire;
    batch.capturedLength[i] = captured;
    batch.process[i] = this.process;
    if (captured < wire) batch.marks[i] = MARK_TRUNCATED;
    // A length on the wire below what was captured is a writer's mistake; what is there counts.
    const length = Math.max(wire, captured) - checkSequence;
    decodeFrame(batch, i, linkType, bytes, at, Math.min(captured, length), length, this.state);
    if (!this.timed) batch.known[i] = batch.known[i]! & ~KNOWN_TIME;
    if (this.state.datagram) this.reassembled(wire, captured, time);
  }

  /** Counts a frame that cannot be read, so that those behind it keep the numbers other tools show. */
  skip(): void {
    this.frames++;
  }

  /** There were more IPv6 addresses than are kept; packets of the others carry none. */
  get addressesFull(): boolean {
    return this.state.addresses.full;
  }

  flush(): void {
    if (this.batch.count > 0) this.deliver(this.batch);
    this.batch.count = 0;
  }

  /** Puts the datagram that the last frame completed in the frame's place, in a batch of its own since it has bytes of its own. */
  private reassembled(wire: number, captured: number, time: number): void {
    const { batch, state } = this;
    const last = batch.count - 1;
    const vlan = batch.vlan[last]!;
    batch.count = last;
    this.flush();
    const i = batch.begin();
    batch.frame[i] = this.frames;
    batch.time[i] = time;
    batch.wireLength[i] = wire;
    batch.capturedLength[i] = captured;
    batch.process[i] = this.process;
    for (let nested = 0; nested < MAX_NESTED && state.datagram; nested++) {
      const datagram = state.datagram;
      state.datagram = null;
      batch.bytes = datagram;
      batch.marks[i] = Mark.reassembled;
      decodeFrame(batch, i, RAW_LINK, datagram, 0, datagram.length, datagram.length, state);
    }
    state.datagram = null;
    if (!this.timed) batch.known[i] = batch.known[i]! & ~KNOWN_TIME;
    if (vlan !== 0 && batch.vlan[i] === 0) batch.vlan[i] = vlan;
    this.flush();
  }
}
