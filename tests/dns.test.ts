import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDns } from "../engine/decoders/dns.ts";
import { Table } from "../engine/tables/table.ts";
import { dnsAnswers } from "../engine/tables/web-tables.ts";
import { diagnoseFiles, memoryFile, projectRoot } from "./support/bundles.ts";
import { type CapturedFrame, hex, pcapFile, udpFrame } from "./support/capture-writer.ts";
import { type DnsFields, dnsMessage } from "./support/dns-writer.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

/** A response by hand, RFC 1035 section 4.1: meet.example is an alias of rp.example, which has two addresses. */
const RESPONSE = hex(
  "1234 8180 0001 0003 0000 0000" +
    "04 6d656574 07 6578616d706c65 00 0001 0001" +
    "c00c 0005 0001 0000012c 0005 02 7270 c011" +
    "c02a 0001 0001 0000003c 0004 cb007105" +
    "c02a 0001 0001 0000003c 0004 cb007106",
);
const decode = (bytes: Uint8Array) => decodeDns(bytes, 0, bytes.length);

describe("decodeDns", () => {
  it("follows pointers and reads what records hold", () => {
    expect(decode(RESPONSE)).toEqual({
      id: 0x1234,
      response: true,
      opcode: 0,
      truncated: false,
      responseCode: 0,
      questions: [{ name: "meet.example", type: 1 }],
      answers: [
        { name: "meet.example", type: 5, timeToLive: 300, address: null, target: "rp.example", port: null },
        { name: "rp.example", type: 1, timeToLive: 60, address: "203.0.113.5", target: null, port: null },
        { name: "rp.example", type: 1, timeToLive: 60, address: "203.0.113.6", target: null, port: null },
      ],
      others: [],
      whole: true,
    });
  });

  it("keeps what was captured of a message that was cut, at every byte", () => {
    for (let cut = 0; cut < RESPONSE.length; cut++) {
      const message = decode(RESPONSE.subarray(0, cut));
      if (message) expect(message.whole).toBe(false);
      else expect(cut).toBeLessThan(30);
    }
  });

  it("refuses names that never end and pointers that lead forward", () => {
    const header = "0001 0100 0001 0000 0000 0000";
    expect(decode(hex(`${header} c00c 0001 0001`))).toBeNull();
    expect(decode(hex(`${header} c020 0001 0001 ${"00".repeat(40)}`))).toBeNull();
    expect(decode(hex(`${header} ${`3f${"61".repeat(63)}`.repeat(5)} 00 0001 0001`))).toBeNull();
  });

  it("writes octets that are no letters as RFC 1035 does, so that no name can pass for another", () => {
    expect(decode(hex("0001 0100 0001 0000 0000 0000 04 612e6220 00 0001 0001"))!.questions).toEqual([{ name: "a\\046b\\032", type: 1 }]);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(80), (noise, at) => {
        const broken = RESPONSE.map((byte, k) => (k % 7 === at % 7 ? byte ^ (noise[k] ?? 0) : byte));
        for (const bytes of [noise, broken]) {
          const message = decodeDns(bytes, at % 4, bytes.length);
          for (const { name } of message?.questions ?? []) expect(name.length).toBeLessThanOrEqual(4 * 255);
        }
      }),
      { seed: 11, numRuns: 3000 },
    );
  });
});

const CLIENT = "192.0.2.17:50101";
const SERVER = "192.0.2.53:53";

/** Questions go out at their time, answers come 20 ms later. */
function capture(messages: readonly (readonly [time: number, fields: DnsFields])[]): Uint8Array {
  const frames: CapturedFrame[] = messages.map(([time, fields]) => ({
    time,
    bytes: fields.answers ? udpFrame(SERVER, CLIENT, dnsMessage(fields)) : udpFrame(CLIENT, SERVER, dnsMessage(fields)),
  }));
  return pcapFile(frames);
}

async function answersIn(bytes: Uint8Array, columns: readonly string[]): Promise<unknown[][]> {
  const { tables } = await diagnoseFiles([memoryFile("dns.pcap", bytes)]);
  const table = tables.get("dns_answers") ?? new Table(dnsAnswers, []);
  return Array.from({ length: table.length }, (_, row) => [table.citation(row)!.at, ...columns.map((column) => table.value(row, column))]);
}

