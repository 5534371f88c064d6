import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { saysZeroLength } from "../engine/formats/text-capture/wireshark-info.ts";
import type { Table } from "../engine/tables/table.ts";
import { diagnoseFiles, memoryFile } from "./support/bundles.ts";
import { pcapFile, tcpFrame } from "./support/capture-writer.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

const CAPTURE = join(import.meta.dirname, "cases/capture-tso-zero-ip-length/generated/bundle/server.pcapng");

function cells(table: Table, ...columns: string[]): unknown[][] {
  return Array.from({ length: table.length }, (_, row) => columns.map((column) => table.value(row, column)));
}

async function packets(name: string, bytes: Uint8Array): Promise<Table> {
  return (await diagnoseFiles([memoryFile(name, bytes)])).tables.get("zero_length_packets")!;
}

/** Bytes of an Ethernet frame whose IPv4 total length is 0. */
function unsized(from: string, to: string, seq: number, ack: number, payload: string): Uint8Array {
  const bytes = tcpFrame(from, to, { flags: "PA", seq, ack, payload }).slice();
  bytes.set([0, 0], 16);
  return bytes;
}

tellWithoutTshark("tests/zero-length-packets.test.ts");

describe.skipIf(!hasTshark)("packets with IP length 0", () => {
  it("are those Wireshark calls bogus, with the acknowledgements it cannot explain; a list of them gives the same frames", async () => {
    const list = execFileSync("tshark", ["-r", CAPTURE, "-o", "ip.tso_support:FALSE"], { encoding: "utf8" });
    const numbers = (words: RegExp) => [...list.matchAll(words)].map((found) => Number(found[1]));
    const bogus = numbers(/^\s*(\d+) .*Bogus IP length \(0,/gm);
    const unseen = numbers(/^\s*(\d+) .*\[TCP ACKed unseen segment\]/gm);
    expect(bogus).toHaveLength(3);
    const binary = await packets("server.pcapng", new Uint8Array(readFileSync(CAPTURE)));
    const text = await packets("list.txt", new TextEncoder().encode(list));
    for (const table of [binary, text]) {
      expect(Array.from({ length: table.length }, (_, row) => table.citation(row)?.at)).toEqual(bogus);
      expect(cells(table, "ack_frame").flat()).toEqual(bogus.map((frame) => unseen.find((later) => later > frame)));
    }
    expect(cells(text, "source_ip", "source_port", "destination_port")).toEqual(
      cells(binary, "source_ip", "source_port", "destination_port"),
    );
  });
});

describe("what acknowledges a packet with IP length 0", () => {
  it("comes from the other end of that connection and covers all of it", async () => {
    const [server, client, other] = ["203.0.113.51:443", "198.51.100.23:50100", "198.51.100.23:50101"];
    const ack = (to: string, from: string, number: number) => tcpFrame(from, to, { flags: "A", seq: 9, ack: number });
    const frames = [
      unsized(server, client, 0xffffff00, 9, "x".repeat(512)),
      ack(server, other, 0x100),
      ack(server, client, 0xff),
      tcpFrame(server, client, { flags: "A", seq: 0x100, ack: 9 }),
      ack(server, client, 0x100),
      unsized(server, client, 0x100, 9, "x".repeat(20)),
    ].map((bytes, n) => ({ time: n / 1000, bytes }));
    const table = await packets("server.pcap", pcapFile(frames));
    expect(cells(table, "payload", "ack_frame")).toEqual([
      [512, 5],
      [20, null],
    ]);
  });

  it("is looked for in a thousand packets at most", async () => {
    const frames = Array.from({ length: 1200 }, (_, n) => ({
      time: n / 1000,
      bytes: unsized("203.0.113.51:443", "198.51.100.23:50100", n, 9, "y"),
    }));
    const result = await diagnoseFiles([memoryFile("server.pcap", pcapFile(frames))]);
    expect(result.tables.get("zero_length_packets")!.length).toBe(1000);
    expect(cells(result.tables.get("captures")!, "zero_length_packets")).toEqual([[1200]]);
    expect(cells(result.tables.get("anomalies")!, "name").flat()).toContain("capture.zero-length-not-listed");
  });
});

describe("the details of a packet", () => {
  // The two wordings of Wireshark 4.0's packet-ip.c, and the one of 1.0.
  it.each([
    "    Total Length: 0 bytes (bogus, less than header length 20)",
    'Total Length: 0 bytes (reported as 0, presumed to be because of "TCP segmentation offload" (TSO))',
    '    [Total Length: 1671 bytes (reported as 0, presumed to be because of "TCP segmentation offload" (TSO))]',
  ])("say that its IP length is 0: %s", (line) => expect(saysZeroLength(line)).toBe(true));
  it.each(["    Total Length: 40", "    Total Length: 0 bytes longer", "Total Length: 1500 bytes"])("do not say it: %s", (line) =>
    expect(saysZeroLength(line)).toBe(false),
  );
});
