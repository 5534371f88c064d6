import { constants, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteSource, memorySource } from "../engine/bytes/byte-source.ts";
import { crc32 } from "../engine/containers/crc32.ts";
import type { InflateJob, InflateProblem } from "../engine/containers/inflate-job.ts";
import { type Inflater, webInflater } from "../engine/containers/inflater.ts";
import { inflatingSource } from "../engine/containers/inflating-source.ts";
import { nodeInflater } from "../engine/node/inflater.ts";
import { bytes } from "./support/archive-writer.ts";

const MIB = 1 << 20;

/** Doubts everything, so that the careful inflater reads all. */
const doubtful: Inflater = {
  crc32,
  // biome-ignore lint/correctness/useYield: it fails before the first piece
  async *inflate() {
    throw new Error("in doubt");
  },
};

/** Like a command's output: words and numbers, of which deflate leaves about a third. */
function listing(length: number, seed: number): Uint8Array {
  const data = new Uint8Array(length);
  for (let at = 0, state = seed + 1; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[at] = at % 11 < 6 ? 0x30 + ((state >>> 24) % 10) : "\r\nTCP  "[(at % 11) - 6]!.charCodeAt(0);
  }
  return data;
}

interface Outcome {
  readonly length: number;
  readonly crc: number;
  readonly problems: readonly InflateProblem[];
}

async function inflated(compressed: Uint8Array, inflater: Inflater, job: Partial<InflateJob> = {}, readBytes = 100_000): Promise<Outcome> {
  const problems: InflateProblem[] = [];
  const source = await inflatingSource({
    method: "gzip",
    open: async () => memorySource(compressed),
    size: null,
    crc: null,
    limit: Number.POSITIVE_INFINITY,
    inflater,
    problem: (kind) => problems.push(kind),
    ...job,
  });
  const target = new Uint8Array(readBytes);
  let [length, crc] = [0, 0];
  for (let count = -1; count !== 0; length += count) {
    count = await source.read(target, length);
    crc = crc32(target.subarray(0, count), crc);
  }
  expect(await source.read(target, length)).toBe(0);
  await source.close();
  return { length, crc, problems };
}

const INFLATERS = [
  ["Node's", nodeInflater],
  ["the web's", webInflater],
] as const;

it("hands out no byte that the careful inflater might not reach", async () => {
  // Whole up to a block of the type that RFC 1951 section 3.2.3 reserves, and with more than a step behind that.
  const plain = listing(450_000, 4);
  const whole = new Uint8Array(deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }));
  const damaged = bytes(whole, new Uint8Array([0x06]), whole.subarray(0, 300));
  const job = { method: "deflate", size: 900_000, crc: 1 } as const;
  const careful = await inflated(damaged, doubtful, job);
  expect(careful).toMatchObject({ problems: ["corrupt"] });
  expect(careful.length).toBeGreaterThan(449_000);
  expect(careful.length).toBeLessThan(449_990);
  for (const reached of [0, 300_000, careful.length, 450_000]) {
    const lent: Inflater = {
      crc32,
      async *inflate() {
        for (let at = 0; at < reached; at += 5) yield plain.subarray(at, Math.min(at + 5, reached));
        throw new Error("damaged");
      },
    };
    expect(await inflated(damaged, lent, job)).toEqual(careful);
  }
});

