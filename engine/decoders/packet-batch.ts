/**
 * The packet record: one shape for every packet, whether it came from pcap, pcapng, Network Monitor or a text export.
 * Packets travel in batches of typed-array columns, reused batch after batch, so there is no object per packet.
 */

export const BATCH_CAPACITY = 4096;
/** SACK blocks kept per packet; RFC 2018 section 3 allows at most 4. */
export const SACK_BLOCKS = 4;

/** What `family` says of `source` and `destination`. */
export const Family = {
  /** Not IP: no addresses. */
  none: 0,
  /** `source` and `destination` are ids in the batch's `AddressBook`: a host name or alias of a text export. */
  name: 1,
  /** `source` and `destination` are IPv4 addresses as 32-bit numbers. */
  ipv4: 4,
  /** `source` and `destination` are ids in the batch's `AddressBook`. */
  ipv6: 6,
} as const;

/** Bits of `known`: a text export lacks some columns; a missing bit means the column holds nothing. Binary captures set them all. */
export const Known = {
  seq: 1,
  ack: 2,
  window: 4,
  /** `payloadLength` is known. */
  length: 8,
  /** TCP options were visible, so an absent option was absent on the wire. */
  options: 16,
  ttl: 32,
  ipId: 64,
  /** `time` is a real time, not carried over from the row before. */
  time: 128,
  ports: 256,
  flags: 512,
  all: 1023,
} as const;

/** Bits of `marks`: properties of this packet, and what a text export said of it in Wireshark's or Network Monitor's words. */
export const Mark = {
  /** Captured shorter than it was on the wire (snaplen). */
  truncated: 1,
  /** IPv4 total length 0: captured before segmentation offload; lengths come from the frame. */
  ipLengthZero: 2,
  /** Transport or IPv4 checksum does not fit; on the sending host this is checksum offload. Only set where checksums were verified. */
  checksumBad: 4,
  /** Transport payload comes from reassembled IP fragments. */
  reassembled: 8,
  /** A later IP fragment, or a first one whose rest is missing: no transport header was decoded. */
  fragment: 16,
  timestamps: 32,
  sackPermitted: 64,
  /** The export's own analysis said so. */
  saidRetransmission: 256,
  saidOutOfOrder: 512,
  saidLostSegment: 1024,
  saidDuplicateAck: 2048,
  saidZeroWindow: 4096,
  saidKeepAlive: 8192,
  saidAckedUnseen: 16384,
  /** seq and ack are relative to the first of their direction (Wireshark's default). */
  relativeSequence: 32768,
  /** Of the options only the MSS was visible. */
  mssOnly: 65536,
  /** The export leaves no packet out and says nothing of what its tool's analysis found. */
  unanalysed: 131072,
} as const;

/** TCP flags, RFC 9293 section 3.1 and RFC 3168. */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/** `ipProtocol` where there is none (ARP, unknown link payload). */
export const NO_PROTOCOL = 255;

/** Interns IPv6 addresses and host names of one capture point; id 0 is never used. */
export class AddressBook {
  private readonly ids = new Map<string, number>();
  readonly texts: string[] = [""];

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.texts.push(text);
    this.ids.set(text, this.texts.length - 1);
    return this.texts.length - 1;
  }
}

