import { closeSync, openSync, writeSync } from "node:fs";
import { writeFrame } from "./frame.ts";
import { C2S, Flag, newTapTruth, type Packet, type TapTruth, type TcpPacket, type World } from "./world.ts";

const BUFFER = 4 << 20;
/** A frame with its record header always fits. */
const RESERVE = 70_000;

/** One tap: what was seen, put in time order and written out. */
export class Tap {
  readonly name: "client" | "server";
  readonly path: string;
  readonly truth: TapTruth = newTapTruth();
  packets = 0;
  bytes = 0;
  private readonly world: World;
  private readonly fd: number;
  private readonly buf = Buffer.alloc(BUFFER);
  private pos = 0;
  private readonly pending: { t: number; pkt: Packet }[] = [];

  constructor(world: World, name: "client" | "server", path: string) {
    this.world = world;
    this.name = name;
    this.path = path;
    this.fd = openSync(path, "w");
    this.header();
  }

  private w16(value: number): void {
    this.pos = this.world.opt.bigEndian ? this.buf.writeUInt16BE(value, this.pos) : this.buf.writeUInt16LE(value, this.pos);
  }

  private w32(value: number): void {
    this.pos = this.world.opt.bigEndian ? this.buf.writeUInt32BE(value >>> 0, this.pos) : this.buf.writeUInt32LE(value >>> 0, this.pos);
  }

  private header(): void {
    const { format, nano, snaplen } = this.world.opt;
    const words = (...values: number[]) => {
      for (const value of values) this.w32(value);
    };
    if (format === "pcap") {
      words(nano ? 0xa1b23c4d : 0xa1b2c3d4);
      this.w16(2);
      this.w16(4);
      words(0, 0, snaplen, 1);
      return;
    }
    words(0x0a0d0d0a, 28, 0x1a2b3c4d);
    this.w16(1);
    this.w16(0);
    words(0xffffffff, 0xffffffff, 28, 1, 32);
    this.w16(1);
    this.w16(0);
    words(snaplen);
    this.w16(9); // if_tsresol
    this.w16(1);
    this.buf[this.pos++] = nano ? 9 : 6;
    this.pos += 3;
    words(0, 32);
  }

  see(t: number, pkt: Packet): void {
    this.pending.push({ t, pkt });
  }

  /** Writes everything seen before `until` that was sent by `lastTx`; with one tap, no more than was asked. */
  flush(until: number, lastTx = Number.POSITIVE_INFINITY): void {
    this.pending.sort((a, b) => a.t - b.t);
    let i = 0;
    for (; i < this.pending.length && this.pending[i]!.t < until; i++) {
      if (!this.world.opt.pair && this.full()) break;
      const { t, pkt } = this.pending[i]!;
      if (pkt.tx <= lastTx) this.write(t, pkt);
    }
    this.pending.splice(0, i);
  }

  full(): boolean {
    return this.packets >= this.world.opt.packets || this.bytes >= this.world.opt.bytes;
  }

  private write(t: number, pkt: Packet): void {
    const { opt, startUs } = this.world;
    const us = Math.round(startUs + t + (this.name === "server" ? opt.clockOffsetUs : 0));
    if (this.pos > this.buf.length - RESERVE) this.drain();
    const head = this.pos;
    const start = head + (opt.format === "pcapng" ? 28 : 16);
    const length = writeFrame(this.world, this.buf, start, pkt, this.name);
    const captured = Math.min(length, opt.snaplen);
    if (opt.format === "pcapng") this.enhancedBlock(us, start, captured, length);
    else {
      const seconds = Math.floor(us / 1e6);
      this.w32(seconds);
      this.w32((us - seconds * 1e6) * (opt.nano ? 1000 : 1));
      this.w32(captured);
      this.w32(length);
      this.pos = start + captured;
    }
    this.bytes += this.pos - head;
    this.packets++;
    this.count(t, pkt);
  }

  private enhancedBlock(us: number, start: number, captured: number, length: number): void {
    const pad = (4 - (captured & 3)) & 3;
    const total = 32 + captured + pad;
    const ticks = this.world.opt.nano ? BigInt(us) * 1000n : BigInt(us);
    for (const value of [6, total, 0, Number(ticks >> 32n), Number(ticks & 0xffffffffn), captured, length]) this.w32(value);
    this.pos = start + captured;
    this.buf.fill(0, this.pos, this.pos + pad);
    this.pos += pad;
    this.w32(total);
  }

  private count(t: number, pkt: Packet): void {
    const { truth, world } = this;
    truth.packets++;
    if (pkt.kind === "arp") truth.arp++;
    else if (pkt.kind !== "tcp") truth.dns += pkt.dns ? 1 : 0;
    else {
      truth.tcp++;
      this.countRetransmit(pkt);
      if (pkt.flags & Flag.syn) truth.syn++;
      if (pkt.flags & Flag.rst) truth.rst++;
      const at = Math.round(t);
      if (pkt.lost) {
        truth.lostAfterTap++;
        if (world.opt.pair)
          world.lost.push({ session: pkt.s.id, dir: pkt.dir ? "s2c" : "c2s", seq: pkt.seq >>> 0, len: pkt.len, flags: pkt.flags, at });
      }
      if (pkt.forged && world.opt.pair) world.injectedRst.push({ session: pkt.s.id, seenAt: this.name, seq: pkt.seq >>> 0, at });
    }
  }

  /**
   * Splits the retransmits by what this tap can know: `duplicates` repeat bytes it already saw, `gapFills` close a hole it
   * saw, and `tailFills` look like new data (the original was lost before this tap and nothing later had passed), so no
   * analyser of this one file can tell them. Late originals that others overtook are `reordered`.
   */
  private countRetransmit(pkt: TcpPacket): void {
    const { truth } = this;
    pkt.s.seen[this.name] ??= [0, 0];
    const seen = pkt.s.seen[this.name]!;
    const relative = pkt.off + 1;
    const highest = seen[pkt.dir]!;
    if (pkt.rtx) {
      truth.retransmits++;
      if (pkt.rtx === 2) truth.spurious++;
      const senderSide = (pkt.dir === C2S) === (this.name === "client");
      if (senderSide || pkt.rtx === 2) truth.duplicates++;
      else if (relative < highest) truth.gapFills++;
      else truth.tailFills++;
    } else if (pkt.len > 0 && relative < highest) truth.reordered++;
    const end = relative + pkt.len + (pkt.flags & (Flag.syn | Flag.fin) ? 1 : 0);
    if (!(pkt.flags & Flag.rst) && end > highest) seen[pkt.dir] = end;
  }

  private drain(): void {
    writeSync(this.fd, this.buf, 0, this.pos);
    this.pos = 0;
  }

  close(): void {
    this.drain();
    closeSync(this.fd);
  }
}
