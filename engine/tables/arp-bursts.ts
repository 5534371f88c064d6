import { declareTable } from "./table.ts";

export const arpBursts = declareTable({
  name: "arp_bursts",
  shownBy: "packet capture that was not filtered",
  protocol: "arp",
  about:
    "ARP requests of one machine for ten or more different addresses within ten milliseconds, and what it does once it has the answers.",
  host: "sender_ip",
  time: "time",
  columns: {
    sender_ip: { type: "ip", about: "The machine that asks" },
    sender_mac: { type: "text", about: "Its hardware address" },
    time: { type: "time", about: "First request" },
    duration: { type: "duration", about: "First to last request" },
    requests: { type: "integer", unit: "packets", about: "Requests in the burst" },
    targets: { type: "integer", unit: "addresses", about: "Different addresses asked for" },
    consecutive: { type: "boolean", about: "Most of the addresses follow one another by number, as in a scan of a subnet" },
    closed: {
      type: "integer",
      unit: "addresses",
      about: "Addresses to which the machine resets a TCP session right afterwards that was idle for half a minute or more",
    },
    closed_port: { type: "port", about: "Server port that most of those sessions have; null if there are none" },
    closes_sessions: {
      type: "boolean",
      about:
        "Resetting idle sessions explains the burst: at least half of the addresses are followed by one; in a list with rows left out, one is enough and none is not known",
    },
    request_frames: { type: "frames", about: "The requests, at most 40" },
    reset_frames: { type: "frames", about: "The resets, at most 40" },
  },
});
