import { describe, expect, it } from "vitest";
import type { BundleFile } from "../engine/bytes/byte-source.ts";
import { diagnoseFiles, memoryFile, shippedBundles, verdictsOf } from "./support/bundles.ts";

/** A packet of a pcap file: microseconds since the epoch, and the record with its header. */
type Change = (micros: number, record: Uint8Array) => readonly [micros: number, record: Uint8Array][];

/** The records in order of their changed times. */
function rewritten(pcap: Uint8Array, change: Change): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const records: (readonly [micros: number, record: Uint8Array])[] = [];
  for (let at = 24; at < pcap.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    const micros = view.getUint32(at, true) * 1_000_000 + view.getUint32(at + 4, true);
    records.push(...change(micros, pcap.slice(at, end)));
    at = end;
  }
  records.sort(([a], [b]) => a - b);
  for (const [micros, record] of records) {
    const fields = new DataView(record.buffer);
    fields.setUint32(0, Math.floor(micros / 1_000_000), true);
    fields.setUint32(4, micros % 1_000_000, true);
  }
  return new Uint8Array(Buffer.concat([pcap.slice(0, 24), ...records.map(([, record]) => record)]));
}

/** Every packet once more, as a mirrored switch port records it on the way in and out. */
const twice =
  (later: number, clearId = false): Change =>
  (micros, record) => {
    if (clearId) record.fill(0, 16 + 18, 16 + 20);
    return [
      [micros, record],
      [micros + later, record.slice()],
    ];
  };
/** Some packets 0.4 ms later, so that those behind them come first. */
const overtaken: Change = (micros, record) => [[micros + (Math.floor(micros / 100) % 3 === 0 ? 400 : 0), record]];
const toMilliseconds: Change = (micros, record) => [[micros - (micros % 1000), record]];

const bundles = shippedBundles("cases");

async function verdicts(name: string, change: Change): Promise<Record<string, string>> {
  const files = bundles.get(name)!.map(async (file: BundleFile) => {
    const bytes = new Uint8Array(file.size ?? 0);
    await (await file.open()).read(bytes, 0);
    return memoryFile(file.path, file.path.endsWith(".pcap") ? rewritten(bytes, change) : bytes);
  });
  return verdictsOf((await diagnoseFiles(await Promise.all(files))).report);
}

const CASES = [
  ["lync-edge-front-end-5061-reset-in-path", "generated", "matched"],
  ["lync-edge-front-end-5061-reset-in-path", "edge-resets", "ruled_out"],
  ["tcp-segments-lost-in-transit", "generated", "matched"],
  ["tcp-segments-lost-in-transit", "lost-syn", "matched"],
  ["tcp-segments-lost-in-transit", "arrived-twice", "ruled_out"],
  ["tcp-segments-lost-in-transit", "server-only", "inconclusive"],
  ["tcp-segments-lost-in-transit", "client-only", "inconclusive"],
  ["tcp-peer-mss-below-536", "generated", "matched"],
] as const;

describe.each([
  ["every packet recorded twice", twice(7)],
  ["every packet recorded twice, without IP identification", twice(7, true)],
  ["some packets recorded behind those that followed them", overtaken],
  [
    "some packets recorded behind those that followed them, all of them twice",
    (micros, record) => overtaken(micros, record).flatMap(([at, found]) => twice(150)(at, found)),
  ],
  ["every packet recorded again 2 ms later, others in between", twice(2000)],
  ["every packet recorded again 8 ms later, others in between", twice(8000)],
  ["times in milliseconds, as Network Monitor 1.x writes them", toMilliseconds],
])("%s", (_, change) => {
  it.each(CASES)("%s, %s: %s", async (rule, variant, verdict) => {
    const found = await verdicts(`${rule}/${variant}`, change);
    expect(found[rule]).toBe(verdict);
    expect(Object.keys(found).filter((id) => found[id] === "matched")).toEqual(verdict === "matched" ? [rule] : []);
  });
});

it("an attempt that the server's capture shows is never called absent, though its session is not recognised", async () => {
  const found = await verdicts("lync-edge-front-end-5061-reset-in-path/generated", twice(30_000));
  expect(found["tcp-segments-lost-in-transit"]).not.toBe("matched");
});
