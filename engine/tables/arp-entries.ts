import { declareTable } from "./table.ts";

/** What a machine or network device has learnt of its neighbours' link addresses; `arp_packets` is how it learns. */
export const arpEntries = declareTable({
  name: "arp_entries",
  shownBy: "ARP table",
  protocol: "arp",
  about: "One entry of an ARP table: the hardware address a machine or network device has for an IPv4 address.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was listed on; null if nothing tells" },
    device: {
      type: "enum",
      values: ["network_device", "computer"],
      about:
        "What listed it, by the tool that prints such rows: a router, switch or firewall (Cisco and its like), or a computer running Windows or Linux, which may route as well",
    },
    ip: { type: "ip", about: "IPv4 address of the neighbour" },
    mac: { type: "text", about: "Its hardware address, `03:bf:0a:50:0e:3c` however it was written; null where none is known" },
    multicast_mac: {
      type: "boolean",
      about:
        "The hardware address is a group's (lowest bit of the first byte set) though the IP address is one machine's; null without a hardware address",
    },
    state: {
      type: "enum",
      values: ["complete", "incomplete"],
      about: "`incomplete`: asked for, and no answer was accepted",
    },
    kind: {
      type: "enum",
      values: ["dynamic", "static"],
      about: "Learnt or entered by hand; null where the listing does not say or its word cannot be mapped",
    },
    interface: { type: "text", about: "Interface as written" },
  },
});
