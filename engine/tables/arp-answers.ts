import { declareTable } from "./table.ts";

export const arpAnswers = declareTable({
  name: "arp_answers",
  shownBy: "packet capture taken in the address's own subnet",
  protocol: "arp",
  about:
    "What a capture's ARP answers say of one address, where that matters: the hardware address is a group's or a load-balancing cluster's, or a router lists the address as incomplete.",
  host: "ip",
  time: "time",
  columns: {
    ip: { type: "ip", about: "The address that was asked for" },
    mac: { type: "text", about: "Hardware address in the answers" },
    multicast_mac: { type: "boolean", about: "The hardware address is a group's though the IP address is one machine's" },
    time: { type: "time", about: "First answer" },
    answers: { type: "integer", unit: "packets", about: "Answers with this hardware address" },
    answer_frames: { type: "frames", about: "The first answers, at most 8" },
  },
});
