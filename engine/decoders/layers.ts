/** EtherTypes the decoders act on (IEEE 802 numbers, IANA's list). */
export const EtherType = {
  /** What follows is not known. */
  unknown: 0,
  /** An IEEE 802.2 LLC header follows; not a registered EtherType but Linux's own number for it (`ETH_P_802_2`). */
  llc: 4,
  ipv4: 0x0800,
  arp: 0x0806,
  /** Transparent Ethernet bridging: a whole Ethernet frame follows. */
  ethernet: 0x6558,
  vlan: 0x8100,
  ipv6: 0x86dd,
  ppp: 0x880b,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  providerBridge: 0x88a8,
  providerBackbone: 0x88e7,
  ciscoMetadata: 0x8909,
  vnTag: 0x8926,
  /** Double tagging from before 802.1ad. */
  qinq9100: 0x9100,
  qinq9200: 0x9200,
} as const;

/** Where the decoding of one frame stands. Link and tunnel decoders move it forward, one header each. */
export class Layers {
  /** Next byte to decode. */
  at = 0;
  /** One past the last captured byte of this layer. */
  end = 0;
  /** Bytes this layer had on the wire from `at` on; at least `end - at`. */
  length = 0;
  /** EtherType of what stands at `at`. */
  etherType = 0;
  /** Innermost VLAN id so far; 0 if untagged. */
  vlan = 0;

  /** Steps over a header of `count` bytes to something of this EtherType, or ends here if the header was cut off. */
  step(count: number, etherType: number): void {
    if (this.end - this.at < count) {
      this.etherType = EtherType.unknown;
      return;
    }
    this.at += count;
    this.length -= count;
    this.etherType = etherType;
  }

  /** Limits this layer to `length` bytes from `at` on: what is behind is padding or a check sequence. */
  trim(length: number): void {
    if (length >= this.length) return;
    this.length = length;
    if (this.end > this.at + length) this.end = this.at + length;
  }
}
