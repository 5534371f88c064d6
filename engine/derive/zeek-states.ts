import { TcpFlag } from "../decoders/packet-batch.ts";
import { CONN_STATES } from "../tables/tcp-connections.ts";
import type { HistoryBook } from "./history-book.ts";
import { Connection, ConnectionBit, End } from "./tcp-connection-state.ts";

/** Zeek's states of one TCP end (src/analyzer/protocol/tcp/TCP_Endpoint.h). */
export const Endpoint = { inactive: 0, synSent: 1, synAckSent: 2, partial: 3, established: 4, closed: 5, reset: 6 } as const;
/** Beside the state (bits 0-3) and the state before it (bits 4-7) in `End.zeek`. */
export const EndpointBit = { finSeen: 256, skipping: 512 } as const;

const { zeek: ZEEK, zeekStart: START, zeekLast: LAST, zeekAcked: ACKED, wraps: WRAPS } = End;
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
  if (state === Endpoint.inactive) {
    leaveInactive(ints, base, sender, receiver, isOrig, flags, seq, length);
    return;
  }
  const peer = ints[receiver + ZEEK]!;
  if (state === Endpoint.synSent || state === Endpoint.synAckSent) {
    if ((flags & TcpFlag.fin) !== 0) setState(ints, sender, Endpoint.closed);
    if ((flags & TcpFlag.rst) !== 0) setState(ints, sender, Endpoint.reset);
  } else if (state === Endpoint.established || state === Endpoint.partial) {
    const lone = state === Endpoint.partial && (peer & 15) === Endpoint.inactive;
    if (lone && (flags & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn) setState(ints, sender, Endpoint.synSent);
    if ((flags & (TcpFlag.fin | TcpFlag.rst)) === TcpFlag.fin) {
      setState(ints, sender, Endpoint.closed);
      // A FIN followed by RST was a normal end after all.
      if ((peer & 15) === Endpoint.reset && ((peer >> 4) & 15) === Endpoint.closed) setState(ints, receiver, Endpoint.closed);
    }
    if ((flags & TcpFlag.rst) !== 0) setState(ints, sender, Endpoint.reset);
  } else if (state === Endpoint.closed && (flags & TcpFlag.rst) !== 0 && (peer & 15) !== Endpoint.closed)
    setState(ints, sender, Endpoint.reset);
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
  if ((flags & TcpFlag.syn) !== 0) {
    if (isOrig) {
      // The SYN captured after the SYN/ACK that answers it; Zeek swaps the ends, here they stand right already.
      const answered = peer === Endpoint.established && seq === ints[sender + START];
      setState(ints, sender, answered ? Endpoint.established : (flags & TcpFlag.ack) !== 0 ? Endpoint.synAckSent : Endpoint.synSent);
    } else {
      if (peer === Endpoint.synSent) setState(ints, receiver, Endpoint.established);
      setState(ints, sender, Endpoint.established);
    }
  }
  if ((flags & TcpFlag.fin) !== 0) setState(ints, sender, Endpoint.closed);
  if ((flags & TcpFlag.rst) !== 0) setState(ints, sender, Endpoint.reset);
  if ((ints[sender + ZEEK]! & 15) !== Endpoint.inactive) return;
  // Some stacks acknowledge a SYN before they answer it; that is no partial connection.
  if (!isOrig && length === 0 && peer === Endpoint.synSent) return;
  if ((flags & TcpFlag.ack) !== 0 && peer === Endpoint.established) {
    setState(ints, sender, Endpoint.established);
    ints[base + Connection.bits]! &= ~ConnectionBit.partial;
  } else setState(ints, sender, Endpoint.partial);
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
    ((zeek >> 4) & 15) === Endpoint.synSent &&
    (zeek & 15) === Endpoint.reset &&
    (ints[peer + ZEEK]! & 15) === Endpoint.inactive &&
    answered
  )
    return 0;
  let size = Math.max(last, acked) - start;
  if (size !== 0) size--;
  if ((zeek & EndpointBit.finSeen) !== 0 && size !== 0) size--;
  // A sequence that wrapped before its start was known.
  return size < 0 ? size + SPACE : size;
}

/** Numbers of Zeek's conn_state values in `CONN_STATES`. */
const STATE = Object.fromEntries(CONN_STATES.map((name, index) => [name, index])) as Record<(typeof CONN_STATES)[number], number>;

/** Zeek's conn_state (scripts/base/protocols/conn/main.zeek) of its originator and responder, as a place in `CONN_STATES`. */
export function connState(ints: Int32Array, orig: number, resp: number, histories: HistoryBook, history: number): number {
  const os = ints[orig + ZEEK]! & 15;
  const rs = ints[resp + ZEEK]! & 15;
  const origInactive = os === Endpoint.inactive || os === Endpoint.partial;
  const respInactive = rs === Endpoint.inactive || rs === Endpoint.partial;
  if (rs === Endpoint.reset) {
    const empty = os === Endpoint.reset && endpointSize(ints, orig, resp) === 0 && endpointSize(ints, resp, orig) === 0;
    if (os === Endpoint.synSent || os === Endpoint.synAckSent || empty) return STATE.REJ;
    return origInactive ? STATE.RSTRH : STATE.RSTR;
  }
  if (os === Endpoint.reset) {
    if (!respInactive) return STATE.RSTO;
    return /^\^?S[^HAFGIQ]*R/.test(histories.text(history)) ? STATE.RSTOS0 : STATE.OTH;
  }
  if (os === Endpoint.closed && rs === Endpoint.closed) return STATE.SF;
  if (os === Endpoint.closed) return respInactive ? STATE.SH : STATE.S2;
  if (rs === Endpoint.closed) return origInactive ? STATE.SHR : STATE.S3;
  if (os === Endpoint.synSent && rs === Endpoint.inactive) return STATE.S0;
  return os === Endpoint.established && rs === Endpoint.established ? STATE.S1 : STATE.OTH;
}
