import { type CapturedFrame, type Endpoint, type SegmentFields, tcpFrame } from "./capture-writer.ts";

export const CLIENT: Endpoint = "192.0.2.10:50000";
export const SERVER: Endpoint = "198.51.100.7:443";

/** One segment: seconds, `>` from the client or `<` from the server, and its header; a number as payload is so many bytes. */
export type Step = readonly [time: number, direction: ">" | "<", fields: Omit<SegmentFields, "payload"> & { payload?: number }];

/** The frames of a connection, told segment by segment. */
export function frames(steps: readonly Step[], client = CLIENT, server = SERVER): CapturedFrame[] {
  return steps.map(([time, direction, { payload = 0, ...fields }], index) => {
    const [from, to] = direction === ">" ? [client, server] : [server, client];
    return { time, bytes: tcpFrame(from, to, { id: index + 1, ...fields, payload: new Uint8Array(payload).fill(65 + (index % 26)) }) };
  });
}

const MSS = { mss: 1460, windowShift: 8, sackPermitted: true };

/** A handshake over 20 ms (10 ms to the SYN/ACK); client's sequence numbers from 1000, server's from 5000. */
export const HANDSHAKE: readonly Step[] = [
  [0, ">", { flags: "S", seq: 1000, ack: 0, options: MSS }],
  [0.01, "<", { flags: "SA", seq: 5000, ack: 1001, options: MSS }],
  [0.02, ">", { flags: "A", seq: 1001, ack: 5001, window: 512 }],
];

