import { writePayload } from "./payload.ts";
import { C2S, type DatagramPacket, Flag, type Packet, type TcpPacket, type World } from "./world.ts";

function sum16(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  let i = from;
  for (; i + 1 < to; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i < to) sum += bytes[i]! << 8;
  return sum;
}

/** The Internet checksum of a sum of 16-bit words, RFC 1071. */
function fold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s & 0xffff) + Math.floor(s / 65536);
  return ~s & 0xffff;
}

/** Writes the frame as `tap` sees it at `at`; answers its length on the wire. */
export function writeFrame(world: World, b: Buffer, at: number, p: Packet, tap: string): number {
  if (p.kind === "arp") {
    p.raw.copy(b, at);
    return p.raw.length;
  }
  const { opt } = world;
  const { s } = p;
  const atServer = tap === "server";
  const toServer = p.dir === C2S;
  const received = toServer === atServer;
  const inside = atServer ? s.server.mac : s.client.mac;
  const gateway = world.routers[atServer ? 1 : 0];
  let o = at;
  (received ? inside : gateway).copy(b, o);
  (received ? gateway : inside).copy(b, o + 6);
  o += 12;
  if (s.vlan) o = b.writeUInt16BE(s.vlan, b.writeUInt16BE(0x8100, o));
  o = b.writeUInt16BE(s.v6 ? 0x86dd : 0x0800, o);

  const optLen = p.kind === "tcp" ? p.opts.length : 0;
  const headLen = p.kind === "tcp" ? 20 + optLen : 8;
  const bodyLen = p.kind === "tcp" ? p.len : p.body.length;
  const protocol = p.kind === "tcp" ? 6 : p.kind === "udp" ? 17 : 1;
  const client = s.v6 ? s.client.v6! : atServer && opt.nat ? world.natV4 : s.client.v4;
  const server = s.v6 ? s.server.v6! : atServer && opt.natServer && s.server.inner4 ? s.server.inner4 : s.server.v4;
  const [source, destination] = toServer ? [client, server] : [server, client];
  const ttl = p.kind === "tcp" && p.forged ? 113 : received ? (toServer ? 64 : 57) - 7 : 64;
  const ip = o;
  o = s.v6
    ? writeIpv6(b, o, headLen + bodyLen, protocol, ttl, source, destination)
    : writeIpv4(b, o, headLen + bodyLen, p.ipid, protocol, ttl, source, destination);
  const transport = o;
  o = writeTransport(world, b, o, p, atServer, protocol);
  if (opt.checksums) {
    let sum = sum16(b, transport, o);
    if (protocol !== 1) sum += sum16(b, s.v6 ? ip + 8 : ip + 12, transport) + protocol + (o - transport);
    const checksum = fold(sum);
    b.writeUInt16BE(protocol === 17 && checksum === 0 ? 0xffff : checksum, transport + (protocol === 6 ? 16 : protocol === 17 ? 6 : 2));
  }
  // Received frames come padded from the NIC; sent ones are captured before padding.
  if (received && o - at < 60) {
    b.fill(0, o, at + 60);
    o = at + 60;
  }
  return o - at;
}

function writeIpv6(b: Buffer, o: number, payload: number, protocol: number, hops: number, source: Buffer, destination: Buffer): number {
  b.writeUInt32BE(0x60000000, o);
  b.writeUInt16BE(payload, o + 4);
  b[o + 6] = protocol;
  b[o + 7] = hops;
  source.copy(b, o + 8);
  destination.copy(b, o + 24);
  return o + 40;
}

function writeIpv4(
  b: Buffer,
  o: number,
  payload: number,
  id: number,
  protocol: number,
  ttl: number,
  source: Buffer,
  destination: Buffer,
): number {
  b[o] = 0x45;
  b[o + 1] = 0;
  b.writeUInt16BE(20 + payload, o + 2);
  b.writeUInt16BE(id & 0xffff, o + 4);
  b.writeUInt16BE(0x4000, o + 6);
  b[o + 8] = ttl;
  b[o + 9] = protocol;
  b.writeUInt16BE(0, o + 10);
  source.copy(b, o + 12);
  destination.copy(b, o + 16);
  b.writeUInt16BE(fold(sum16(b, o, o + 20)), o + 10);
  return o + 20;
}

function writeTransport(
  world: World,
  b: Buffer,
  start: number,
  p: TcpPacket | DatagramPacket,
  atServer: boolean,
  protocol: number,
): number {
  const { s } = p;
  const toServer = p.dir === C2S;
  let o = start;
  if (protocol === 1) {
    b[o] = toServer ? 8 : 0;
    b[o + 1] = 0;
    b.writeUInt16BE(0, o + 2);
    b.writeUInt16BE(s.id & 0xffff, o + 4);
    b.writeUInt16BE(p.ipid & 0xffff, o + 6);
    o += 8;
  } else {
    const clientPort = atServer && world.opt.nat && !s.v6 ? s.natPort : s.cport;
    b.writeUInt16BE(toServer ? clientPort : s.sport, o);
    b.writeUInt16BE(toServer ? s.sport : clientPort, o + 2);
    o += 4;
  }
  if (p.kind === "tcp") return writeTcp(world, b, o, p, atServer);
  if (protocol === 17) {
    b.writeUInt16BE(8 + p.body.length, o);
    b.writeUInt16BE(0, o + 2);
    o += 4;
  }
  p.body.copy(b, o);
  return o + p.body.length;
}

function writeTcp(world: World, b: Buffer, o: number, p: TcpPacket, atServer: boolean): number {
  // A firewall that rewrites sequence numbers shifts the client's only, and what acknowledges them.
  const shift = atServer && world.opt.rewriteIsn ? p.s.isnShift : 0;
  const toServer = p.dir === C2S;
  b.writeUInt32BE((p.seq + (toServer ? shift : 0)) >>> 0, o);
  b.writeUInt32BE(p.flags & Flag.ack ? (p.ack + (toServer ? 0 : shift)) >>> 0 : 0, o + 4);
  b[o + 8] = ((20 + p.opts.length) / 4) << 4;
  b[o + 9] = p.flags;
  b.writeUInt16BE(p.win, o + 10);
  b.writeUInt32BE(0, o + 12);
  for (const [i, byte] of p.opts.entries()) b[o + 16 + i] = byte;
  writePayload(world, b, o + 16 + p.opts.length, p.s, p);
  return o + 16 + p.opts.length + p.len;
}
