import { concat, ethernet, hex, u8 } from "./frame-writer.ts";

const BROADCAST = "ff-ff-ff-ff-ff-ff";

export interface Arp {
  /** 1 request, 2 reply. */
  readonly operation: 1 | 2;
  readonly sender: readonly [mac: string, ip: string];
  readonly target: readonly [mac: string, ip: string];
}

/** An ARP packet, RFC 826, in a frame that comes from the hardware address `from`; requests go to everybody. */
export function arpFrame(from: string, { operation, sender, target }: Arp): Uint8Array {
  const end = ([mac, ip]: readonly [string, string]) => concat(hex(mac.replaceAll("-", "")), u8(...ip.split(".").map(Number)));
  const body = concat(u8(0, 1, 8, 0, 6, 4, 0, operation), end(sender), end(target));
  return ethernet(0x0806, body, { source: from, destination: operation === 1 ? BROADCAST : target[0] });
}
