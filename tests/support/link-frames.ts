import { concat, ethernet, hex, ipv4, ipv6, tcp, u8, u16, u32, udp } from "./frame-writer.ts";

const SEGMENT = tcp({ sourcePort: 49200, destinationPort: 443, seq: 1000, ack: 2000, flags: "PA", window: 512 }, u8(1, 2, 3, 4, 5));
/** 192.0.2.1:49200 to 198.51.100.7:443, five bytes. */
export const PACKET = ipv4({ source: "192.0.2.1", destination: "198.51.100.7", protocol: 6, id: 7, ttl: 61 }, SEGMENT);
/** The same segment over IPv6. */
export const PACKET6 = ipv6({ source: "2001:db8::1", destination: "2001:db8::7", protocol: 6, hopLimit: 61 }, SEGMENT);

const SNAP = concat(hex("aaaa03 000000"), u16(0x0800), PACKET);
const MACS = hex("00005e005302 00005e005301");
const OUTER = { source: "203.0.113.1", destination: "203.0.113.2" };

const snap8023 = concat(MACS, u16(SNAP.length), SNAP, new Uint8Array(7));
const dataFrame = concat(hex("0801 0000 00005e005302 00005e005301 00005e005303 0000"), SNAP);
const qosFrame = concat(hex("8801 0000 00005e005302 00005e005301 00005e005303 0000 0000"), SNAP);
const radiotap = (frame: Uint8Array) => concat(hex("0000 0a00 02000000 0000"), frame);
const padded = (frame: Uint8Array, header: number) =>
  concat(hex("0000 0900 02000000 20"), frame.subarray(0, header), new Uint8Array(-header & 3), frame.subarray(header));

/** `PACKET` or `PACKET6` behind every link header that is decoded: name, link type, frame. */
export const LINK_FRAMES: readonly (readonly [name: string, linkType: number, frame: Uint8Array])[] = [
  ["Ethernet II", 1, ethernet(0x0800, PACKET)],
  ["Ethernet II with IPv6", 1, ethernet(0x86dd, PACKET6)],
  ["802.1Q", 1, ethernet(0x0800, PACKET, { vlans: [0x2005] })],
  ["802.1ad and 802.1Q", 1, ethernet(0x0800, PACKET, { vlans: [[0x88a8, 9], 5] })],
  ["two tags of type 0x9100", 1, ethernet(0x0800, PACKET, { vlans: [[0x9100, 9], 5] })],
  ["802.1ah", 1, concat(ethernet(0x88e7, u32(0x00000123)), MACS, u16(0x0800), PACKET)],
  ["VN-Tag", 1, ethernet(0x8926, concat(u32(0x00010002), u16(0x0800), PACKET))],
  ["Cisco MetaData", 1, ethernet(0x8909, concat(hex("01 01 0001 0007"), u16(0x0800), PACKET))],
  ["802.3 with SNAP", 1, snap8023],
  ["two MPLS labels", 1, ethernet(0x8847, concat(u32(0x00010040, 0x00011140), PACKET))],
  ["MPLS with IPv6", 1, ethernet(0x8847, concat(u32(0x00011140), PACKET6))],
  ["MPLS pseudowire", 1, ethernet(0x8847, concat(u32(0x00011140, 0), ethernet(0x0800, PACKET)))],
  ["PPPoE", 1, ethernet(0x8864, concat(hex("11 00 0001"), u16(PACKET.length + 2), u16(0x0021), PACKET))],
  ["BSD null, little-endian", 0, concat(hex("02000000"), PACKET)],
  ["BSD null, big-endian", 0, concat(hex("00000002"), PACKET)],
  ["BSD null with IPv6", 0, concat(hex("1e000000"), PACKET6)],
  ["OpenBSD loop", 108, concat(u32(2), PACKET)],
  ["raw IP", 101, PACKET],
  ["raw IP, DLT 12", 12, PACKET6],
  ["raw IP, DLT 14", 14, PACKET],
  ["raw IPv4", 228, PACKET],
  ["raw IPv6", 229, PACKET6],
  ["PPP", 9, concat(hex("ff03 0021"), PACKET)],
  ["PPP without address and control", 9, concat(u16(0x0057), PACKET6)],
  ["PPP over a serial line", 50, concat(hex("ff03 0021"), PACKET)],
  ["PPPoE session link", 51, concat(hex("11 00 0001"), u16(PACKET.length + 2), u16(0x0021), PACKET)],
  ["Cisco HDLC", 104, concat(hex("0f00"), u16(0x0800), PACKET)],
  ["frame relay, NLPID", 107, concat(hex("1841 03 cc"), PACKET)],
  ["frame relay, Cisco", 107, concat(hex("1841"), u16(0x0800), PACKET)],
  ["Linux cooked", 113, concat(hex("0000 0001 0006 00005e0053010000"), u16(0x0800), PACKET)],
  ["Linux cooked 2", 276, concat(u16(0x86dd), hex("0000 00000002 0001 00 06 00005e0053010000"), PACKET6)],
  ["OpenBSD enc", 109, concat(hex("02000000 00000000 00000000"), PACKET)],
  ["802.11 data", 105, dataFrame],
  ["802.11 QoS data", 105, qosFrame],
  ["radiotap", 127, radiotap(dataFrame)],
  ["radiotap with a padded header", 127, padded(qosFrame, 26)],
  ["Prism", 119, concat(hex("00000044"), new Uint8Array(140), dataFrame)],
  ["AVS", 163, concat(hex("80211001 00000040"), new Uint8Array(56), dataFrame)],
];

