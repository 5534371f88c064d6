import type { CaptureOptions } from "./options.ts";
import { Random } from "./random.ts";
import type { Tap } from "./tap.ts";

export const C2S = 0;
export const S2C = 1;
export const Flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface Host {
  readonly v4: Buffer;
  readonly mac: Buffer;
  readonly v6?: Buffer;
  /** Address behind `natServer`. */
  readonly inner4?: Buffer;
  readonly name?: string;
  nextPort?: number;
}

/** Application payload that starts at a stream offset; `end` is set where TLS records run on to it. */
export interface Head {
  readonly at: number;
  readonly bytes: Buffer | undefined;
  readonly end: number;
}

/** One conversation; index 0 of every pair is the client's. */
export interface Session {
  readonly id: number;
  readonly client: Host;
  readonly server: Host;
  readonly sport: number;
  readonly cport: number;
  readonly natPort: number;
  readonly v6: boolean;
  readonly vlan: number;
  /** One-way delay each way, microseconds. */
  readonly owd: [number, number];
  readonly ipid: [number, number];
  readonly lastArrive: [number, number];
  readonly isnShift: number;
  readonly isn: [number, number];
  readonly next: [number, number];
  readonly rcv: [number, number];
  readonly heads: [Head[], Head[]];
  readonly ts: boolean;
  readonly tsBase: [number, number];
  readonly tsEcho: [number, number];
  readonly mss: number;
  readonly win: number;
  readonly rto: number;
  /** When a device on the path kills it. */
  doomedAt?: number;
  /** Highest relative sequence each tap saw, per direction. */
  readonly seen: Record<string, [number, number]>;
}

interface Sent {
  /** When it left, and its IP id. */
  tx: number;
  ipid: number;
  lost: boolean;
}
export interface TcpPacket extends Sent {
  readonly kind: "tcp";
  readonly s: Session;
  readonly dir: number;
  readonly flags: number;
  readonly len: number;
  readonly off: number;
  /** 0 first time, 1 retransmission, 2 spurious retransmission. */
  readonly rtx: number;
  readonly forged: boolean;
  readonly seq: number;
  readonly ack: number;
  readonly win: number;
  readonly opts: readonly number[];
}
export interface DatagramPacket extends Sent {
  readonly kind: "udp" | "icmp";
  readonly s: Session;
  readonly dir: number;
  readonly body: Buffer;
  readonly dns?: boolean;
}
export interface ArpPacket {
  readonly kind: "arp";
  readonly raw: Buffer;
  tx: number;
}
export type Packet = TcpPacket | DatagramPacket | ArpPacket;

const TAP_COUNTS = {
  packets: 0,
  tcp: 0,
  retransmits: 0,
  spurious: 0,
  duplicates: 0,
  gapFills: 0,
  tailFills: 0,
  reordered: 0,
  syn: 0,
  rst: 0,
  dns: 0,
  arp: 0,
  lostAfterTap: 0,
};
/** What a correct analyser of one tap must find. */
export type TapTruth = typeof TAP_COUNTS;
export const newTapTruth = (): TapTruth => ({ ...TAP_COUNTS });

export interface LostTruth {
  readonly session: number;
  readonly dir: "c2s" | "s2c";
  readonly seq: number;
  readonly len: number;
  readonly flags: number;
  /** Microseconds since the start, on the client tap's clock. */
  readonly at: number;
}
export interface ResetTruth {
  readonly session: number;
  readonly seenAt: string;
  readonly seq: number;
  readonly at: number;
}

export interface Truth {
  generator: "gen-captures";
  options: Omit<CaptureOptions, "out">;
  taps: Record<string, TapTruth & { fileBytes: number }>;
  sessions: number;
  clockOffsetUs: number;
  /** Only of a pair. */
  lost?: LostTruth[];
  injectedRst?: ResetTruth[];
  nat?: [number, string, string][];
}

const POOL_BYTES = 1 << 20;

