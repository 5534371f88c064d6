import { FLAG_ACK as ACK, FLAG_FIN as FIN, FLAG_RST as RST, FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import { ContentGaps } from "./content-gaps.ts";
import {
  type HistoryBook,
  LETTER_ACK,
  LETTER_DATA,
  LETTER_FIN,
  LETTER_INCONSISTENT,
  LETTER_MULTI_FLAG,
  LETTER_REPEAT,
  LETTER_RST,
  LETTER_SYN,
  LETTER_SYN_ACK,
  LETTER_ZERO_WINDOW,
} from "./history-book.ts";
import {
  END_ZEEK_ACKED as ACKED,
  CONNECTION_BITS as BITS,
  ENDPOINT_CLOSED as CLOSED,
  ENDPOINT_BIT_CUT as CUT,
  ENDPOINT_ESTABLISHED as ESTABLISHED,
  ENDPOINT_BIT_FIN_SEEN as FIN_SEEN,
  END_TIME_FIN_SEQ as FIN_SEQ,
  ENDPOINT_INACTIVE as INACTIVE,
  END_ZEEK_LAST as LAST,
  END_LAST_FIN as LAST_FIN,
  END_LAST_RST as LAST_RST,
  END_LAST_SYN as LAST_SYN,
  CONNECTION_BIT_PARTIAL as PARTIAL,
  ENDPOINT_PARTIAL as PARTIAL_STATE,
  END_REPEATS as REPEATS,
  ENDPOINT_RESET as RESET,
  CONNECTION_LETTERS_SEEN as SEEN,
  SEEN_ACK,
  SEEN_DATA,
  SEEN_FIN,
  SEEN_INCONSISTENT,
  SEEN_MULTI_FLAG,
  CONNECTION_BIT_SEEN_ORIG as SEEN_ORIG,
  CONNECTION_BIT_SEEN_RESP as SEEN_RESP,
  SEEN_RST,
  SEEN_SYN,
  END_ZEEK_START as START,
  ENDPOINT_SYN_ACK_SENT as SYN_ACK_SENT,
  ENDPOINT_SYN_SENT as SYN_SENT,
  END_WRAPS as WRAPS,
  END_ZEEK as ZEEK,
  END_ZERO_WINDOWS as ZERO_WINDOWS,
} from "./tcp-connection-state.ts";
import { ZeekHistory } from "./zeek-history.ts";
import { changeState } from "./zeek-states.ts";

const SPACE = 2 ** 32;
/** Larger jumps of SYN and RST sequence numbers are not believed (Zeek's TOO_LARGE_SEQ_DELTA). */
const LARGE_JUMP = 1 << 20;

/**
 * Follows each end as Zeek's TCP analysis does (src/packet_analysis/protocol/tcp/TCPSessionAdapter.cc and
 * src/analyzer/protocol/tcp), for conn_state, history, byte counts and content gaps in exactly its meaning. Its timers are
 * left out: a connection here lasts as long as its stream.
 */
export class ZeekEndpoints {
  private readonly slots: ConnectionSlots;
  private readonly history: ZeekHistory;
  private readonly content: ContentGaps;

  /** `gaps` says whether content gaps are to be told; a text export shows none. */
  constructor(slots: ConnectionSlots, histories: HistoryBook, gaps: boolean) {
    this.slots = slots;
    this.history = new ZeekHistory(slots, histories);
    this.content = new ContentGaps(slots, this.history, gaps);
  }

  /** One segment. `whole` says that its payload was captured whole: Zeek takes what snaplen cut off for a gap. */
  segment(
    base: number,
    sender: number,
    receiver: number,
    isOrig: boolean,
    seq: number,
    ack: number,
    length: number,
    flags: number,
    window: number,
    whole: boolean,
  ): void {
    const { ints } = this.slots;
    const control = flags & (SYN | FIN | RST);
    const state = ints[sender + ZEEK]! & 15;
    const peer = ints[receiver + ZEEK]! & 15;
    if (
      state === ESTABLISHED &&
      control === 0 &&
      window !== 0 &&
      peer !== INACTIVE &&
      (ints[sender + WRAPS]! | ints[receiver + WRAPS]!) === 0
    ) {
      this.plain(base, sender, receiver, isOrig, seq, ack, length, flags, whole);
      return;
    }
    const bits = ints[base + BITS]!;
    if (isOrig) {
      if ((bits & SEEN_ORIG) === 0) ints[base + BITS] = ((flags & (SYN | ACK)) === SYN ? bits & ~PARTIAL : bits | PARTIAL) | SEEN_ORIG;
    } else if ((bits & SEEN_RESP) === 0) {
      ints[base + BITS] = ((bits & PARTIAL) === 0 && (flags & SYN) === 0 ? bits | PARTIAL : bits) | SEEN_RESP;
    }
    const occupied =
      control === 0 ? length : ((flags & RST) !== 0 ? 0 : length) + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
    const after = (seq + occupied) | 0;
    if (state === INACTIVE || control !== 0) this.start(sender, state, seq, after, flags);
    const relative = this.relative(ints[sender + START]!, seq, ints[sender + LAST]!, ints[sender + WRAPS]! & 0xffff);
    if (control !== 0) this.noteControl(base, sender, isOrig, relative, length, flags);
    else if (length > 0) this.history.once(base, isOrig, SEEN_DATA, LETTER_DATA);
    else if ((flags & ACK) !== 0) this.history.once(base, isOrig, SEEN_ACK, LETTER_ACK);
    if (window === 0 && (flags & RST) === 0 && peer !== CLOSED && state !== RESET)
      this.history.scaled(base, sender + ZERO_WINDOWS, isOrig, LETTER_ZERO_WINDOW);
    if ((flags & FIN) !== 0) {
      ints[sender + ZEEK]! |= FIN_SEEN;
      this.slots.doubles[(sender >> 1) + FIN_SEQ] = relative + occupied;
    }
    let acked = 0;
    if ((flags & ACK) !== 0) acked = this.noteAck(receiver, peer, ack, flags);
    this.noteLast(base, sender, isOrig, after, flags, length);
    if (control !== 0 || state !== ESTABLISHED) {
      changeState(ints, base, sender, receiver, isOrig, flags, seq, length);
    }
    if ((flags & ACK) !== 0) this.content.acknowledged(base, receiver, sender, !isOrig, acked);
    if (length === 0 || (flags & RST) !== 0) return;
    if (!whole) ints[sender + ZEEK]! |= CUT;
    else if (relative >= 0) this.content.deliver(sender, (flags & SYN) !== 0 ? relative + 1 : relative, length);
  }

  /** A segment of an established connection that changes no state: the same steps, those that cannot matter left out. */
  private plain(
    base: number,
    sender: number,
    receiver: number,
    isOrig: boolean,
    seq: number,
    ack: number,
    length: number,
    flags: number,
    whole: boolean,
  ): void {
    const { ints } = this.slots;
    const seen = length > 0 ? SEEN_DATA : (flags & ACK) !== 0 ? SEEN_ACK : 0;
    if ((ints[base + SEEN]! & (isOrig ? seen : seen << 8)) === 0 && seen !== 0) {
      this.history.once(base, isOrig, seen, length > 0 ? LETTER_DATA : LETTER_ACK);
    }
    const relative = (seq - ints[sender + START]!) | 0;
    const after = (seq + length) | 0;
    if (length > 0 || after !== ints[sender + LAST]) this.noteLast(base, sender, isOrig, after, flags, length);
    if ((flags & ACK) !== 0 && ack !== ints[receiver + ACKED]) {
      this.content.acknowledged(base, receiver, sender, !isOrig, this.noteAck(receiver, ESTABLISHED, ack, flags));
    }
    if (length === 0) return;
    if (!whole) ints[sender + ZEEK]! |= CUT;
    else if (relative >= 0) this.content.deliver(sender, relative, length);
  }

  /** Gives back what one end of a connection holds. */
  release(end: number): void {
    this.content.release(end);
  }

  private start(sender: number, state: number, seq: number, after: number, flags: number): void {
    const { ints } = this.slots;
    const syn = (flags & SYN) !== 0;
    if (state === INACTIVE) {
      ints[sender + START] = syn ? seq : (seq - 1) | 0;
      ints[sender + LAST] = syn ? after : seq;
    } else if (!syn) return;
    else if (
      state === SYN_SENT || state === SYN_ACK_SENT
        ? seq !== ints[sender + START]
        : state === ESTABLISHED || state === PARTIAL_STATE || (state === RESET && ints[sender + ZEEK]! >> 4 === INACTIVE)
    ) {
      ints[sender + START] = seq;
      ints[sender + LAST] = after;
    } else return;
    ints[sender + ACKED] = ints[sender + START]!;
  }

  /** Place in the stream counted from the initial sequence number, beyond 4 GiB too; negative if before it. */
  private relative(start: number, value: number, last: number, wraps: number): number {
    const delta = (value - last) | 0;
    if (delta < 0) {
      if (wraps > 0 && value >>> 0 > last >>> 0) wraps--;
    } else if (delta > 0 && value >>> 0 < last >>> 0) wraps++;
    return wraps === 0 ? (value - start) | 0 : wraps * SPACE + (value >>> 0) - (start >>> 0);
  }

  private noteControl(base: number, sender: number, isOrig: boolean, relative: number, length: number, flags: number): void {
    const { ints } = this.slots;
    const control = flags & (SYN | FIN | RST);
    if (control === SYN) {
      const letter = (flags & ACK) !== 0 ? LETTER_SYN_ACK : LETTER_SYN;
      if (!this.history.once(base, isOrig, SEEN_SYN, letter) && (relative | 0) !== ints[sender + LAST_SYN])
        this.history.letter(base, isOrig, letter);
      ints[sender + LAST_SYN] = relative | 0;
    } else if (control === FIN) {
      const at = (relative + length) | 0;
      if (!this.history.once(base, isOrig, SEEN_FIN, LETTER_FIN) && at !== ints[sender + LAST_FIN])
        this.history.letter(base, isOrig, LETTER_FIN);
      ints[sender + LAST_FIN] = at;
    } else if (control === RST) {
      if (!this.history.once(base, isOrig, SEEN_RST, LETTER_RST) && (relative | 0) !== ints[sender + LAST_RST])
        this.history.letter(base, isOrig, LETTER_RST);
      ints[sender + LAST_RST] = relative | 0;
    } else if ((flags & (FIN | RST)) === (FIN | RST)) this.history.once(base, isOrig, SEEN_INCONSISTENT, LETTER_INCONSISTENT);
    else this.history.once(base, isOrig, SEEN_MULTI_FLAG, LETTER_MULTI_FLAG);
  }

  private noteAck(receiver: number, peer: number, ack: number, flags: number): number {
    const { ints } = this.slots;
    if (peer === INACTIVE) {
      ints[receiver + START] = (ack - 1) | 0;
      ints[receiver + ACKED] = (ack - 1) | 0;
      ints[receiver + LAST] = (ack - 1) | 0;
      return 1;
    }
    const acked = ints[receiver + ACKED]!;
    const relative = this.relative(ints[receiver + START]!, ack, acked, ints[receiver + WRAPS]! >>> 16);
    if (relative < 0) return 0;
    const delta = (ack - acked) | 0;
    if ((flags & RST) === 0 && delta > 0 && !(ack === 0 && delta > LARGE_JUMP)) {
      if (ack >>> 0 < acked >>> 0) ints[receiver + WRAPS]! += 1 << 16;
      ints[receiver + ACKED] = ack;
    }
    return relative;
  }

  private noteLast(base: number, sender: number, isOrig: boolean, after: number, flags: number, length: number): void {
    const { ints } = this.slots;
    const last = ints[sender + LAST]!;
    const delta = (after - last) | 0;
    if ((flags & (SYN | RST)) !== 0 && (delta > LARGE_JUMP || delta < -LARGE_JUMP)) return;
    const closing = (flags & FIN) !== 0 && last === ((ints[sender + START]! + 1) | 0);
    if (!closing && (ints[sender + ZEEK]! & 15) === RESET) return;
    if (closing || delta > 0) {
      if (after >>> 0 < last >>> 0) ints[sender + WRAPS] = (ints[sender + WRAPS]! & ~0xffff) | ((ints[sender + WRAPS]! + 1) & 0xffff);
      ints[sender + LAST] = after;
    } else if (length > 0) this.history.scaled(base, sender + REPEATS, isOrig, LETTER_REPEAT);
  }
}
