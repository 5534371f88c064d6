import { describe, expect, it } from "vitest";
import { diagnoseFiles, memoryFile, shippedBundles, verdictsOf } from "./support/bundles.ts";

/** Every packet of a little-endian pcap file once more, so many microseconds later, as a mirrored switch port records it on the way in and out. */
function recordedTwice(pcap: Uint8Array, later: number, clearId: boolean): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const parts = [pcap.slice(0, 24)];
  for (let at = 24; at < pcap.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    for (const delay of [0, later]) {
      const record = pcap.slice(at, end);
      const fields = new DataView(record.buffer);
      const moment = fields.getUint32(0, true) * 1_000_000 + fields.getUint32(4, true) + delay;
      fields.setUint32(0, Math.floor(moment / 1_000_000), true);
      fields.setUint32(4, moment % 1_000_000, true);
      if (clearId) fields.setUint16(16 + 18, 0);
      parts.push(record);
    }
    at = end;
  }
  return new Uint8Array(Buffer.concat(parts));
}

const bundles = shippedBundles("cases");

describe("a capture of a mirrored port that holds every packet twice", () => {
  it.each([
    ["lync-edge-front-end-5061-reset-in-path", "generated", "matched"],
    ["lync-edge-front-end-5061-reset-in-path", "edge-resets", "ruled_out"],
    ["tcp-segments-lost-in-transit", "generated", "matched"],
    ["tcp-segments-lost-in-transit", "lost-syn", "matched"],
    ["tcp-segments-lost-in-transit", "arrived-twice", "ruled_out"],
    ["tcp-peer-mss-below-536", "generated", "matched"],
  ])("is %s, %s: %s", async (rule, variant, verdict) => {
    for (const clearId of [false, true]) {
      const files = await Promise.all(
        bundles.get(`${rule}/${variant}`)!.map(async (file) => {
          const source = await file.open();
          const bytes = new Uint8Array(file.size);
          await source.read(bytes, 0);
          return memoryFile(file.path, file.path.endsWith(".pcap") ? recordedTwice(bytes, 7, clearId) : bytes);
        }),
      );
      const verdicts = verdictsOf((await diagnoseFiles(files)).report);
      expect(verdicts[rule]).toBe(verdict);
      expect(Object.keys(verdicts).filter((id) => verdicts[id] === "matched")).toEqual(verdict === "matched" ? [rule] : []);
    }
  });

  it("never calls an attempt absent that the server's capture shows, though it is not recognised", async () => {
    const files = await Promise.all(
      bundles.get("lync-edge-front-end-5061-reset-in-path/generated")!.map(async (file) => {
        const bytes = new Uint8Array(file.size);
        await (await file.open()).read(bytes, 0);
        return memoryFile(file.path, file.path.endsWith(".pcap") ? recordedTwice(bytes, 30_000, false) : bytes);
      }),
    );
    expect(verdictsOf((await diagnoseFiles(files)).report)["tcp-segments-lost-in-transit"]).not.toBe("matched");
  });
});