/** Everything one run shares: its randomness, its hosts, its taps and what is true of it. */
export class World {
  readonly opt: CaptureOptions;
  readonly random: Random;
  /** Payload bytes by stream offset, so that a retransmission repeats its bytes. */
  readonly pool = Buffer.alloc(POOL_BYTES);
  readonly clients: Host[];
  readonly servers: Host[];
  readonly resolver: Host = { v4: Buffer.from([10, 20, 255, 53]), mac: Buffer.from([2, 0, 0, 2, 0, 53]) };
  readonly natV4 = Buffer.from([203, 0, 113, 7]);
  readonly routers = [Buffer.from([2, 0, 0, 0xff, 0, 1]), Buffer.from([2, 0, 0, 0xff, 0, 2])] as const;
  readonly taps: { client?: Tap; server?: Tap } = {};
  readonly lost: LostTruth[] = [];
  readonly injectedRst: ResetTruth[] = [];
  readonly nat: [number, string, string][] = [];
  /** TCP sessions tried. */
  sessions = 0;
  private natPort = 20000;
  private sessionId = 0;

  constructor(opt: CaptureOptions) {
    this.opt = opt;
    this.random = new Random(opt.seed);
    for (let i = 0; i < POOL_BYTES; i += 4) this.pool.writeUInt32LE(Math.floor(this.random.next() * 4294967296), i);
    this.clients = Array.from({ length: 200 }, (_, i) => ({
      v4: Buffer.from([10, 20, i >> 6, 10 + (i & 63)]),
      v6: Buffer.from([0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, i >> 8, i & 255]),
      mac: Buffer.from([2, 0, 0, 0, i >> 8, i & 255]),
      nextPort: 32768 + this.random.int(0, 20000),
    }));
    this.servers = Array.from({ length: 60 }, (_, i) => ({
      v4: Buffer.from([198, 51, 100, 10 + i]),
      inner4: Buffer.from([10, 200, 0, 10 + i]),
      v6: Buffer.from([0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, i]),
      mac: Buffer.from([2, 0, 0, 1, 0, i]),
      name: `svc${i}.example.test`,
    }));
  }

  get startUs(): number {
    return this.opt.start * 1e6;
  }

  newSession(sport: number, fixed: { v4only?: boolean; client?: Host; server?: Host } = {}): Session {
    const { random } = this;
    const v6 = random.next() < 0.08;
    const server = fixed.server ?? random.pick(this.servers);
    const client = fixed.client ?? random.pick(this.clients);
    const cport = client.nextPort!;
    client.nextPort = cport >= 60999 ? 32768 : cport + 1;
    this.natPort = this.natPort >= 64000 ? 20000 : this.natPort + 1;
    const median = this.opt.owdUs * Math.exp((random.next() - 0.5) * 2.2);
    const isV6 = v6 && !fixed.v4only;
    const [vlan, back] = [random.next() < 0.03 ? 100 : 0, median * (0.8 + random.next() * 0.5)];
    return {
      id: this.sessionId++,
      client,
      server,
      sport,
      cport,
      natPort: this.natPort,
      v6: isV6,
      vlan,
      owd: [median, back],
      ipid: [random.int(0, 65535), random.int(0, 65535)],
      lastArrive: [0, 0],
      isnShift: random.int(1, 0x7fffffff),
      isn: [random.int(0, 0xffffffff), random.int(0, 0xffffffff)],
      next: [0, 0],
      rcv: [0, 0],
      heads: [[], []],
      ts: random.next() < 0.7,
      tsBase: [random.int(1, 1e9), random.int(1, 1e9)],
      tsEcho: [0, 0],
      mss: isV6 ? 1440 : 1460,
      win: 64240,
      rto: 200000,
      seen: {},
    };
  }

  /** Sends a packet at `t`; answers when it arrives, or -1 if the path lost it. */
  send(t: number, packet: TcpPacket | DatagramPacket, lossy = true): number {
    const { random, opt } = this;
    const { s, dir } = packet;
    packet.tx = t;
    packet.ipid = s.ipid[dir]!++;
    const [near, far] = dir === C2S ? [this.taps.client, this.taps.server] : [this.taps.server, this.taps.client];
    near?.see(t, packet);
    if (lossy && random.next() < opt.loss) {
      packet.lost = true;
      return -1;
    }
    let arrive = t + s.owd[dir]! + random.expo(60);
    const inOrder = Math.max(arrive, s.lastArrive[dir]! + 1);
    // A packet that is overtaken: later ones may pass it.
    if (packet.kind === "tcp" && packet.len > 0 && random.next() < opt.reorder) arrive = inOrder + 1500;
    else s.lastArrive[dir] = arrive = inOrder;
    far?.see(arrive, packet);
    return arrive;
  }
}
