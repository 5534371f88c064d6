import type { Host, Session, TcpPacket, World } from "./world.ts";

/** Bytes of a TLS record on the wire, the record's header included. */
const RECORD = 16384 + 5;
export const tlsHeader = (length: number) => Buffer.from([23, 3, 3, length >> 8, length & 255]);

/** Writes a segment's payload: pool bytes by stream offset, with the heads of messages and TLS records laid over them. */
export function writePayload(world: World, target: Buffer, at: number, s: Session, packet: TcpPacket): void {
  if (packet.len === 0) return;
  const { pool } = world;
  const from = packet.off & (pool.length - 1);
  const first = Math.min(packet.len, pool.length - from);
  pool.copy(target, at, from, from + first);
  if (first < packet.len) pool.copy(target, at + first, 0, packet.len - first);
  const overlay = (offset: number, bytes: Buffer) => {
    const low = Math.max(offset, packet.off);
    const high = Math.min(offset + bytes.length, packet.off + packet.len);
    if (low < high) bytes.copy(target, at + low - packet.off, low - offset, high - offset);
  };
  for (const head of s.heads[packet.dir]!) {
    if (head.bytes) overlay(head.at, head.bytes);
    if (head.end <= packet.off || head.at >= packet.off + packet.len) continue;
    let k = Math.max(0, Math.floor((packet.off - head.at) / RECORD));
    for (let record = head.at + k * RECORD; record < Math.min(head.end, packet.off + packet.len); record = head.at + ++k * RECORD) {
      overlay(record, tlsHeader(Math.min(RECORD, head.end - record) - 5));
    }
  }
}

function vector(lengthBytes: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(lengthBytes);
  head.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([head, body]);
}
const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);

function randomBytes(world: World, count: number): Buffer {
  const at = world.random.int(0, world.pool.length - count - 1);
  return world.pool.subarray(at, at + count);
}

export function clientHello(world: World, name: string): Buffer {
  const sni = Buffer.concat([u16(0), vector(2, vector(2, Buffer.from([0]), vector(2, Buffer.from(name))))]);
  const versions = Buffer.concat([u16(43), vector(2, vector(1, u16(0x0304), u16(0x0303)))]);
  const alpn = Buffer.concat([u16(16), vector(2, vector(2, vector(1, Buffer.from("h2")), vector(1, Buffer.from("http/1.1"))))]);
  const suites = vector(2, u16(0x1301), u16(0x1302), u16(0xc02f), u16(0xc030));
  const body = Buffer.concat([
    u16(0x0303),
    randomBytes(world, 32),
    vector(1, randomBytes(world, 32)),
    suites,
    vector(1, Buffer.from([0])),
    vector(2, sni, versions, alpn),
  ]);
  return Buffer.concat([Buffer.from([22, 3, 1]), vector(2, Buffer.from([1]), vector(3, body))]);
}

export function serverHello(world: World): Buffer {
  const extensions = vector(2, Buffer.concat([u16(43), vector(2, u16(0x0304))]));
  const body = Buffer.concat([
    u16(0x0303),
    randomBytes(world, 32),
    vector(1, randomBytes(world, 32)),
    u16(0x1301),
    Buffer.from([0]),
    extensions,
  ]);
  return Buffer.concat([Buffer.from([22, 3, 3]), vector(2, Buffer.from([2]), vector(3, body))]);
}

/** Fatal handshake_failure. */
export const TLS_ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

/** A head for a message of `total` bytes in all; a request without a body says so with 0. */
export function httpHead(line: string, server: Host, total: number): Buffer {
  const head = (length: number) =>
    Buffer.from(`${line}\r\nHost: ${server.name}\r\nContent-Length: ${String(length).padStart(8, "0")}\r\nServer: gen\r\n\r\n`);
  return head(Math.max(0, total - head(0).length));
}

function dnsName(name: string): Buffer {
  return Buffer.concat([...name.split(".").map((label) => vector(1, Buffer.from(label))), Buffer.from([0])]);
}

/** A query where `answer` is undefined, NXDOMAIN where it is null, else an answer with one A record. */
export function dnsMessage(id: number, name: string, answer?: Buffer | null): Buffer {
  const code = answer === null ? 3 : 0;
  const head = Buffer.concat([u16(id), u16(answer === undefined ? 0x0100 : 0x8180 | code), u16(1), u16(answer ? 1 : 0), u16(0), u16(0)]);
  const question = Buffer.concat([dnsName(name), u16(1), u16(1)]);
  const record = answer ? Buffer.concat([u16(0xc00c), u16(1), u16(1), Buffer.from([0, 0, 1, 44]), vector(2, answer)]) : Buffer.alloc(0);
  return Buffer.concat([head, question, record]);
}
