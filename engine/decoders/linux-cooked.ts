import { EtherType, type Layers } from "./layers.ts";

/** `ARPHRD_` numbers whose protocol field is no EtherType: netlink, and the two kinds of wireless monitor interface. */
const NOT_ETHERTYPE: ReadonlySet<number> = new Set([801, 802, 803, 824]);
/** Linux pseudo EtherType of a Novell frame without LLC. */
const ETH_P_802_3 = 1;

function follow(layers: Layers, header: number, hardware: number, protocol: number): void {
  const known = !NOT_ETHERTYPE.has(hardware) && protocol !== ETH_P_802_3;
  layers.step(header, known ? protocol : EtherType.unknown);
}

/** Linux cooked capture (LINKTYPE_LINUX_SLL, 113). */
export function decodeLinuxCooked(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 16) layers.etherType = EtherType.unknown;
  else follow(layers, 16, (bytes[at + 2]! << 8) | bytes[at + 3]!, (bytes[at + 14]! << 8) | bytes[at + 15]!);
}

/** Linux cooked capture version 2 (LINKTYPE_LINUX_SLL2, 276), which also names the interface. */
export function decodeLinuxCooked2(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 20) layers.etherType = EtherType.unknown;
  else follow(layers, 20, (bytes[at + 8]! << 8) | bytes[at + 9]!, (bytes[at]! << 8) | bytes[at + 1]!);
}
