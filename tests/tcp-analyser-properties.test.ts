import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressBook, Family, PacketBatch } from "../engine/decoders/packet-batch.ts";
import { CaptureAnalyser } from "../engine/derive/capture-analyser.ts";
import type { Value } from "../engine/tables/table.ts";
import { type Analysed, analyseFrames, type Rebatch } from "./support/analysed.ts";
import { CLIENT, frames, SERVER, type Step, scenarios } from "./support/tcp-scenarios.ts";

const SEED = 20_130_109;
const TABLES = ["tcp_connections", "tcp_retransmissions", "tcp_stalls", "udp_flows"] as const;

/** All rows of all tables, and what was found of every frame. */
const everything = (analysed: Analysed) => ({
  tables: TABLES.map((table) => analysed.rows(table)),
  frames: [...analysed.frames].map(([frame, { found }]) => [frame, found]),
});

const FLAGS = ["S", "SA", "A", "A", "A", "PA", "PA", "FA", "RA", "R", "SF"] as const;
const step = fc.record({
  gap: fc.constantFrom(0.0001, 0.002, 0.01, 0.05, 0.25, 3),
  direction: fc.constantFrom(">" as const, "<" as const),
  flags: fc.constantFrom(...FLAGS),
  seq: fc.constantFrom(0, 1, 101, 201, 301, 401, 1561),
  ack: fc.constantFrom(0, 1, 101, 201, 301, 1561),
  payload: fc.constantFrom(0, 0, 1, 100, 200, 1460),
  window: fc.constantFrom(0, 100, 512, 65535),
});
/** A connection that makes little sense: everything a hostile or broken capture can hold. */
const nonsense = fc.array(step, { minLength: 1, maxLength: 40 }).map((list) => {
  let time = 0;
  return list.map(({ gap, direction, payload, ...fields }): Step => {
    time += gap;
    return [time, direction, { ...fields, payload }];
  });
});
const conversation = fc.oneof(nonsense, fc.constantFrom(...(Object.values(scenarios) as (readonly Step[])[])));

/** The same segments with both ends' numbers moved, modulo 2^32. */
const shifted = (steps: readonly Step[], client: number, server: number): Step[] =>
  steps.map(([time, direction, fields]) => {
    const [seq, ack] = direction === ">" ? [client, server] : [server, client];
    const acknowledges = fields.flags?.includes("A") ?? true;
    return [time, direction, { ...fields, seq: ((fields.seq ?? 0) + seq) >>> 0, ack: acknowledges ? ((fields.ack ?? 0) + ack) >>> 0 : 0 }];
  });

/** Rows without what tells connections apart by number, place or address. */
const stripped = (rows: Record<string, Value>[]) =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !/^(stream|.*_ip|.*_port|.*frames?|.*_ip_bytes)$/.test(column))),
  );

describe("the analysis", () => {
  it("is the same however packets are cut into batches", async () => {
    const cut =
      (size: number): Rebatch =>
      (batch, deliver) => {
        for (let from = 0; from < batch.count; from += size) {
          const part = new PacketBatch(batch.addresses);
          part.bytes = batch.bytes;
          part.count = Math.min(size, batch.count - from);
          for (const [name, column] of Object.entries(batch)) {
            if (!ArrayBuffer.isView(column) || name === "bytes") continue;
            const width = name === "sack" ? 8 : 1;
            const source = (column as Uint32Array).subarray(from * width, (from + part.count) * width);
            (part as unknown as Record<string, Uint32Array>)[name]!.set(source);
          }
          deliver(part);
        }
      };
    await fc.assert(
      fc.asyncProperty(conversation, fc.integer({ min: 1, max: 7 }), async (steps, size) => {
        const whole = await analyseFrames(frames(steps));
        expect(everything(await analyseFrames(frames(steps), false, cut(size)))).toEqual(everything(whole));
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("of one connection does not depend on others between its packets", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, conversation, async (one, other) => {
        const alone = await analyseFrames(frames(one));
        const both = [...frames(one), ...frames(other, "192.0.2.99:1234", SERVER)].sort((a, b) => a.time - b.time);
        const mixed = (await analyseFrames(both))
          .rows("tcp_connections")
          .filter((row) => row.client_ip !== "192.0.2.99" && row.server_ip !== "192.0.2.99");
        expect(stripped(mixed)).toEqual(stripped(alone.rows("tcp_connections")));
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("is the same over IPv6", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (steps) => {
        const four = await analyseFrames(frames(steps).map((frame) => frame));
        const six = await analyseFrames(frames(steps, "[2001:db8::10]:50000", "[2001:db8::7]:443"));
        // IPv6 has no identification, so it cannot tell a packet recorded twice.
        expect([...six.frames]).toEqual([...four.frames]);
        expect(stripped(six.rows("tcp_connections"))).toEqual(stripped(four.rows("tcp_connections")));
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("is the same wherever sequence numbers start, through 2^32 too", async () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0xffff_f000, max: 0xffff_ffff }));
    const sensible = fc.constantFrom(...(Object.values(scenarios) as (readonly Step[])[]).filter((steps) => steps !== scenarios.refused));
    await fc.assert(
      fc.asyncProperty(sensible, number, number, async (steps, client, server) => {
        const moved = await analyseFrames(frames(shifted(steps, client, server)));
        expect(everything(moved)).toEqual(everything(await analyseFrames(frames(steps))));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("survives any columns a batch can hold", () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const packet = fc.record({
      family: fc.constantFrom(...Object.values(Family)),
      addresses: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
      ports: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      time: fc.double({ min: -1e18, max: 1e18, noNaN: true }),
      numbers: fc.tuple(word, word, word),
      flags: fc.integer({ min: 0, max: 255 }),
      known: fc.integer({ min: 0, max: 1023 }),
      marks: fc.integer({ min: 0, max: 65535 }),
      protocol: fc.constantFrom(1, 6, 6, 6, 17, 58, 255),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), fc.boolean(), (packets, textExport) => {
        const analyser = new CaptureAnalyser({ segments: true });
        analyser.capture({ base: 0n, zone: "utc", textExport, excerpt: false, filter: null, dropped: null, damaged: false });
        const batch = new PacketBatch(new AddressBook());
        for (const { family, addresses, ports, time, numbers, flags, known, marks, protocol } of packets) {
          const i = batch.begin();
          batch.frame[i] = i + 1;
          batch.time[i] = time;
          batch.family[i] = family;
          [batch.source[i], batch.destination[i]] = addresses;
          [batch.sourcePort[i], batch.destinationPort[i]] = ports;
          [batch.seq[i], batch.ack[i], batch.payloadLength[i]] = numbers;
          batch.window[i] = numbers[0] & 0xffff;
          batch.flags[i] = flags;
          batch.known[i] = known;
          batch.marks[i] = marks;
          batch.ipProtocol[i] = protocol;
        }
        analyser.packets(batch);
        const { connections, parts, segments } = analyser.finish(0);
        for (const part of [connections, ...parts]) expect(part.at.length).toBe(part.length);
        expect(segments!.count).toBeLessThanOrEqual(packets.length);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("starts connections in order of their first packets", async () => {
    const starts = await analyseFrames(
      [...frames(scenarios.requests), ...frames(scenarios.fast, "192.0.2.11:1", SERVER)].sort((a, b) => a.time - b.time),
    );
    expect(starts.rows("tcp_connections").map((row) => [row.stream, row.client_ip])).toEqual([
      [0, CLIENT.split(":")[0]],
      [1, "192.0.2.11"],
    ]);
  });
});