/** `count` packets in columns. A consumer may read it only until it returns: the producer then fills it anew. */
export class PacketBatch {
  count = 0;
  /** The bytes `networkAt` and `payloadAt` point into; empty for text exports. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly addresses: AddressBook;

  /** Frame number as the reader's tool shows it, from 1. */
  readonly frame = new Uint32Array(BATCH_CAPACITY);
  /** Nanoseconds from the capture's base time (`CaptureInfo.base`). */
  readonly time = new Float64Array(BATCH_CAPACITY);
  /** Frame length on the wire, bytes; 0 where a text export does not say. */
  readonly wireLength = new Uint32Array(BATCH_CAPACITY);
  readonly capturedLength = new Uint32Array(BATCH_CAPACITY);
  /** EtherType of the innermost network header (after VLAN, MPLS, PPPoE …); 0 if none. */
  readonly etherType = new Uint16Array(BATCH_CAPACITY);
  /** Innermost 802.1Q VLAN id; 0 if untagged. */
  readonly vlan = new Uint16Array(BATCH_CAPACITY);
  readonly networkAt = new Int32Array(BATCH_CAPACITY);
  readonly family = new Uint8Array(BATCH_CAPACITY);
  readonly source = new Uint32Array(BATCH_CAPACITY);
  readonly destination = new Uint32Array(BATCH_CAPACITY);
  readonly ipProtocol = new Uint8Array(BATCH_CAPACITY);
  readonly ttl = new Uint8Array(BATCH_CAPACITY);
  readonly ipId = new Uint32Array(BATCH_CAPACITY);
  /** IP header and payload as on the wire, bytes (IPv4 total length, IPv6 40 + payload length), offload corrected. */
  readonly ipLength = new Uint32Array(BATCH_CAPACITY);
  readonly sourcePort = new Uint16Array(BATCH_CAPACITY);
  readonly destinationPort = new Uint16Array(BATCH_CAPACITY);
  readonly flags = new Uint8Array(BATCH_CAPACITY);
  readonly seq = new Uint32Array(BATCH_CAPACITY);
  readonly ack = new Uint32Array(BATCH_CAPACITY);
  /** As in the header, not scaled. */
  readonly window = new Uint16Array(BATCH_CAPACITY);
  /** TCP or UDP payload on the wire, bytes. For other protocols what follows the IP header. */
  readonly payloadLength = new Uint32Array(BATCH_CAPACITY);
  /** Where the payload starts in `bytes`; -1 if none was captured. For ICMP the ICMP header starts here. */
  readonly payloadAt = new Int32Array(BATCH_CAPACITY);
  readonly payloadCaptured = new Uint32Array(BATCH_CAPACITY);
  /** MSS option, 0 if absent. */
  readonly mss = new Uint16Array(BATCH_CAPACITY);
  /** Window scale option's shift count, 255 if absent. */
  readonly windowShift = new Uint8Array(BATCH_CAPACITY);
  readonly tsval = new Uint32Array(BATCH_CAPACITY);
  readonly tsecr = new Uint32Array(BATCH_CAPACITY);
  readonly sackCount = new Uint8Array(BATCH_CAPACITY);
  /** Left and right edges, `2 * SACK_BLOCKS` slots a packet. */
  readonly sack = new Uint32Array(BATCH_CAPACITY * SACK_BLOCKS * 2);
  readonly known = new Uint16Array(BATCH_CAPACITY);
  readonly marks = new Uint32Array(BATCH_CAPACITY);
  /** Process id where the capture names one (Network Monitor text), -1 otherwise. */
  readonly process = new Int32Array(BATCH_CAPACITY);

  constructor(addresses: AddressBook) {
    this.addresses = addresses;
  }

  /** Starts a new packet with neutral values and answers its index; the caller flushes when `count` reaches `BATCH_CAPACITY`. */
  begin(): number {
    const i = this.count++;
    this.wireLength[i] = 0;
    this.capturedLength[i] = 0;
    this.etherType[i] = 0;
    this.vlan[i] = 0;
    this.networkAt[i] = -1;
    this.family[i] = 0;
    this.ipProtocol[i] = NO_PROTOCOL;
    this.ttl[i] = 0;
    this.ipId[i] = 0;
    this.ipLength[i] = 0;
    this.sourcePort[i] = 0;
    this.destinationPort[i] = 0;
    this.flags[i] = 0;
    this.payloadLength[i] = 0;
    this.payloadAt[i] = -1;
    this.payloadCaptured[i] = 0;
    this.mss[i] = 0;
    this.windowShift[i] = 255;
    this.sackCount[i] = 0;
    this.known[i] = 0;
    this.marks[i] = 0;
    this.process[i] = -1;
    return i;
  }
}
