/** A packet recorded twice, at two ports of a switch say, comes again within this time: no retransmission timer is as short. */
const NUMBERED_NS = 10e6;
/** The same where no IP identification tells it from one sent again: a tail loss probe (RFC 8985) may come after a few milliseconds. */
const UNNUMBERED_NS = 1e6;

/** Longest time in ns after which a packet that looks like the last one of its sender is still the same; `ipId` 0 identifies none. */
export function sameWithin(ipId: number): number {
  return ipId === 0 ? UNNUMBERED_NS : NUMBERED_NS;
}
