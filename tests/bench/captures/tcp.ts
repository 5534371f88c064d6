import { C2S, Flag, type Head, S2C, type Session, type TcpPacket, type World } from "./world.ts";

interface SegmentExtra {
  readonly opts?: readonly number[];
  readonly sack?: readonly number[];
  readonly rtx?: number;
  readonly forged?: boolean;
  readonly ackRel?: number;
  readonly win?: number;
  readonly rto?: number;
}

const bytes32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
/** MSS, SACK permitted, window scale 7. */
export const synOptions = (mss: number) => [2, 4, mss >> 8, mss & 255, 4, 2, 1, 1, 1, 3, 3, 7];

function timestamps(s: Session, dir: number, t: number): number[] {
  if (!s.ts) return [];
  const value = (s.tsBase[dir]! + Math.floor(t / 1000)) >>> 0;
  const echo = s.tsEcho[dir]!;
  s.tsEcho[1 - dir] = value;
  return [1, 1, 8, 10, ...bytes32(value), ...bytes32(echo)];
}

function sackBlock(s: Session, dir: number, low: number, high: number): number[] {
  return [1, 1, 5, 10, ...bytes32((s.isn[1 - dir]! + low) >>> 0), ...bytes32((s.isn[1 - dir]! + high) >>> 0)];
}

/** A segment of `dir` at relative sequence `rel` (0 is the SYN). */
export function segment(s: Session, dir: number, t: number, flags: number, rel: number, len: number, extra: SegmentExtra = {}): TcpPacket {
  const opts = [...(extra.opts ?? []), ...(flags & Flag.rst ? [] : timestamps(s, dir, t)), ...(extra.sack ?? [])];
  return {
    kind: "tcp",
    s,
    dir,
    flags,
    len,
    off: rel - 1,
    rtx: extra.rtx ?? 0,
    forged: extra.forged ?? false,
    seq: (s.isn[dir]! + rel) >>> 0,
    ack: (s.isn[1 - dir]! + (extra.ackRel ?? s.rcv[dir]!)) >>> 0,
    win: extra.win ?? s.win,
    opts,
    tx: 0,
    ipid: 0,
    lost: false,
  };
}

/** Sends one segment until it arrives, with RTO back-off; answers the arrival time, or -1 after `tries`. */
export function sendReliably(
  w: World,
  s: Session,
  dir: number,
  start: number,
  flags: number,
  rel: number,
  len: number,
  extra: SegmentExtra = {},
  tries = 7,
): number {
  let rto = extra.rto ?? s.rto;
  let t = start;
  for (let i = 0; i < tries; i++) {
    const arrived = w.send(t, segment(s, dir, t, flags, rel, len, { ...extra, rtx: i || extra.rtx ? 1 : 0 }));
    if (arrived >= 0) return arrived;
    t += rto;
    rto *= 2;
  }
  return -1;
}

/** Three-way handshake; answers the time both sides are open, or -1. */
export function handshake(w: World, s: Session, t: number): number {
  const synAt = sendReliably(w, s, C2S, t, Flag.syn, 0, 0, { opts: synOptions(s.mss), rto: 1e6 }, 4);
  if (synAt < 0) return -1;
  s.next[C2S] = s.rcv[S2C] = 1;
  const synAckAt = sendReliably(
    w,
    s,
    S2C,
    synAt + w.random.int(20, 200),
    Flag.syn | Flag.ack,
    0,
    0,
    { opts: synOptions(s.mss), rto: 1e6 },
    4,
  );
  if (synAckAt < 0) return -1;
  s.next[S2C] = s.rcv[C2S] = 1;
  w.send(synAckAt + w.random.int(5, 60), segment(s, C2S, synAckAt, Flag.ack, 1, 0), false);
  return synAckAt + 80;
}

export function pureAck(w: World, s: Session, dir: number, t: number, extra: SegmentExtra = {}): number {
  return w.send(t, segment(s, dir, t, Flag.ack, s.next[dir]!, 0, extra));
}

interface Flight {
  readonly rel: number;
  readonly len: number;
  readonly at: number;
  arrive: number;
}

interface TransferOptions {
  readonly head?: Buffer | undefined;
  /** The payload is TLS records. */
  readonly records?: boolean;
  /** The answer carries the last ACK. */
  readonly reply?: boolean;
}

