import { concat, u16, u32 } from "./frame-writer.ts";

/** Bytes of one frame: Ethernet, IPv4 and TCP headers without options. */
const FRAME_BYTES = 54;
const RECORD_BYTES = 16 + FRAME_BYTES;

/** A libpcap file of SYNs, each of a connection of its own: what costs most memory for its size. Every flood of one length is the same. */
export function synFlood(connections: number): Uint8Array {
  const head = concat(u32(0xa1b2c3d4), u16(2, 4), u32(0, 0, 65_535, 1));
  const file = new Uint8Array(head.length + connections * RECORD_BYTES);
  const view = new DataView(file.buffer);
  file.set(head);
  for (let index = 0, at = head.length; index < connections; index++, at += RECORD_BYTES) {
    view.setUint32(at, 1_700_000_000 + Math.floor(index / 1000));
    view.setUint32(at + 4, (index % 1000) * 1000);
    view.setUint32(at + 8, FRAME_BYTES);
    view.setUint32(at + 12, FRAME_BYTES);
    const ip = at + 16 + 14;
    view.setUint16(ip - 2, 0x0800);
    view.setUint16(ip, 0x4500);
    view.setUint16(ip + 2, 40);
    view.setUint16(ip + 8, 0x4006);
    // 198.18.0.0/15 is for benchmarks, RFC 2544; a port is used again for the next address.
    view.setUint32(ip + 12, 0xc6120000 + Math.floor(index / 60_000));
    view.setUint32(ip + 16, 0xc6130001);
    const tcp = ip + 20;
    view.setUint16(tcp, 1024 + (index % 60_000));
    view.setUint16(tcp + 2, 443);
    view.setUint32(tcp + 4, index * 7919);
    view.setUint16(tcp + 12, 0x5002);
    view.setUint16(tcp + 14, 65_535);
  }
  return file;
}