describe("dns_answers of a capture", () => {
  it("has a row for each address, refusal and question nobody answered", async () => {
    const bytes = capture([
      [0, { id: 1, name: "Meet.contoso.com" }],
      [
        0.02,
        {
          id: 1,
          name: "Meet.contoso.com",
          answers: [
            { name: "Meet.contoso.com", type: "CNAME", data: "rp.contoso.com" },
            { name: "rp.contoso.com", type: "A", data: "203.0.113.5" },
          ],
        },
      ],
      [1, { id: 2, name: "dialin.contoso.com" }],
      [1.02, { id: 2, name: "dialin.contoso.com", answers: [], code: 3 }],
      [2, { id: 3, name: "dialin.contoso.com", type: "AAAA" }],
      [2.02, { id: 3, name: "dialin.contoso.com", type: "AAAA", answers: [] }],
      [3, { id: 4, name: "_sip._tls.contoso.com", type: "SRV" }],
      [
        3.02,
        {
          id: 4,
          name: "_sip._tls.contoso.com",
          type: "SRV",
          answers: [{ name: "_sip._tls.contoso.com", type: "SRV", data: "sip.contoso.com", port: 443 }],
        },
      ],
      [4, { id: 5, name: "gone.contoso.com" }],
      [5, { id: 5, name: "gone.contoso.com" }],
      [7, { id: 5, name: "gone.contoso.com" }],
      [8, { id: 6, name: "late.contoso.com" }],
    ]);
    expect(await answersIn(bytes, ["name", "type", "outcome", "address", "target", "port", "question_frame"])).toEqual([
      [2, "meet.contoso.com", "A", "answered", "203.0.113.5", "rp.contoso.com", null, 1],
      [4, "dialin.contoso.com", "A", "no_such_name", null, null, null, 3],
      [6, "dialin.contoso.com", "AAAA", "no_data", null, null, null, 5],
      [8, "_sip._tls.contoso.com", "SRV", "answered", null, "sip.contoso.com", 443, 7],
      [9, "gone.contoso.com", "A", "unanswered", null, null, null, 9],
    ]);
  });

  it("does not call a question unanswered in a capture of one direction", async () => {
    const bytes = capture([0, 1, 2, 4, 8, 30].map((time) => [time, { id: 5, name: "gone.contoso.com" }] as const));
    expect(await answersIn(bytes, ["outcome"])).toEqual([]);
  });

  it("does not know what a truncated answer would have held", async () => {
    const fields = { id: 9, name: "many.contoso.com" };
    const bytes = capture([
      [0, fields],
      [0.02, { ...fields, answers: [], truncated: true }],
    ]);
    expect(await answersIn(bytes, ["outcome"])).toEqual([[2, null]]);
  });
});

const CORPUS = join(projectRoot, "../shared/corpora/pcap/dns");
tellWithoutTshark("DNS addresses");

describe.skipIf(!hasTshark || !existsSync(CORPUS))("DNS addresses of real captures", () => {
  // Those with most records; each run of tshark takes a second.
  const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => /nDPI__pcap__dns|dnssec|punycode/.test(name)) : [];
  it.each(files)("%s: are those tshark reads in answers to A and AAAA questions", async (name) => {
    const filter =
      "udp.port == 53 && dns.flags.response == 1 && (dns.qry.type == 1 || dns.qry.type == 28) && dns.flags.rcode == 0 && !_ws.malformed";
    const fields = ["frame.number", "dns.a", "dns.aaaa"].flatMap((field) => ["-e", field]);
    const out = execFileSync("tshark", ["-r", join(CORPUS, name), "-Y", filter, "-T", "fields", ...fields], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const theirs = out.split("\n").flatMap((line) => {
      const [frame, ...lists] = line.split("\t");
      return lists
        .flatMap((list) => list.split(","))
        .filter((address) => address !== "")
        .map((address) => `${frame} ${address}`);
    });
    const ours = (await answersIn(new Uint8Array(readFileSync(join(CORPUS, name))), ["address", "type"]))
      .filter(([, address]) => address !== null)
      .map(([frame, address]) => `${frame} ${address}`);
    // Ours are those the name leads to; tshark also lists addresses of name servers.
    expect(ours.filter((entry) => !theirs.includes(entry))).toEqual([]);
    if (theirs.length > 0) expect(ours.length).toBeGreaterThan(0);
  });
});