/** Sends `bytes` one way; answers when the receiver has them all, or -1. */
export function transfer(
  w: World,
  s: Session,
  dir: number,
  start: number,
  bytes: number,
  { head, records = false, reply = false }: TransferOptions = {},
): number {
  const entry: Head = { at: s.next[dir]! - 1, bytes: head, end: records ? s.next[dir]! - 1 + bytes : 0 };
  s.heads[dir]!.push(entry);
  const back = 1 - dir;
  const rtt = s.owd[0] + s.owd[1];
  const mss = s.mss - (s.ts ? 12 : 0);
  let [t, cwnd, left] = [start, 10, bytes];
  while (left > 0) {
    const flight: Flight[] = [];
    let at = t;
    for (let i = 0; i < cwnd && left > 0; i++) {
      const len = Math.min(mss, left);
      left -= len;
      flight.push({ rel: s.next[dir]!, len, at, arrive: -1 });
      s.next[dir]! += len;
      at += 12 + len * 0.008 + (w.random.next() < 0.1 ? w.random.expo(100) : 0);
    }
    for (const [i, g] of flight.entries()) {
      g.arrive = w.send(g.at, segment(s, dir, g.at, Flag.ack | (i === flight.length - 1 ? Flag.psh : 0), g.rel, g.len));
    }
    const lost = flight.filter((g) => g.arrive < 0);
    const received = receive(w, s, back, t, flight, lost.length > 0);
    let { now, lastAckArrive } = received;
    let third = received.thirdDuplicate;
    // Retransmits: the first hole on the third duplicate ACK, else after the RTO.
    for (const g of lost) {
      const when = third >= 0 ? third + 30 : g.at + s.rto + rtt;
      third = third >= 0 ? third + 40 : -1;
      g.arrive = sendReliably(w, s, dir, Math.max(when, at), Flag.ack, g.rel, g.len, { rtx: 1 });
      if (g.arrive < 0) return -1;
      now = Math.max(now, g.arrive);
      s.rcv[back] = Math.max(s.rcv[back]!, g.rel + g.len);
      cwnd = Math.max(2, Math.floor(cwnd / 2));
    }
    let { held } = received;
    if (lost.length > 0) {
      s.rcv[back] = s.next[dir]!;
      held = 0;
      lastAckArrive = pureAck(w, s, back, now + 10);
    } else cwnd = Math.min(64, cwnd * 2);
    if (left === 0 && reply && lastAckArrive < 0) return now;
    if (held || lastAckArrive < 0) {
      if (held) lastAckArrive = pureAck(w, s, back, now + (left ? 40000 : w.random.int(200, 40000)));
      if (lastAckArrive < 0) lastAckArrive = spuriousRetransmit(w, s, dir, now + s.rto, flight.at(-1)!);
    }
    t = Math.max(at, lastAckArrive, t + 10);
    if (left > 0 && w.random.next() < 0.004) t = closeWindow(w, s, back, t);
    if (s.doomedAt !== undefined && t > s.doomedAt) return t;
  }
  return t;
}

/** An ACK for every second segment and for each one that closes a hole, duplicate ACKs with SACK past a hole. Reordering alone triggers no retransmit, as with RACK. */
function receive(w: World, s: Session, back: number, start: number, flight: readonly Flight[], anyLost: boolean) {
  let [held, duplicates, thirdDuplicate, lastAckArrive, now, expected] = [0, 0, -1, -1, start, 0];
  const got = new Uint8Array(flight.length + 1);
  const order = flight
    .map((g, i) => ({ g, i }))
    .filter(({ g }) => g.arrive >= 0)
    .sort((a, b) => a.g.arrive - b.g.arrive);
  for (const { g, i } of order) {
    now = Math.max(now, g.arrive);
    got[i] = 1;
    if (i !== expected) {
      const arrived = pureAck(w, s, back, g.arrive + 8, { sack: sackBlock(s, back, g.rel, g.rel + g.len) });
      if (arrived >= 0 && anyLost && ++duplicates === 3) thirdDuplicate = arrived;
      continue;
    }
    const closesHole = got[i + 1] === 1;
    while (got[expected]) expected++;
    const last = flight[expected - 1]!;
    s.rcv[back] = last.rel + last.len;
    if (++held === 2 || closesHole) {
      held = 0;
      lastAckArrive = pureAck(w, s, back, g.arrive + 15);
    } else lastAckArrive = -1;
  }
  return { held, thirdDuplicate, lastAckArrive, now };
}

/** The ACK was lost: the last segment is sent once more although it had arrived. */
function spuriousRetransmit(w: World, s: Session, dir: number, when: number, g: Flight): number {
  const back = 1 - dir;
  const arrived = w.send(when, segment(s, dir, when, Flag.ack | Flag.psh, g.rel, g.len, { rtx: 2 }), false);
  return w.send(arrived + 10, segment(s, back, arrived + 10, Flag.ack, s.next[back]!, 0), false);
}

/** The receiver stops reading for a while. */
function closeWindow(w: World, s: Session, back: number, t: number): number {
  w.send(t, segment(s, back, t, Flag.ack, s.next[back]!, 0, { win: 0 }), false);
  const open = t + w.random.int(50000, 900000);
  return w.send(open, segment(s, back, open, Flag.ack, s.next[back]!, 0), false) + 20;
}

export function closeFin(w: World, s: Session, t: number, first: number): void {
  const second = 1 - first;
  const finAt = sendReliably(w, s, first, t, Flag.fin | Flag.ack, s.next[first]!, 0);
  if (finAt < 0) return;
  s.next[first]!++;
  s.rcv[second]!++;
  const answerAt = sendReliably(w, s, second, finAt + w.random.int(20, 400), Flag.fin | Flag.ack, s.next[second]!, 0);
  if (answerAt < 0) return;
  s.next[second]!++;
  s.rcv[first]!++;
  pureAck(w, s, first, answerAt + 20);
}

export function sendReset(w: World, s: Session, dir: number, t: number): void {
  w.send(t, segment(s, dir, t, Flag.rst | Flag.ack, s.next[dir]!, 0, { win: 0 }));
}

/** A device on the path forges an RST to each side: each appears at one tap only, the other way round. */
export function injectReset(w: World, s: Session, t: number): void {
  for (const dir of [C2S, S2C]) {
    const packet = segment(s, dir, t, Flag.rst, s.next[dir]!, 0, { win: 0, forged: true });
    packet.tx = t;
    packet.ipid = w.random.int(0, 65535);
    (dir === C2S ? w.taps.server : w.taps.client)?.see(t + s.owd[dir]! / 2, packet);
  }
}
