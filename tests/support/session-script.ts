import { type CapturedFrame, type Endpoint, type TcpOptions, tcpFrame } from "./capture-writer.ts";

type Side = "client" | "server";

/** A segment as a packet list shows it. */
export interface ListedSegment {
  time: number;
  from: Endpoint;
  to: Endpoint;
  flags: string;
  seq: number;
  ack: number;
  length: number;
  options: TcpOptions | undefined;
}

/** Two capture points with a path between them; what is sent at one end arrives at the other after `oneWay` seconds. */
export class TwoTaps {
  readonly client: CapturedFrame[] = [];
  readonly server: CapturedFrame[] = [];
  readonly listed: Record<Side, ListedSegment[]> = { client: [], server: [] };
  readonly oneWay: number;
  /** Seconds the server side's clock is ahead. */
  readonly skew: number;
  private ipId = 1;

  constructor({ oneWay = 0.01, skew = 0 }: { oneWay?: number; skew?: number } = {}) {
    this.oneWay = oneWay;
    this.skew = skew;
  }

  /** Frames of one side in order of time. */
  frames(side: "client" | "server"): CapturedFrame[] {
    return [...this[side]].sort((a, b) => a.time - b.time);
  }

  nextId(): number {
    return this.ipId++ & 0xffff;
  }
}

export interface Send {
  flags?: string;
  payload?: string | number | Uint8Array;
  options?: TcpOptions;
  /** Never arrives at the other end. */
  lost?: boolean;
  /** Sends what was sent before once more: the sequence number does not move. */
  again?: boolean;
  /** Comes after a segment that is still to be repeated: `again` keeps meaning that one. */
  ahead?: boolean;
  /** Was never sent: only the receiver sees it, in this end's name. */
  forged?: boolean;
  ack?: number;
  ttl?: number;
}

/** One TCP connection, told step by step. Times are those of the sending side in seconds of the client's clock. */
export class SessionScript {
  private readonly taps: TwoTaps;
  private readonly ends: Readonly<Record<Side, Endpoint>>;
  private readonly next: Record<Side, number>;
  private readonly received: Record<Side, number> = { client: 0, server: 0 };
  private readonly before: Record<Side, number> = { client: 0, server: 0 };
  /** Time of the last step of `after`, `open`, `turn` or `close`. */
  now = 0;

  constructor(taps: TwoTaps, client: Endpoint, server: Endpoint, numbers: { client?: number; server?: number } = {}) {
    this.taps = taps;
    this.ends = { client, server };
    this.next = { client: numbers.client ?? 1_000_000, server: numbers.server ?? 5_000_000 };
  }

  send(from: Side, time: number, { flags = "A", payload = "", options, lost, again, ahead, forged, ack, ttl }: Send = {}): this {
    const to: Side = from === "client" ? "server" : "client";
    const { oneWay, skew } = this.taps;
    const seq = again ? this.before[from] : this.next[from];
    const body = typeof payload === "number" ? filler(payload, seq) : payload;
    const segment = {
      seq,
      ack: flags.includes("A") ? (ack ?? this.received[from]) : 0,
      flags,
      payload: body,
      id: this.taps.nextId(),
      ...(options ? { options } : {}),
    };
    const seen = (side: Side, at: number, hops: number) => {
      const moment = side === "server" ? at + skew : at;
      this.taps[side].push({ time: moment, bytes: tcpFrame(this.ends[from], this.ends[to], { ...segment, ttl: (ttl ?? 128) - hops }) });
      const listed = { time: moment, from: this.ends[from], to: this.ends[to], flags, seq, ack: segment.ack, length: body.length, options };
      this.taps.listed[side].push(listed);
    };
    if (!forged) seen(from, time, 0);
    if (!lost) seen(to, forged ? time : time + oneWay, forged ? 0 : 5);
    if (forged) return this;
    if (!ahead) this.before[from] = seq;
    const taken = body.length + (/[SF]/.test(flags) ? 1 : 0);
    if (!again) this.next[from] = (seq + taken) >>> 0;
    if (!lost && this.received[to] === seq) this.received[to] = (seq + taken) >>> 0;
    else if (!lost && flags.includes("S")) this.received[to] = (seq + 1) >>> 0;
    return this;
  }

  /** Sends so many seconds after the last step. */
  after(seconds: number, from: Side, what: Send = {}): this {
    this.now += seconds;
    return this.send(from, this.now, what);
  }

  /** Three-way handshake from `time` on; answers when it is done. */
  open(time: number, { clientMss = 1460, serverMss = 1460 }: { clientMss?: number; serverMss?: number } = {}): number {
    const { oneWay } = this.taps;
    this.send("client", time, { flags: "S", options: { mss: clientMss, windowShift: 8, sackPermitted: true } });
    this.send("server", time + oneWay + 0.0002, { flags: "SA", options: { mss: serverMss, windowShift: 8, sackPermitted: true } });
    this.now = time + 2 * oneWay + 0.0004;
    this.send("client", this.now);
    return this.now;
  }

  /** Request and answer, answered after `think` seconds; answers when the client has acknowledged. */
  turn(time: number, request: number, response: number, think = 0.002): number {
    const { oneWay } = this.taps;
    this.send("client", time, { flags: "PA", payload: request });
    const answered = time + oneWay + think;
    for (let left = response, at = answered; left > 0; left -= 1460, at += 0.0001)
      this.send("server", at, { flags: "PA", payload: Math.min(left, 1460) });
    this.now = answered + oneWay + 0.0005;
    this.send("client", this.now);
    return this.now;
  }

  close(time: number): number {
    const { oneWay } = this.taps;
    this.send("client", time, { flags: "FA" });
    this.send("server", time + oneWay + 0.0003, { flags: "FA" });
    this.now = time + 2 * oneWay + 0.0006;
    this.send("client", this.now);
    return this.now;
  }
}

/** Text that differs with its place in the stream. */
function filler(length: number, seq: number): string {
  let text = "";
  for (let n = seq; text.length < length; n += 7) text += `${n.toString(36)}.`;
  return text.slice(0, length);
}

/** A web session with a few turns: what healthy traffic looks like. */
export function healthySession(taps: TwoTaps, client: Endpoint, server: Endpoint, start: number, turns = 2): number {
  const session = new SessionScript(taps, client, server, {
    client: 17 * Math.round(start * 1000) + 90_001,
    server: 23 * Math.round(start * 1000) + 400_001,
  });
  let at = session.open(start);
  for (let n = 0; n < turns; n++) at = session.turn(at + 0.05, 200 + 40 * n, 600 + 350 * n);
  return session.close(at + 0.05);
}
