import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Known } from "../engine/decoders/packet-batch.ts";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { type CapturedFrame, pcapFile, type SegmentFields, tcpFrame } from "./support/capture-writer.ts";
import { collectText } from "./support/collect.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

const CORPUS = join(import.meta.dirname, "..", "..", "shared", "corpora", "pcap");
tellWithoutTshark("text captures");

const scratch = mkdtempSync(join(tmpdir(), "text-captures-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const tshark = (...args: string[]) =>
  execFileSync("tshark", args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
const TRUTH = ["frame.number", "tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.ack", "tcp.len", "tcp.flags", "tcp.window_size_value"];

/** Compares what a list says with what tshark decodes: nothing that is said may be wrong. Answers how much was said. */
function compare(file: string, text: string, ...options: string[]): { rows: number; placed: number; messages: number; measured: number } {
  const packets = new Map(collectText(wiresharkList, text).packets.map((packet) => [packet.frame, packet]));
  const fields = tshark("-r", file, "-n", ...options, "-T", "fields", ...TRUTH.flatMap((name) => ["-e", name]));
  const counts = { rows: 0, placed: 0, messages: 0, measured: 0 };
  const wrong: string[] = [];
  for (const line of fields.split("\n").filter((one) => one !== "")) {
    const [frame, sourcePort, destinationPort, seq, ack, length, flags, window] = line.split("\t").map(Number) as number[];
    // Tunnels and quoted packets have several TCP headers in one frame.
    if (line.includes(",") || line.split("\t")[1] === "") continue;
    const packet = packets.get(frame!)!;
    counts.rows++;
    if (packet.known & Known.ports) counts.placed++;
    if (!(packet.known & Known.flags)) {
      counts.messages++;
      if (packet.known & Known.seq && packet.known & Known.length) counts.measured++;
    }
    const check = (name: string, bit: number, seen: number, truth: number) => {
      if (packet.known & bit && seen !== truth) wrong.push(`frame ${frame}: ${name} ${seen}, not ${truth}`);
    };
    check("source port", Known.ports, packet.sourcePort, sourcePort!);
    check("destination port", Known.ports, packet.destinationPort, destinationPort!);
    check("seq", Known.seq, packet.seq, seq!);
    check("ack", Known.ack, packet.ack, ack!);
    check("length", Known.length, packet.payloadLength, length!);
    check("flags", Known.flags, packet.flags, flags! & 0xff);
    check("window", Known.window, packet.window, window!);
  }
  expect(wrong).toEqual([]);
  return counts;
}

/** A conversation with HTTP messages, so that tshark hides TCP headers; loss, repetition and acknowledgements as they come. */
const conversation = fc.record({
  isn: fc.integer({ min: 0, max: 0xffffffff }),
  turns: fc.array(
    fc.record({
      fromClient: fc.boolean(),
      size: fc.integer({ min: 1, max: 1200 }),
      acknowledged: fc.boolean(),
      repeated: fc.boolean(),
      hidden: fc.boolean(),
      opaque: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  ),
});

type Talk = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

function framesOf({ isn, turns }: Talk, host = 1): CapturedFrame[] {
  const [client, server] = [`192.0.2.${host}:50000`, "198.51.100.9:80"];
  const next = { client: isn, server: (isn * 7 + 12345) >>> 0 };
  const frames: CapturedFrame[] = [];
  const send = (fromClient: boolean, flags: string, payload: string, options: SegmentFields["options"] = {}) => {
    const [mine, theirs] = fromClient ? (["client", "server"] as const) : (["server", "client"] as const);
    const bytes = tcpFrame(fromClient ? client : server, fromClient ? server : client, {
      flags,
      seq: next[mine],
      ack: flags.includes("A") ? next[theirs] : 0,
      window: 1000,
      payload,
      options,
    });
    frames.push({ time: frames.length / 100, bytes });
    return payload.length + (/[SF]/.test(flags) ? 1 : 0);
  };
  next.client = (next.client + send(true, "S", "", { mss: 1460, windowShift: 8, sackPermitted: true })) >>> 0;
  next.server = (next.server + send(false, "SA", "", { mss: 1460, windowShift: 7, sackPermitted: true })) >>> 0;
  send(true, "A", "");
  for (const { fromClient, size, acknowledged, repeated, hidden, opaque } of turns) {
    const start = opaque ? "\x01" : fromClient ? "GET / HTTP/1.1\r\n\r\n" : "HTTP/1.1 204 No Content\r\n\r\n";
    const text = start + "x".repeat(Math.max(0, size - start.length));
    const mine = fromClient ? "client" : "server";
    const length = send(fromClient, "PA", text);
    if (repeated) send(fromClient, "PA", text);
    next[mine] = (next[mine] + length) >>> 0;
    if (hidden) frames.pop();
    if (acknowledged) send(!fromClient, "A", "");
  }
  return frames;
}

describe.skipIf(!hasTshark)("a packet list beside what tshark decodes", () => {
  const separated = (separator: string) => ["-T", "fields", "-E", "header=y", "-E", `separator=${separator}`, "-E", "quote=d"];
  const columns = ["frame.number", "frame.time_relative", "ip.src", "ip.dst", "_ws.col.Protocol", "frame.len", "_ws.col.Info"].flatMap(
    (name) => ["-e", name],
  );
  const RAW = ["-o", "tcp.relative_sequence_numbers:FALSE"];

  it("a list says nothing that the packets do not", () => {
    const file = join(scratch, "one.pcap");
    fc.assert(
      fc.property(fc.array(conversation, { minLength: 20, maxLength: 20 }), (talks) => {
        const frames = talks.flatMap((talk, n) => framesOf(talk, n + 1));
        writeFileSync(file, pcapFile(frames.map((frame, n) => ({ ...frame, time: n / 100 }))));
        for (const options of [[], RAW]) {
          const { rows, placed, measured } = compare(file, tshark("-r", file, "-n", ...options), ...options);
          expect(placed).toBe(rows);
          expect(measured).toBeGreaterThan(20);
        }
      }),
      { seed: 7323, numRuns: 3 },
    );
  });

  it("every form of the list says the same", () => {
    const file = join(scratch, "two.pcap");
    const turns = [true, false, true, true, false].map((fromClient, n) => ({
      fromClient,
      size: 100 + n,
      acknowledged: n % 2 === 0,
      repeated: n === 3,
      hidden: false,
      opaque: false,
    }));
    writeFileSync(file, pcapFile(framesOf({ isn: 0xffffff00, turns })));
    const said = (text: string) =>
      collectText(wiresharkList, text).packets.map(({ time, ...packet }) => ({ ...packet, time: Math.round(time / 1000) }));
    const printed = tshark("-r", file, "-n");
    const plain = said(printed);
    expect(plain.length).toBeGreaterThan(8);
    for (const separator of [",", ";", "/t"]) expect(said(tshark("-r", file, "-n", ...separated(separator), ...columns))).toEqual(plain);
    expect(said(printed.replaceAll("\n", "  "))).toEqual(plain);
    expect(said(printed.replace(/^ */gm, "> "))).toEqual(plain);
    expect(said(printed.replaceAll(" → ", " > ").replace(/^( *\S+ +\S+ +\S+) >/gm, "$1"))).toEqual(plain);
    const noLength = tshark(
      "-r",
      file,
      "-n",
      "-o",
      'gui.column.format:"No.","%m","Time","%t","Source","%s","Destination","%d","Protocol","%p","Info","%i"',
    );
    expect(compare(file, noLength).rows).toBe(plain.length);
  });

  it.skipIf(!existsSync(CORPUS))("real captures, which lie beside the project, are read without a wrong number", () => {
    let [rows, messages, measured] = [0, 0, 0];
    for (const name of ["rdp", "tcp_trouble"].flatMap((area) =>
      readdirSync(join(CORPUS, area))
        .slice(0, 4)
        .map((file) => join(CORPUS, area, file)),
    )) {
      const counts = compare(name, tshark("-r", name, "-n"));
      rows += counts.rows;
      messages += counts.messages;
      measured += counts.measured;
    }
    expect(rows).toBeGreaterThan(400);
    expect(measured / messages).toBeGreaterThan(0.5);
  });
});