describe.each(INFLATERS)("%s inflater", (_, inflater) => {
  const plain = listing(700_000, 1);
  const deflated = new Uint8Array(deflateRawSync(plain));
  const sum = crc32(plain);
  const stated = { method: "deflate", size: plain.length, crc: sum } as const;

  it("has the CRC-32 of the standard", () => {
    expect(inflater.crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(inflater.crc32(plain.subarray(9), inflater.crc32(plain.subarray(0, 9)))).toBe(sum);
  });

  it("reads what zip and gzip hold", async () => {
    const expected = { length: plain.length, crc: sum, problems: [] };
    expect(await inflated(deflated, inflater, stated)).toEqual(expected);
    expect(await inflated(new Uint8Array(gzipSync(plain)), inflater)).toEqual(expected);
    expect(await inflated(new Uint8Array(gzipSync(plain, { level: 0 })), inflater, {}, 7919)).toEqual(expected);
  });

  it("reads several members", async () => {
    const members = [plain, plain.subarray(0, 10), plain.subarray(10, 90_000)];
    const all = bytes(...members);
    const packed = bytes(...members.map((member) => new Uint8Array(gzipSync(member))));
    expect(await inflated(packed, inflater)).toEqual({ length: all.length, crc: crc32(all), problems: [] });
  });

  const short = { length: plain.length, crc: sum };
  const begins = (length: number) => ({ length, crc: crc32(plain.subarray(0, length)) });
  it.each<[string, Uint8Array, Partial<InflateJob>, Outcome]>([
    ["a wrong checksum", deflated, { ...stated, crc: 1 }, { ...short, problems: ["checksum"] }],
    ["a size too long", deflated, { ...stated, size: plain.length + 1 }, { ...short, problems: ["shorter-than-stated"] }],
    ["a size too short", deflated, { ...stated, size: 500_000 }, { ...begins(500_000), problems: ["longer-than-stated"] }],
    ["a limit", deflated, { ...stated, crc: null, limit: 300_000 }, { ...begins(300_000), problems: ["limit"] }],
    ["a limit just reached", deflated, { ...stated, limit: plain.length }, { ...short, problems: [] }],
    ["padding behind it", bytes(new Uint8Array(gzipSync(plain)), new Uint8Array(512)), {}, { ...short, problems: ["trailing-data"] }],
    ["text behind it", bytes(new Uint8Array(gzipSync(plain)), plain.subarray(0, 99)), {}, { ...short, problems: ["trailing-data"] }],
    [
      "a tail behind it",
      bytes(deflated, listing(5 * MIB, 2)),
      { ...stated, size: null, crc: null },
      { ...short, problems: ["trailing-data"] },
    ],
  ])("tells of %s", async (__, compressed, job, expected) => expect(await inflated(compressed, inflater, job)).toEqual(expected));

  it("gives the same bytes and problems as the careful one, whatever the damage", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          length: fc.integer({ min: 150_000, max: 900_000 }),
          seed: fc.nat(1000),
          level: fc.constantFrom(0, 1, 6),
          method: fc.constantFrom("gzip" as const, "deflate" as const),
          members: fc.integer({ min: 1, max: 2 }),
          cut: fc.option(fc.double({ min: 0.5, max: 1, noNaN: true }), { freq: 2 }),
          flips: fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 2 }),
          readBytes: fc.constantFrom(512, 65_536, 1_000_000),
        }),
        async ({ length, seed, level, method, members, cut, flips, readBytes }) => {
          const data = listing(length, seed);
          const packed =
            method === "deflate"
              ? deflateRawSync(data, { level })
              : bytes(...Array.from({ length: members }, () => new Uint8Array(gzipSync(data, { level }))));
          const damaged = new Uint8Array(packed).slice(0, cut === null ? packed.length : Math.floor(packed.length * cut));
          for (const at of flips) damaged[Math.floor(at * damaged.length)]! ^= 1 << (seed % 8);
          const job = method === "deflate" ? { method, size: length, crc: crc32(data) } : { method };
          expect(await inflated(damaged, inflater, job, readBytes)).toEqual(await inflated(damaged, doubtful, job, readBytes));
        },
      ),
      { seed: 20130108, numRuns: 50 },
    );
  });

  /** Counts what is done to the compressed bytes. */
  function watched(content: Uint8Array, fail = Number.POSITIVE_INFINITY) {
    const seen = { read: 0, opened: 0, open: 0 };
    const open = async (): Promise<ByteSource> => {
      const memory = memorySource(content);
      let closed = false;
      seen.opened++;
      seen.open++;
      return {
        ...memory,
        async read(target, position) {
          expect(closed).toBe(false);
          if (position >= fail) throw new Error("bad sector");
          const count = await memory.read(target, position);
          seen.read += count;
          return count;
        },
        async close() {
          if (!closed) seen.open--;
          closed = true;
        },
      };
    };
    return { seen, open };
  }
  const jobOf = (open: () => Promise<ByteSource>, problems: string[] = []): InflateJob => ({
    method: "deflate",
    open,
    size: null,
    crc: null,
    limit: 2 * MIB,
    inflater,
    problem: (kind) => problems.push(kind),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

  it("reads no further ahead than a few pieces", async () => {
    const stored = new Uint8Array(deflateRawSync(listing(8 * MIB, 3), { level: 0 }));
    const { seen, open } = watched(stored);
    const source = await inflatingSource({ ...jobOf(open), limit: Number.POSITIVE_INFINITY });
    const target = new Uint8Array(10_000);
    for (let at = 0; at < 4 * MIB; at += target.length) {
      await source.read(target, at);
      if (at % (MIB / 4) < target.length) await settled();
      expect(seen.read - at).toBeLessThan(2 * MIB);
    }
    await source.close();
    expect(seen).toMatchObject({ opened: 1, open: 0 });
  });

  it("stops a bomb at its limit without asking for the rest", async () => {
    const zeros = new Uint8Array(deflateRawSync(new Uint8Array(128 * MIB), { level: 1 }));
    const { seen, open } = watched(zeros);
    const problems: string[] = [];
    const source = await inflatingSource(jobOf(open, problems));
    expect(await source.read(new Uint8Array(4 * MIB), 0)).toBe(2 * MIB);
    await source.close();
    await settled();
    expect(problems).toEqual(["limit"]);
    expect(seen.read).toBeLessThan(zeros.length);
    expect(seen.open).toBe(0);
  });

  it("leaves its source alone once it is closed, and goes on where it was when it is read again", async () => {
    const { seen, open } = watched(deflated);
    const source = await inflatingSource(jobOf(open));
    const target = new Uint8Array(100_000);
    for (let at = 0; at < plain.length; at += target.length) {
      const count = await source.read(target, at);
      expect(Buffer.compare(target.subarray(0, count), plain.subarray(at, at + count))).toBe(0);
      await Promise.all([source.close(), source.close()]);
      const { read } = seen;
      await settled();
      expect(seen).toMatchObject({ read, open: 0 });
    }
    expect(seen.read).toBe(deflated.length);
  });

  it("closes half-way through a read without a word", async () => {
    const { seen, open } = watched(deflated);
    const source = await inflatingSource(jobOf(open));
    const reading = source.read(new Uint8Array(plain.length), 0);
    await source.close();
    await reading;
    await source.close();
    await settled();
    expect(seen.open).toBe(0);
  });

  it("rejects where the compressed bytes cannot be read, again each time", async () => {
    const { seen, open } = watched(deflated, 130_000);
    const problems: string[] = [];
    const source = await inflatingSource(jobOf(open, problems));
    const target = new Uint8Array(plain.length);
    for (const position of [0, 400_000]) await expect(source.read(target, position)).rejects.toThrow("bad sector");
    await source.close();
    await settled();
    expect(seen.open).toBe(0);
    expect(problems).toEqual([]);
  });
});
