import { FLAG_ACK, FLAG_FIN, FLAG_RST, FLAG_SYN } from "../decoders/packet-bits.ts";
import { CONN_STATES } from "../tables/tcp-connections.ts";
import type { HistoryBook } from "./history-book.ts";
import {
  END_ZEEK_ACKED as ACKED,
  CONNECTION_BIT_PARTIAL,
  CONNECTION_BITS,
  ENDPOINT_BIT_FIN_SEEN,
  ENDPOINT_CLOSED,
  ENDPOINT_ESTABLISHED,
  ENDPOINT_INACTIVE,
  ENDPOINT_PARTIAL,
  ENDPOINT_RESET,
  ENDPOINT_SYN_ACK_SENT,
  ENDPOINT_SYN_SENT,
  END_ZEEK_LAST as LAST,
  END_ZEEK_START as START,
  END_WRAPS as WRAPS,
  END_ZEEK as ZEEK,
} from "./tcp-connection-state.ts";

const SPACE = 2 ** 32;

function setState(ints: Int32Array, end: number, state: number): void {
  const zeek = ints[end + ZEEK]!;
  if ((zeek & 15) !== state) ints[end + ZEEK] = (zeek & ~0xff) | ((zeek & 15) << 4) | state;
}

/** Moves both ends' states on. */
export function changeState(
  ints: Int32Array,
  base: number,
  sender: number,
  receiver: number,
  isOrig: boolean,
  flags: number,
  seq: number,
  length: number,
): void {
  const state = ints[sender + ZEEK]! & 15;
  if (state === ENDPOINT_INACTIVE) {
    leaveInactive(ints, base, sender, receiver, isOrig, flags, seq, length);
    return;
  }
  const peer = ints[receiver + ZEEK]!;
  if (state === ENDPOINT_SYN_SENT || state === ENDPOINT_SYN_ACK_SENT) {
    if ((flags & FLAG_FIN) !== 0) setState(ints, sender, ENDPOINT_CLOSED);
    if ((flags & FLAG_RST) !== 0) setState(ints, sender, ENDPOINT_RESET);
  } else if (state === ENDPOINT_ESTABLISHED || state === ENDPOINT_PARTIAL) {
    const lone = state === ENDPOINT_PARTIAL && (peer & 15) === ENDPOINT_INACTIVE;
    if (lone && (flags & (FLAG_SYN | FLAG_ACK)) === FLAG_SYN) setState(ints, sender, ENDPOINT_SYN_SENT);
    if ((flags & (FLAG_FIN | FLAG_RST)) === FLAG_FIN) {
      setState(ints, sender, ENDPOINT_CLOSED);
      // A FIN followed by RST was a normal end after all.
      if ((peer & 15) === ENDPOINT_RESET && ((peer >> 4) & 15) === ENDPOINT_CLOSED) setState(ints, receiver, ENDPOINT_CLOSED);
    }
    if ((flags & FLAG_RST) !== 0) setState(ints, sender, ENDPOINT_RESET);
  } else if (state === ENDPOINT_CLOSED && (flags & FLAG_RST) !== 0 && (peer & 15) !== ENDPOINT_CLOSED)
    setState(ints, sender, ENDPOINT_RESET);
}

function leaveInactive(
  ints: Int32Array,
  base: number,
  sender: number,
  receiver: number,
  isOrig: boolean,
  flags: number,
  seq: number,
  length: number,
): void {
  const peer = ints[receiver + ZEEK]! & 15;
  if ((flags & FLAG_SYN) !== 0) {
    if (isOrig) {
      // The SYN captured after the SYN/ACK that answers it; Zeek swaps the ends, here they stand right already.
      const answered = peer === ENDPOINT_ESTABLISHED && seq === ints[sender + START];
      setState(ints, sender, answered ? ENDPOINT_ESTABLISHED : (flags & FLAG_ACK) !== 0 ? ENDPOINT_SYN_ACK_SENT : ENDPOINT_SYN_SENT);
    } else {
      if (peer === ENDPOINT_SYN_SENT) setState(ints, receiver, ENDPOINT_ESTABLISHED);
      setState(ints, sender, ENDPOINT_ESTABLISHED);
    }
  }
  if ((flags & FLAG_FIN) !== 0) setState(ints, sender, ENDPOINT_CLOSED);
  if ((flags & FLAG_RST) !== 0) setState(ints, sender, ENDPOINT_RESET);
  if ((ints[sender + ZEEK]! & 15) !== ENDPOINT_INACTIVE) return;
  // Some stacks acknowledge a SYN before they answer it; that is no partial connection.
  if (!isOrig && length === 0 && peer === ENDPOINT_SYN_SENT) return;
  if ((flags & FLAG_ACK) !== 0 && peer === ENDPOINT_ESTABLISHED) {
    setState(ints, sender, ENDPOINT_ESTABLISHED);
    ints[base + CONNECTION_BITS]! &= ~CONNECTION_BIT_PARTIAL;
  } else setState(ints, sender, ENDPOINT_PARTIAL);
}