/** Each shows one thing; frame numbers follow the handshake's three where it opens with one. */
export const scenarios = {
  /** Two requests and answers, closed by both ends; the server answers the first after 100 ms, the second after 30 ms. */
  requests: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 200 }],
    [0.2, "<", { flags: "A", seq: 5001, ack: 1201, payload: 1460 }],
    [0.201, "<", { flags: "PA", seq: 6461, ack: 1201, payload: 40 }],
    [0.21, ">", { flags: "A", seq: 1201, ack: 6501 }],
    [0.7, ">", { flags: "PA", seq: 1201, ack: 6501, payload: 100 }],
    [0.73, "<", { flags: "PA", seq: 6501, ack: 1301, payload: 300 }],
    [0.74, ">", { flags: "FA", seq: 1301, ack: 6801 }],
    [0.75, "<", { flags: "FA", seq: 6801, ack: 1302 }],
    [0.76, ">", { flags: "A", seq: 1302, ack: 6802 }],
  ],
  /** A segment longer than the server's MSS is sent five times, the gaps doubling, and the client gives up with a RST. */
  backoff: [
    [0, ">", { flags: "S", seq: 1000, ack: 0, options: { mss: 1460 } }],
    [0.02, "<", { flags: "SA", seq: 5000, ack: 1001, options: { mss: 512 } }],
    [0.02, ">", { flags: "A", seq: 1001, ack: 5001 }],
    [0.3, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 536 }],
    [0.9, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 536 }],
    [2.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 536 }],
    [4.5, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 536 }],
    [9.3, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 536 }],
    [18.9, ">", { flags: "RA", seq: 1537, ack: 5001, window: 0 }],
  ],
  /** Three acknowledgements repeat themselves and the missing segment (frame 5, never captured) follows at once. */
  fast: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "A", seq: 1001, ack: 5001, payload: 1000 }],
    [0.11, "<", { flags: "A", seq: 5001, ack: 2001, window: 512 }],
    [0.12, ">", { flags: "A", seq: 3001, ack: 5001, payload: 1000 }],
    [0.13, "<", { flags: "A", seq: 5001, ack: 2001, window: 512 }],
    [0.131, "<", { flags: "A", seq: 5001, ack: 2001, window: 512 }],
    [0.132, "<", { flags: "A", seq: 5001, ack: 2001, window: 512 }],
    [0.14, ">", { flags: "A", seq: 2001, ack: 5001, payload: 1000 }],
    [0.15, "<", { flags: "A", seq: 5001, ack: 4001, window: 512 }],
  ],
  /** A segment is acknowledged and comes again all the same. */
  spurious: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 100 }],
    [0.11, "<", { flags: "A", seq: 5001, ack: 1101 }],
    [0.4, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 100 }],
    [0.41, "<", { flags: "A", seq: 5001, ack: 1101 }],
  ],
  /** Two segments arrive in the wrong order, 1 ms apart. */
  overtaken: [
    ...HANDSHAKE,
    [0.1, "<", { flags: "A", seq: 5001, ack: 1001, payload: 1000 }],
    [0.101, "<", { flags: "A", seq: 7001, ack: 1001, payload: 1000 }],
    [0.102, "<", { flags: "A", seq: 6001, ack: 1001, payload: 1000 }],
    [0.11, ">", { flags: "A", seq: 1001, ack: 8001 }],
  ],
  /** The client acknowledges 1000 bytes that the capture missed. */
  unseen: [
    ...HANDSHAKE,
    [0.1, "<", { flags: "A", seq: 5001, ack: 1001, payload: 1000 }],
    [0.11, ">", { flags: "A", seq: 1001, ack: 7001 }],
    [0.12, "<", { flags: "A", seq: 7001, ack: 1001, payload: 500 }],
    [0.13, ">", { flags: "A", seq: 1001, ack: 7501 }],
  ],
  /** An idle connection kept alive with one byte, and with none. */
  keepAlives: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 10, window: 512 }],
    [0.11, "<", { flags: "A", seq: 5001, ack: 1011, window: 256 }],
    [60.1, ">", { flags: "A", seq: 1010, ack: 5001, payload: 1, window: 512 }],
    [60.11, "<", { flags: "A", seq: 5001, ack: 1011, window: 256 }],
    [120.1, ">", { flags: "A", seq: 1010, ack: 5001, window: 512 }],
    [120.11, "<", { flags: "A", seq: 5001, ack: 1011, window: 256 }],
  ],
  /** The server's window of 4 KiB fills up, closes, is probed, and opens again. */
  windows: [
    [0, ">", { flags: "S", seq: 1000, ack: 0, options: { mss: 1460 } }],
    [0.01, "<", { flags: "SA", seq: 5000, ack: 1001, window: 2000, options: { mss: 1460 } }],
    [0.02, ">", { flags: "A", seq: 1001, ack: 5001 }],
    [0.03, ">", { flags: "A", seq: 1001, ack: 5001, payload: 1000 }],
    [0.031, ">", { flags: "PA", seq: 2001, ack: 5001, payload: 1000 }],
    [0.04, "<", { flags: "A", seq: 5001, ack: 3001, window: 0 }],
    [0.5, ">", { flags: "A", seq: 3001, ack: 5001, payload: 1 }],
    [0.51, "<", { flags: "A", seq: 5001, ack: 3001, window: 0 }],
    [0.9, "<", { flags: "A", seq: 5001, ack: 3001, window: 4000 }],
    [1, ">", { flags: "PA", seq: 3001, ack: 5001, payload: 500 }],
  ],
  /** SYNs at 0, 3 and 9 s that nobody answers. */
  unanswered: [
    [0, ">", { flags: "S", seq: 1000, ack: 0, options: MSS }],
    [3, ">", { flags: "S", seq: 1000, ack: 0, options: MSS }],
    [9, ">", { flags: "S", seq: 1000, ack: 0, options: MSS }],
  ],
  /** A SYN that is refused, repeated with the same number half a second later, and refused again. */
  refused: [
    [0, ">", { flags: "S", seq: 1000, ack: 0 }],
    [0.01, "<", { flags: "RA", seq: 0, ack: 1001, window: 0 }],
    [0.5, ">", { flags: "S", seq: 1000, ack: 0 }],
    [0.51, "<", { flags: "RA", seq: 0, ack: 1001, window: 0 }],
  ],
  /** The same two ports once more, after a close, with another initial sequence number. */
  portsReused: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "RA", seq: 1001, ack: 5001 }],
    [90, ">", { flags: "S", seq: 900_000, ack: 0, options: MSS }],
    [90.01, "<", { flags: "SA", seq: 7000, ack: 900_001, options: MSS }],
    [90.02, ">", { flags: "A", seq: 900_001, ack: 7001 }],
  ],
  /** Sequence numbers wrap past 2^32, once exactly at a segment's end. */
  wrapping: [
    [0, ">", { flags: "S", seq: 0xffff_fc17, ack: 0, options: { mss: 1460 } }],
    [0.01, "<", { flags: "SA", seq: 5000, ack: 0xffff_fc18, options: { mss: 1460 } }],
    [0.02, ">", { flags: "A", seq: 0xffff_fc18, ack: 5001 }],
    [0.03, ">", { flags: "A", seq: 0xffff_fc18, ack: 5001, payload: 500 }],
    [0.031, ">", { flags: "A", seq: 0xffff_fe0c, ack: 5001, payload: 1000 }],
    [0.04, "<", { flags: "A", seq: 5001, ack: 0x0000_01f4 }],
    [0.5, ">", { flags: "A", seq: 0x0000_01f4, ack: 5001, payload: 700 }],
    [0.9, ">", { flags: "A", seq: 0x0000_01f4, ack: 5001, payload: 700 }],
    [0.91, "<", { flags: "A", seq: 5001, ack: 0x0000_04b0 }],
  ],
  /** One packet recorded twice by the capture, same IP identification. */
  recordedTwice: [
    ...HANDSHAKE,
    [0.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 100, id: 77 }],
    [0.100_01, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 100, id: 77 }],
    [0.11, "<", { flags: "A", seq: 5001, ack: 1101 }],
  ],
} satisfies Record<string, readonly Step[]>;