/** `PACKET` or `PACKET6` inside every tunnel that is followed, as Ethernet frames. */
export const TUNNEL_FRAMES: readonly (readonly [name: string, frame: Uint8Array])[] = [
  ["IP in IP", ethernet(0x0800, ipv4({ ...OUTER, protocol: 4 }, PACKET))],
  ["IPv6 in IPv4", ethernet(0x0800, ipv4({ ...OUTER, protocol: 41 }, PACKET6))],
  ["IPv4 in IPv6", ethernet(0x86dd, ipv6({ source: "2001:db8::a", destination: "2001:db8::b", protocol: 4 }, PACKET))],
  ["GRE", ethernet(0x0800, ipv4({ ...OUTER, protocol: 47 }, concat(u16(0, 0x0800), PACKET)))],
  ["GRE with key and sequence", ethernet(0x0800, ipv4({ ...OUTER, protocol: 47 }, concat(u16(0x3000, 0x86dd), u32(9, 1), PACKET6)))],
  ["GRE with Ethernet", ethernet(0x0800, ipv4({ ...OUTER, protocol: 47 }, concat(u16(0, 0x6558), ethernet(0x0800, PACKET))))],
  [
    "ERSPAN II",
    ethernet(
      0x0800,
      ipv4({ ...OUTER, protocol: 47 }, concat(u16(0x1000, 0x88be), u32(1), hex("1001 0001 00000000"), ethernet(0x0800, PACKET))),
    ),
  ],
  ["ERSPAN I", ethernet(0x0800, ipv4({ ...OUTER, protocol: 47 }, concat(u16(0, 0x88be), ethernet(0x0800, PACKET))))],
  [
    "PPTP",
    ethernet(
      0x0800,
      ipv4({ ...OUTER, protocol: 47 }, concat(hex("3001 880b"), u16(PACKET.length + 4, 1), u32(1), hex("ff030021"), PACKET)),
    ),
  ],
  [
    "VXLAN",
    ethernet(0x0800, ipv4({ ...OUTER, protocol: 17 }, udp(40000, 4789, concat(hex("08000000 00000100"), ethernet(0x0800, PACKET))))),
  ],
  [
    "Geneve",
    ethernet(
      0x0800,
      ipv4({ ...OUTER, protocol: 17 }, udp(40000, 6081, concat(hex("0100 6558 00000100 00000000"), ethernet(0x0800, PACKET)))),
    ),
  ],
  ["Teredo", ethernet(0x0800, ipv4({ ...OUTER, protocol: 17 }, udp(40000, 3544, concat(hex("0000 0000 00000000"), PACKET6))))],
  ["GTP-U", ethernet(0x0800, ipv4({ ...OUTER, protocol: 17 }, udp(2152, 2152, concat(hex("30ff"), u16(PACKET.length), u32(1), PACKET))))],
];
