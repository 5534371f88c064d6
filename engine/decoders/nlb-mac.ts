import { isGroupMac } from "../bytes/mac.ts";

export type NlbMode = "unicast" | "multicast" | "igmp_multicast";

/**
 * The mode a Network Load Balancing cluster answers in, by the hardware address it derives from its own: 02-bf and the four bytes of
 * the IP address for unicast, 03-bf and the same for multicast, 01-00-5e-7f and the last two bytes for IGMP multicast.
 */
export function nlbModeOf(mac: string): NlbMode | null {
  if (mac.startsWith("02:bf:")) return "unicast";
  if (mac.startsWith("01:00:5e:")) return "igmp_multicast";
  return isGroupMac(mac) && mac !== "ff:ff:ff:ff:ff:ff" ? "multicast" : null;
}
