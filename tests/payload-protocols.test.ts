import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { ByteQueue } from "../engine/decoders/byte-queue.ts";
import { CaptureAnalyser } from "../engine/derive/capture-analyser.ts";
import type { DatagramProtocol } from "../engine/derive/datagram-protocol.ts";
import { MAX_ROWS, ProtocolRows } from "../engine/derive/protocol-rows.ts";
import { StreamBytes } from "../engine/derive/stream-bytes.ts";
import type { StreamConnection, StreamProtocol } from "../engine/derive/stream-protocol.ts";
import { pcap } from "../engine/formats/pcap.ts";
import { type CapturedFrame, concat, pcapFile, tcpFrame, udpFrame } from "./support/capture-writer.ts";
import { CLIENT, SERVER } from "./support/tcp-scenarios.ts";

const SEED = 20261123;
const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

/** A protocol that begins with "HELLO", and what was handed to it. */
function listener(enough = Number.POSITIVE_INFINITY) {
  const heard: string[] = [];
  const opened: StreamConnection[] = [];
  const protocol: StreamProtocol = {
    id: "hello",
    starts: (head) => {
      const known = Math.min(head.length, 5);
      return text(head.subarray(0, known)) === "HELLO".slice(0, known) && (known === 5 || null);
    },
    open(connection) {
      opened.push(connection);
      let count = 0;
      return {
        read(fromClient, piece, { frame }) {
          heard.push(`${frame} ${fromClient ? ">" : "<"} ${text(piece)}`);
          return ++count < enough;
        },
        gap(fromClient, { frame }) {
          heard.push(`${frame} ${fromClient ? ">" : "<"} gap`);
          return true;
        },
        end: () => heard.push("end"),
      };
    },
  };
  return { protocol, heard, opened };
}

async function read(frames: readonly CapturedFrame[], streams: readonly StreamProtocol[], datagrams: readonly DatagramProtocol[] = []) {
  const analyser = new CaptureAnalyser({ segments: false, protocols: { streams, datagrams } });
  await pcap.parse(
    memorySource(pcapFile(frames)),
    {
      row() {},
      anomaly() {},
      capture: (info) => analyser.capture(info),
      packets: (batch) => analyser.packets(batch),
      coverage() {},
      host() {},
      utc() {},
      async progress() {},
    },
    {},
  );
  return analyser.finish(0);
}

type Told = readonly [direction: ">" | "<", flags: string, seq: number, ack: number, payload?: string];

function told(steps: readonly Told[], client = CLIENT, server = SERVER): CapturedFrame[] {
  return steps.map(([direction, flags, seq, ack, payload = ""], index) => {
    const [from, to] = direction === ">" ? [client, server] : [server, client];
    return { time: index / 100, bytes: tcpFrame(from, to, { id: index + 1, flags, seq, ack, payload: bytes(payload) }) };
  });
}

const OPENING: readonly Told[] = [
  [">", "S", 1000, 0],
  ["<", "SA", 5000, 1001],
  [">", "A", 1001, 5001],
];

describe("a protocol over TCP", () => {
  it("gets both ends' bytes in order, with the frame that brought them, on any port", async () => {
    const { protocol, heard, opened } = listener();
    await read(told([...OPENING, [">", "PA", 1001, 5001, "HELLO you"], ["<", "PA", 5001, 1010, "hm"], [">", "PA", 1010, 5003, "bye"]]), [
      protocol,
    ]);
    expect(heard).toEqual(["4 > HELLO you", "5 < hm", "6 > bye", "end"]);
    expect(opened).toEqual([{ clientIp: "192.0.2.10", clientPort: 50000, serverIp: "198.51.100.7", serverPort: 443, stream: 0 }]);
  });

  it("is told by what the server says, too", async () => {
    const { protocol, heard } = listener();
    await read(told([...OPENING, ["<", "PA", 5001, 1001, "HELLO"], [">", "PA", 1001, 5006, "yes"]]), [protocol]);
    expect(heard).toEqual(["4 < HELLO", "5 > yes", "end"]);
  });

  it("is told by first bytes that come one by one, and late ones first", async () => {
    const { protocol, heard } = listener();
    await read(told([...OPENING, [">", "PA", 1003, 5001, "LLO"], [">", "PA", 1001, 5001, "H"], [">", "PA", 1002, 5001, "E"]]), [protocol]);
    expect(heard.map((line) => line.slice(4)).join("")).toBe("HELLO");
  });

  it("gets a repeated segment once, and an overlapping one without what it had", async () => {
    const { protocol, heard } = listener();
    await read(
      told([...OPENING, [">", "PA", 1001, 5001, "HELLO"], [">", "PA", 1001, 5001, "HELLO"], [">", "PA", 1004, 5001, "LO there"]]),
      [protocol],
    );
    expect(heard).toEqual(["4 > HELLO", "6 >  there", "end"]);
  });

  it("hears of a gap where bytes never came, and of bytes that the capture cut off", async () => {
    const lost = listener();
    await read(told([...OPENING, [">", "PA", 1001, 5001, "HELLO"], [">", "PA", 1010, 5001, "later"]]), [lost.protocol]);
    expect(lost.heard).toEqual(["4 > HELLO", "5 > gap", "5 > later", "end"]);
    const cut = listener();
    const frames = told([...OPENING, [">", "PA", 1001, 5001, "HELLO and more"], [">", "PA", 1015, 5001, "last"]]);
    const whole = frames[3]!.bytes;
    frames[3] = { ...frames[3]!, bytes: whole.subarray(0, whole.length - 9), wireLength: whole.length };
    await read(frames, [cut.protocol]);
    expect(cut.heard).toEqual(["4 > HELLO", "4 > gap", "5 > last", "end"]);
  });

  it("gets nothing of connections that begin otherwise, and no more than it wants", async () => {
    const other = listener();
    await read(told([...OPENING, [">", "PA", 1001, 5001, "GET /"], [">", "PA", 1006, 5001, "HELLO"]]), [other.protocol]);
    expect(other.heard).toEqual([]);
    const sated = listener(1);
    await read(told([...OPENING, [">", "PA", 1001, 5001, "HELLO"], [">", "PA", 1006, 5001, "more"], ["<", "PA", 5001, 1010, "what"]]), [
      sated.protocol,
    ]);
    expect(sated.heard).toEqual(["4 > HELLO", "6 < what", "end"]);
  });

  it("tells connections of the same two ends apart", async () => {
    const { protocol, heard, opened } = listener();
    const again = [
      [">", "S", 9000, 0],
      ["<", "SA", 7000, 9001],
      [">", "PA", 9001, 7001, "HELLO again"],
    ] as const;
    await read(told([...OPENING, [">", "PA", 1001, 5001, "HELLO"], [">", "FA", 1006, 5001], ...again]), [protocol]);
    expect(opened.map(({ stream }) => stream)).toEqual([0, 1]);
    expect(heard).toContain("8 > HELLO again");
  });
});