/** Payload bytes of one end by its sequence numbers (Zeek's TCP_Endpoint::Size). */
export function endpointSize(ints: Int32Array, end: number, peer: number): number {
  const zeek = ints[end + ZEEK]!;
  const start = ints[end + START]! >>> 0;
  const acked = (ints[end + WRAPS]! >>> 16) * SPACE + (ints[end + ACKED]! >>> 0);
  const last = (ints[end + WRAPS]! & 0xffff) * SPACE + (ints[end + LAST]! >>> 0);
  const answered = acked !== start && acked !== start + 1;
  // An aborted half-open connection: its sequence numbers say nothing.
  if (
    ((zeek >> 4) & 15) === ENDPOINT_SYN_SENT &&
    (zeek & 15) === ENDPOINT_RESET &&
    (ints[peer + ZEEK]! & 15) === ENDPOINT_INACTIVE &&
    answered
  )
    return 0;
  let size = Math.max(last, acked) - start;
  if (size !== 0) size--;
  if ((zeek & ENDPOINT_BIT_FIN_SEEN) !== 0 && size !== 0) size--;
  // A sequence that wrapped before its start was known.
  return size < 0 ? size + SPACE : size;
}

/** Numbers of Zeek's conn_state values in `CONN_STATES`. */
const STATE = Object.fromEntries(CONN_STATES.map((name, index) => [name, index])) as Record<(typeof CONN_STATES)[number], number>;

/** Zeek's conn_state (scripts/base/protocols/conn/main.zeek) of its originator and responder, as a place in `CONN_STATES`. */
export function connState(ints: Int32Array, orig: number, resp: number, histories: HistoryBook, history: number): number {
  const os = ints[orig + ZEEK]! & 15;
  const rs = ints[resp + ZEEK]! & 15;
  const origInactive = os === ENDPOINT_INACTIVE || os === ENDPOINT_PARTIAL;
  const respInactive = rs === ENDPOINT_INACTIVE || rs === ENDPOINT_PARTIAL;
  if (rs === ENDPOINT_RESET) {
    const empty = os === ENDPOINT_RESET && endpointSize(ints, orig, resp) === 0 && endpointSize(ints, resp, orig) === 0;
    if (os === ENDPOINT_SYN_SENT || os === ENDPOINT_SYN_ACK_SENT || empty) return STATE.REJ;
    return origInactive ? STATE.RSTRH : STATE.RSTR;
  }
  if (os === ENDPOINT_RESET) {
    if (!respInactive) return STATE.RSTO;
    return /^\^?S[^HAFGIQ]*R/.test(histories.text(history)) ? STATE.RSTOS0 : STATE.OTH;
  }
  if (os === ENDPOINT_CLOSED && rs === ENDPOINT_CLOSED) return STATE.SF;
  if (os === ENDPOINT_CLOSED) return respInactive ? STATE.SH : STATE.S2;
  if (rs === ENDPOINT_CLOSED) return origInactive ? STATE.SHR : STATE.S3;
  if (os === ENDPOINT_SYN_SENT && rs === ENDPOINT_INACTIVE) return STATE.S0;
  return os === ENDPOINT_ESTABLISHED && rs === ENDPOINT_ESTABLISHED ? STATE.S1 : STATE.OTH;
}
