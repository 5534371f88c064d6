import { FLAG_ACK as ACK_FLAG, FLAG_FIN as FIN, FLAG_RST as RST, FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import {
  ANALYSIS_ACK_LOST_SEGMENT,
  ANALYSIS_DUPLICATE_ACK,
  ANALYSIS_FAST_RETRANSMISSION,
  ANALYSIS_KEEP_ALIVE_ACK,
  ANALYSIS_OUT_OF_ORDER,
  ANALYSIS_RETRANSMISSION,
  ANALYSIS_SPURIOUS_RETRANSMISSION,
  ANALYSIS_WINDOW_FULL,
  ANALYSIS_WINDOW_UPDATE,
  ANALYSIS_ZERO_WINDOW,
  ANALYSIS_ZERO_WINDOW_PROBE_ACK,
  ANALYSIS_KEEP_ALIVE as KEEP_ALIVE,
  ANALYSIS_LOST_SEGMENT as LOST_SEGMENT,
  ANALYSIS_ZERO_WINDOW_PROBE as ZERO_WINDOW_PROBE,
} from "./tcp-analysis-flags.ts";
import {
  END_ACK as ACK,
  END_BIT_ACK_KNOWN as ACK_KNOWN,
  END_BITS as BITS,
  END_CONTIGUOUS as CONTIGUOUS,
  END_BIT_CONTIGUOUS_KNOWN as CONTIGUOUS_KNOWN,
  END_DUPLICATE_ACKS as DUPLICATES,
  END_BIT_FIRST_ACK_PENDING as FIRST_ACK_PENDING,
  END_INITIAL as INITIAL,
  END_BIT_INITIAL_KNOWN as INITIAL_KNOWN,
  END_LAST_FLAGS as LAST_FLAGS,
  END_TIME_LAST as LAST_TIME,
  END_NEXT as NEXT,
  END_BIT_NEXT_KNOWN as NEXT_KNOWN,
  END_TIME_NEXT as NEXT_TIME,
  NOW,
  END_SHIFT as SHIFT,
  END_UNACKNOWLEDGED as UNACKNOWLEDGED,
  END_WINDOW as WINDOW,
} from "./tcp-connection-state.ts";

/** A retransmission this soon after the acknowledgement that asks for it is a fast one. */
const FAST_RETRANSMISSION_NS = 20e6;
/** A segment this late behind a higher one was overtaken, where no round-trip time is known. */
const OVERTAKEN_NS = 3e6;
/** An acknowledgement number of 0 is one that wrapped only if it moved on by no more. */
const PLAUSIBLE_ADVANCE = 1 << 26;
/** Wireshark stops remembering segments that nobody acknowledges, and from then on does not count a FIN's octet. */
const REMEMBERED_SEGMENTS = 10_000;

/**
 * Judges one segment as Wireshark 4.0 does with default preferences (its User's Guide, "TCP Analysis", states the rules;
 * the order of the checks is part of them) and brings both directions up to date. `sender` and `receiver` are where their
 * directions start in `ints`, `firstRttAt` where `doubles` holds the connection's
 * round-trip time. A number that happens to be 0 counts as known once another was seen, so wrapping to exactly 0 changes nothing.
 */
export function analyseSequence(
  ints: Int32Array,
  doubles: Float64Array,
  sender: number,
  receiver: number,
  seq: number,
  ack: number,
  length: number,
  flags: number,
  window: number,
  firstRttAt: number,
): number {
  const time = doubles[NOW]!;
  const bits = ints[sender + BITS]!;
  const next = ints[sender + NEXT]!;
  const lastAck = ints[sender + ACK]!;
  const nextKnown = (bits & NEXT_KNOWN) !== 0;
  const peerBits = ints[receiver + BITS]!;
  let found = 0;

  if (length === 1 && seq === next && ints[receiver + WINDOW] === 0) found = ZERO_WINDOW_PROBE;
  else {
    if (nextKnown && ((seq - next) | 0) > 0 && (flags & RST) === 0) found = LOST_SEGMENT;
    if ((flags & (SYN | FIN | RST)) === 0) found |= judgePlain(ints, sender, receiver, seq, ack, length, window);
  }

  if (ack !== lastAck) ints[sender + DUPLICATES] = 0;
  if ((flags & ACK_FLAG) !== 0 && (peerBits & CONTIGUOUS_KNOWN) !== 0 && ((ack - ints[receiver + CONTIGUOUS]!) | 0) > 0) {
    found |= judgeUnseen(ints, receiver);
  }

  const counted = length > 0 || (flags & (SYN | FIN)) !== 0;
  const octets = (flags & (SYN | FIN)) !== 0 ? 1 : 0;
  if (counted && (found & KEEP_ALIVE) === 0) {
    const peerAck = ints[receiver + ACK]!;
    if (length > 0 && (peerBits & ACK_KNOWN) !== 0 && ((seq + length - peerAck) | 0) <= 0) found |= ANALYSIS_SPURIOUS_RETRANSMISSION;
    else if (nextKnown && ((seq - next) | 0) < 0 && !(length > 1 && ((next - 1) | 0) === seq)) {
      const firstRtt = doubles[firstRttAt]!;
      const sinceAck = time - doubles[(receiver >> 1) + LAST_TIME]!;
      const sinceNext = time - doubles[(sender >> 1) + NEXT_TIME]!;
      if (ints[receiver + DUPLICATES]! >>> 0 >= 2 && peerAck === seq && sinceAck >= 0 && sinceAck < FAST_RETRANSMISSION_NS) {
        found |= ANALYSIS_FAST_RETRANSMISSION;
      } else if (sinceNext >= 0 && sinceNext < (firstRtt === 0 ? OVERTAKEN_NS : firstRtt) && ((seq + length + octets) | 0) !== next) {
        found |= ANALYSIS_OUT_OF_ORDER;
      } else found |= ANALYSIS_RETRANSMISSION;
    }
  }

  let after = (seq + length) | 0;
  if (counted && ints[sender + UNACKNOWLEDGED]! < REMEMBERED_SEGMENTS) {
    ints[sender + UNACKNOWLEDGED]! += 1;
    after = (after + octets) | 0;
  }
  let known = bits;
  const beyond = (after - next) | 0;
  let highest = next;
  if ((beyond > 0 || !nextKnown) && (found & ZERO_WINDOW_PROBE) === 0) {
    highest = after;
    ints[sender + NEXT] = after;
    doubles[(sender >> 1) + NEXT_TIME] = time;
    if (after !== 0) known |= NEXT_KNOWN;
  }
  if ((seq === ints[sender + CONTIGUOUS] || (bits & CONTIGUOUS_KNOWN) === 0) && (found & ZERO_WINDOW_PROBE) === 0) {
    ints[sender + CONTIGUOUS] = highest;
    if (highest !== 0) known |= CONTIGUOUS_KNOWN;
  }
  ints[sender + WINDOW] = window;
  ints[sender + ACK] = ack;
  if (ack !== 0) known |= ACK_KNOWN;
  else if ((flags & ACK_FLAG) === 0 || -lastAck >>> 0 > PLAUSIBLE_ADVANCE) known &= ~ACK_KNOWN;
  if (ack === ints[receiver + NEXT] && (flags & ACK_FLAG) !== 0) ints[receiver + UNACKNOWLEDGED] = 0;
  ints[sender + BITS] = known;
  ints[sender + LAST_FLAGS] = found;
  doubles[(sender >> 1) + LAST_TIME] = time;
  return found;
}

/** The checks that SYN, FIN and RST segments are exempt from. */
function judgePlain(ints: Int32Array, sender: number, receiver: number, seq: number, ack: number, length: number, window: number): number {
  let found = window === 0 ? ANALYSIS_ZERO_WINDOW : 0;
  const next = ints[sender + NEXT]!;
  if (length <= 1 && seq === ((next - 1) | 0)) found |= KEEP_ALIVE;
  if (length > 0) {
    const shift = ints[receiver + SHIFT]!;
    if (shift === -1) return found;
    const scale = shift < 0 || (ints[receiver + BITS]! & FIRST_ACK_PENDING) !== 0 ? 0 : shift;
    if (((seq + length) | 0) === ((ints[receiver + ACK]! + (ints[receiver + WINDOW]! << scale)) | 0)) found |= ANALYSIS_WINDOW_FULL;
    return found;
  }
  if (seq !== next || ack !== ints[sender + ACK]) return found;
  const same = window === ints[sender + WINDOW];
  if (window !== 0 && !same) return found | ANALYSIS_WINDOW_UPDATE;
  if (!same) return found;
  const peerFlags = ints[receiver + LAST_FLAGS]!;
  if (window === 0) return (peerFlags & ZERO_WINDOW_PROBE) !== 0 ? found | ANALYSIS_ZERO_WINDOW_PROBE_ACK : found;
  if ((peerFlags & KEEP_ALIVE) !== 0) return found | ANALYSIS_KEEP_ALIVE_ACK;
  ints[sender + DUPLICATES] = Math.max(0, ints[sender + DUPLICATES]!) + 1;
  return found | ANALYSIS_DUPLICATE_ACK;
}

/** An acknowledgement of bytes the capture never saw is told once. -1 duplicates mean that it was told; to Wireshark that is also more than two. */
function judgeUnseen(ints: Int32Array, receiver: number): number {
  if (((ints[receiver + CONTIGUOUS]! - ints[receiver + NEXT]!) | 0) < 0) {
    ints[receiver + CONTIGUOUS] = ints[receiver + NEXT]!;
    return ANALYSIS_ACK_LOST_SEGMENT;
  }
  const first = ints[receiver + DUPLICATES] === 0;
  ints[receiver + DUPLICATES] = -1;
  return first ? ANALYSIS_ACK_LOST_SEGMENT : 0;
}

/** The initial sequence numbers by which a later SYN is known as a repeated or another one. */
export function noteInitial(ints: Int32Array, sender: number, receiver: number, seq: number, ack: number, flags: number): void {
  if ((ints[sender + BITS]! & INITIAL_KNOWN) === 0) {
    ints[sender + INITIAL] = (flags & SYN) !== 0 ? seq : (seq - 1) | 0;
    ints[sender + BITS]! |= INITIAL_KNOWN;
  }
  if ((flags & ACK_FLAG) !== 0 && (ints[receiver + BITS]! & INITIAL_KNOWN) === 0) {
    ints[receiver + INITIAL] = (ack - 1) | 0;
    ints[receiver + BITS]! |= INITIAL_KNOWN;
  }
}

/** Window scaling holds once both SYNs offered it (RFC 7323 section 2.2); `shift` is 255 where the option is absent. */
export function noteWindowScale(ints: Int32Array, sender: number, receiver: number, shift: number, flags: number): void {
  ints[sender + BITS]! |= FIRST_ACK_PENDING;
  if (shift !== 255) ints[sender + SHIFT] = Math.min(shift, 14);
  if (ints[sender + SHIFT] === -1) {
    ints[sender + SHIFT] = -2;
    ints[receiver + SHIFT] = -2;
  } else if ((flags & ACK_FLAG) !== 0 && ints[receiver + SHIFT] === -2) ints[sender + SHIFT] = -2;
}