describe("the bytes of one end", () => {
  it("are what was sent, however segments are cut, repeated and moved", () => {
    const sent = Uint8Array.from({ length: 400 }, (_, at) => at & 0xff);
    const cut = fc.tuple(fc.integer({ min: 0, max: 399 }), fc.integer({ min: 1, max: 120 }));
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 40 }), fc.integer({ min: 0, max: 0xffff_ffff }), (cuts, first) => {
        const got: Uint8Array[] = [];
        const stream = new StreamBytes(first, { bytes: 0 }, (piece) => {
          if (piece) got.push(piece.slice());
          return true;
        });
        const place = { frame: 1, time: null };
        // Cuts in any order, then the whole once more, so that nothing is missing.
        for (const [from, length] of [...cuts, [0, 400] as const]) {
          const piece = sent.subarray(from, from + length);
          expect(stream.segment((first + from) | 0, piece, piece.length, place)).toBe(true);
        }
        expect(concat(...got)).toEqual(sent);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("that wait for a missing one are bounded, in one connection and in all together", () => {
    const together = { bytes: 0 };
    const gaps: number[] = [];
    const place = { frame: 1, time: null };
    const stream = new StreamBytes(0, together, (piece) => {
      if (!piece) gaps.push(together.bytes);
      return true;
    });
    for (let at = 0; at < 1000; at++) stream.segment(1000 + 2 * at, new Uint8Array(1), 1, place);
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeLessThan(128 * 1024);
    stream.end();
    expect(together.bytes).toBe(0);
  });
});

describe("a protocol over UDP", () => {
  const heard: string[] = [];
  const protocol = (ports: readonly number[], magic?: number): DatagramProtocol => ({
    id: "any",
    ports,
    ...(magic !== undefined && { recognises: (all, at, end) => end > at && all[at] === magic }),
    open: () => ({
      datagram: (packet) =>
        heard.push(
          `${packet.frame} ${packet.sourceIp}:${packet.sourcePort} ${packet.destinationIp}:${packet.destinationPort} ${text(packet.bytes)}`,
        ),
      end: () => heard.push("end"),
    }),
  });

  it("gets the payloads of its ports in either direction, and those it recognises anywhere", async () => {
    const frames = [
      { time: 0, bytes: udpFrame("192.0.2.1:40000", "192.0.2.2:3478", "ask") },
      { time: 1, bytes: udpFrame("192.0.2.2:3478", "192.0.2.1:40000", "answer") },
      { time: 2, bytes: udpFrame("192.0.2.1:40000", "192.0.2.2:9", "*magic") },
      { time: 3, bytes: udpFrame("192.0.2.1:40000", "192.0.2.2:9", "plain") },
    ];
    await read(frames, [], [protocol([3478]), protocol([], 0x2a)]);
    expect(heard).toEqual([
      "1 192.0.2.1:40000 192.0.2.2:3478 ask",
      "2 192.0.2.2:3478 192.0.2.1:40000 answer",
      "3 192.0.2.1:40000 192.0.2.2:9 *magic",
      "end",
      "end",
    ]);
  });
});

describe("what protocols put down", () => {
  it("is bounded, and what is left out is counted", () => {
    const rows = new ProtocolRows();
    for (let at = 1; at <= MAX_ROWS + 3; at++) rows.row("arp_packets", { operation: "request" }, at);
    const [kept, odd] = rows.parts(0);
    expect(kept!.length).toBe(MAX_ROWS);
    expect(odd!.table).toBe("anomalies");
    expect(odd!.at[0]).toBe(MAX_ROWS + 1);
  });
});

describe("a queue of bytes", () => {
  it("gives back what was put in, in order, and takes no more than it may hold", () => {
    const step = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 50 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue(100);
        let model: number[] = [];
        for (const one of steps) {
          if (typeof one === "number") {
            queue.drop(one);
            model = model.slice(one);
            continue;
          }
          const lent = one.slice();
          if (queue.push(lent)) {
            model.push(...one);
            // The caller uses its bytes again.
            queue.own();
            lent.fill(0);
          } else expect(model.length + one.length).toBeGreaterThan(100);
          expect([...queue.bytes]).toEqual(model);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
