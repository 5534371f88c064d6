import type { Place } from "./stream-protocol.ts";

/** Bytes of one end kept while something before them is missing; beyond it the missing part is given up. */
const MAX_HELD = 64 * 1024;
/** The same of all connections of a capture point. */
const MAX_HELD_TOGETHER = 64 * 1024 * 1024;
/** What keeping a segment costs beside its bytes. */
const PIECE_COST = 256;

/** Takes what one end sent, piece by piece in order; a gap comes as null. Answers whether it wants more. */
export type Taker = (bytes: Uint8Array | null, place: Place) => boolean;

/** Bytes held by all connections of a capture point. */
export interface HeldTogether {
  bytes: number;
}

interface Held {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly place: Place;
}

/** Puts the segments of one end of a connection in order (RFC 9293 section 3.4: numbers are modulo 2^32). */
export class StreamBytes {
  /** Sequence number of the next byte to be handed on. */
  private next: number;
  private held: Held[] = [];
  private heldBytes = 0;
  private readonly together: HeldTogether;
  private readonly take: Taker;

  constructor(next: number, together: HeldTogether, take: Taker) {
    this.next = next | 0;
    this.together = together;
    this.take = take;
  }

  /** A segment of `length` bytes, of which `bytes` were captured. Answers whether more is wanted. */
  segment(seq: number, bytes: Uint8Array, length: number, place: Place): boolean {
    const ahead = (seq - this.next) | 0;
    if (ahead <= 0) return ahead + length <= 0 || (this.deliver(seq, bytes, length, place) && this.release(false));
    this.hold({ seq: seq | 0, bytes: bytes.slice(), length, place });
    return this.release(this.heldBytes > MAX_HELD || this.together.bytes > MAX_HELD_TOGETHER);
  }

  /** Hands on what is still held, behind gaps. */
  end(): void {
    this.release(true);
    this.drop();
  }

  /** Lets go of what is held. */
  drop(): void {
    this.together.bytes -= this.heldBytes;
    this.heldBytes = 0;
    this.held = [];
  }

  private hold(piece: Held): void {
    let at = this.held.length;
    while (at > 0 && ((this.held[at - 1]!.seq - piece.seq) | 0) > 0) at--;
    this.held.splice(at, 0, piece);
    this.count(piece, 1);
  }

  private count(piece: Held, sign: 1 | -1): void {
    const cost = sign * (piece.bytes.length + PIECE_COST);
    this.heldBytes += cost;
    this.together.bytes += cost;
  }

  /** Hands on what follows without a hole; `skip` passes over holes until nothing is held. */
  private release(skip: boolean): boolean {
    for (let first = this.held[0]; first !== undefined; first = this.held[0]) {
      const ahead = (first.seq - this.next) | 0;
      if (ahead > 0) {
        if (!skip) return true;
        this.next = first.seq;
        if (!this.take(null, first.place)) return false;
      }
      this.held.shift();
      this.count(first, -1);
      if (ahead + first.length > 0 && !this.deliver(first.seq, first.bytes, first.length, first.place)) return false;
    }
    return true;
  }

  private deliver(seq: number, bytes: Uint8Array, length: number, place: Place): boolean {
    const known = (this.next - seq) | 0;
    this.next = (seq + length) | 0;
    if (known < bytes.length && !this.take(bytes.subarray(known), place)) return false;
    return bytes.length >= length || this.take(null, place);
  }
}
