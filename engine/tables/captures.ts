import { declareTable } from "./table.ts";

/** One capture point and how far it can be trusted. */
export const captures = declareTable({
  name: "captures",
  shownBy: "packet capture",
  about: "One capture point (one file, or several that follow each other) and its quality.",
  host: "host",
  time: "start",
  side: "side",
  columns: {
    format: { type: "text", about: "Format id of its first file" },
    side: {
      type: "enum",
      values: ["client", "server", "middle"],
      about: "End it was taken at, by most of its connections or by bundle.yaml; null if nothing tells",
    },
    host: { type: "host", about: "Addresses of the machine it was taken on; null if nothing tells" },
    start: { type: "time", about: "First packet; null if the source has no absolute time" },
    end: { type: "time", about: "Last packet" },
    packets: { type: "integer", unit: "packets", about: "Packets read" },
    tcp_packets: { type: "integer", unit: "packets", about: "TCP packets among them" },
    text_export: { type: "boolean", about: "A text export: what its columns do not show is not known" },
    excerpt: { type: "boolean", about: "Frame numbers have holes: rows were filtered out or cut away" },
    filter: { type: "text", about: "Capture or display filter the file states; null if none is stated" },
    truncated_packets: { type: "integer", unit: "packets", about: "Packets captured shorter than they were (snaplen)" },
    zero_length_packets: {
      type: "integer",
      unit: "packets",
      about: "IPv4 packets with total length 0: segmentation offload on the capturing host",
    },
    oversized_packets: {
      type: "integer",
      unit: "packets",
      about: "TCP segments longer than the MSS both ends agreed on: offload on the capturing host",
    },
    bad_checksums: { type: "integer", unit: "packets", about: "Packets whose checksum the export calls wrong, or that do not verify" },
    duplicates: { type: "integer", unit: "packets", about: "Packets recorded twice (same IP id, sequence and flags within a millisecond)" },
    one_sided: { type: "integer", unit: "connections", about: "TCP connections of which only one direction was captured" },
    unseen_acknowledged: {
      type: "integer",
      unit: "segments",
      about: "Acknowledgements for bytes the capture never saw: packets it missed",
    },
    dropped_by_capture: { type: "integer", unit: "packets", about: "Packets the capturing tool says it dropped; null if it does not say" },
  },
});

/** A packet as it was before the network adapter cut it up. */
export const zeroLengthPackets = declareTable({
  name: "zero_length_packets",
  shownBy: "packet capture",
  about:
    "One packet whose IP header says length 0: captured on its sender before segmentation offload filled the field in. At most a thousand a capture.",
  time: "time",
  columns: {
    time: { type: "time", about: "When" },
    source_ip: { type: "ip", about: "Sender; in a text export, which shows no addresses, taken from the acknowledgement" },
    source_port: { type: "port", about: "Its port" },
    destination_ip: { type: "ip", about: "Receiver" },
    destination_port: { type: "port", about: "Its port" },
    payload: { type: "integer", unit: "bytes", about: "Payload behind the headers, by the length of the frame; null if not known" },
    ack_frame: {
      type: "frame",
      about: "First acknowledgement of all of it: a tool that goes by the IP length says there that it acknowledges an unseen segment",
    },
  },
});
