import { EtherType, type Layers } from "./layers.ts";

/** Label stack entries followed; real stacks have fewer than ten. */
const MAX_LABELS = 32;

/**
 * MPLS label stack, RFC 3032. The stack does not say what it carries: as other analysers do, the first four bits behind it decide
 * (RFC 4928 section 3): 4 and 6 are IP, 0 a pseudowire control word (RFC 4385) before an Ethernet frame.
 */
export function decodeMpls(layers: Layers, bytes: Uint8Array): void {
  for (let label = 0; label < MAX_LABELS; label++) {
    if (layers.end - layers.at < 4) break;
    const bottom = (bytes[layers.at + 2]! & 1) === 1;
    layers.step(4, EtherType.unknown);
    if (bottom) {
      below(layers, bytes);
      return;
    }
  }
  layers.etherType = EtherType.unknown;
}

function below(layers: Layers, bytes: Uint8Array): void {
  const nibble = layers.at < layers.end ? bytes[layers.at]! >>> 4 : 15;
  if (nibble === 4) layers.etherType = EtherType.ipv4;
  else if (nibble === 6) layers.etherType = EtherType.ipv6;
  else if (nibble === 0 && looksLikeEthernet(bytes, layers.at + 4, layers.end)) layers.step(4, EtherType.ethernet);
  else if (looksLikeEthernet(bytes, layers.at, layers.end)) layers.etherType = EtherType.ethernet;
}

function looksLikeEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 14) return false;
  const type = (bytes[at + 12]! << 8) | bytes[at + 13]!;
  return type === EtherType.ipv4 || type === EtherType.ipv6 || type === EtherType.arp || type === EtherType.vlan;
}
