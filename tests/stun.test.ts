import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeStun } from "../engine/decoders/stun.ts";
import { stunTransactions } from "../engine/tables/stun-transactions.ts";
import { Table } from "../engine/tables/table.ts";
import { diagnoseFiles, memoryFile, projectRoot } from "./support/bundles.ts";
import { type CapturedFrame, hex, pcapFile, udpFrame } from "./support/capture-writer.ts";
import { errorCode, lyncAllocate, lyncAllocated, lyncError, stunMessage, xorAddress } from "./support/stun-writer.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

/** The Allocate request of the founding case's script. */
const ALLOCATE = hex(
  "000300642112a442f13c084b8018177247493065000f000472c64bc680080004000000040006003802000024" +
    "79b7952d01cea86e4e3d762264aac7b62bb878deee8ac08884491b7c00000000828b7375dd0cae6695edef56d04b547ca4bdfa98" +
    "00100004000000c88006000400000001805500040001 0000".replace(" ", ""),
);
const TRANSACTION = "2112a442f13c084b8018177247493065";
const decoded = (bytes: Uint8Array, length = bytes.length) => decodeStun(bytes, 0, bytes.length, length);

describe("decodeStun", () => {
  it("reads the request of Lync's clients", () =>
    expect(decoded(ALLOCATE)).toEqual({
      class: "request",
      method: "allocate",
      transaction: TRANSACTION,
      microsoft: true,
      errorCode: null,
      reason: null,
      mapped: null,
      relayed: null,
    }));

  it("reads the code and reason of an error", () => {
    const reason = "The request did not contain a Message-Integrity attribute";
    expect(decoded(lyncError(TRANSACTION, 401, reason))).toMatchObject({ class: "error", method: "allocate", errorCode: 401, reason });
    expect(decoded(stunMessage(0x0113, TRANSACTION, [errorCode(438, "")]))).toMatchObject({ errorCode: 438, reason: null });
  });

  it("reads addresses, plain as Microsoft's relays give them and masked as RFC 5766's do", () => {
    const wanted = { relayed: { ip: "203.0.113.20", port: 51000 }, mapped: { ip: "198.51.100.9", port: 40001 } };
    expect(decoded(lyncAllocated(TRANSACTION, ["203.0.113.20", 51000], ["198.51.100.9", 40001]))).toMatchObject(wanted);
    const plain = stunMessage(0x0103, TRANSACTION, [xorAddress(0x0016, "203.0.113.20", 51000), xorAddress(0x0020, "198.51.100.9", 40001)]);
    expect(decoded(plain)).toMatchObject({ ...wanted, microsoft: false });
  });

  it("reads RFC 5769's sample response with an IPv6 address", () => {
    // Section 2.3, up to the address: 2001:db8:1234:5678:11:2233:4455:6677 port 32853.
    const sample = hex(
      "010100502112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147" +
        "0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
    );
    expect(decoded(sample)).toMatchObject({
      class: "success",
      method: "binding",
      mapped: { ip: "2001:db8:1234:5678:11:2233:4455:6677", port: 32853 },
    });
  });

  it("knows a message without a cookie only by its whole length", () => {
    const classic = stunMessage(0x0001, "00112233445566778899aabbccddeeff");
    expect(decoded(classic)).toMatchObject({ method: "binding", microsoft: false });
    expect(decoded(classic, classic.length + 4)).toBeNull();
  });

  it("tells indications from errors where Microsoft's numbers do not follow the scheme", () =>
    expect(decoded(stunMessage(0x0115, TRANSACTION))).toMatchObject({ class: "indication", method: "data" }));

  it("reads as far as it goes when cut at any byte", () => {
    const whole = lyncError(TRANSACTION, 401, "Unauthorized");
    for (let cut = 0; cut < whole.length; cut++) {
      const message = decoded(whole.subarray(0, cut), whole.length);
      if (cut < 20) expect(message).toBeNull();
      else expect(message).toMatchObject({ class: "error", errorCode: null });
    }
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), (noise, at) => {
        const broken = ALLOCATE.map((byte, k) => (k % 9 === at % 9 ? byte ^ (noise[k] ?? 0) : byte));
        for (const bytes of [noise, broken]) expect(() => decodeStun(bytes, Math.min(at, bytes.length), bytes.length, 120)).not.toThrow();
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

const CLIENT = "192.0.2.44:50010";
const SERVER = "203.0.113.20:3478";
type Shown = readonly [at: number, ...cells: unknown[]];

async function transactionsIn(bytes: Uint8Array, columns: readonly string[]): Promise<Shown[]> {
  const { tables } = await diagnoseFiles([memoryFile("stun.pcap", bytes)]);
  const table = tables.get("stun_transactions") ?? new Table(stunTransactions, []);
  return Array.from({ length: table.length }, (_, row) => [table.citation(row)!.at, ...columns.map((column) => table.value(row, column))]);
}

const sent = (time: number, bytes: Uint8Array, to = SERVER): CapturedFrame => ({ time, bytes: udpFrame(CLIENT, to, bytes) });
const came = (time: number, bytes: Uint8Array): CapturedFrame => ({ time, bytes: udpFrame(SERVER, CLIENT, bytes) });

describe("stun_transactions of a capture", () => {
  const columns = ["method", "requests", "answered", "error_code", "server_answers"];

  it("pairs a request, its repetitions and its answer once", async () => {
    const error = lyncError(TRANSACTION, 401, "no");
    const frames = [sent(0, ALLOCATE), sent(0.5, ALLOCATE), came(0.54, error), came(0.6, error), sent(0.7, ALLOCATE)];
    expect(await transactionsIn(pcapFile(frames), columns)).toEqual([[1, "allocate", 2, true, 401, true]]);
  });

  it("calls a request unanswered only after time to answer it", async () => {
    const late = lyncAllocate("2112a442000000000000000000000009");
    const frames = [sent(0, ALLOCATE), sent(9, late, "203.0.113.21:3478")];
    expect(await transactionsIn(pcapFile(frames), columns)).toEqual([
      [1, "allocate", 1, false, null, false],
      [2, "allocate", 1, null, null, false],
    ]);
  });

  it("says that a server answers other requests, and knows an answer whose request it missed", async () => {
    const frames = [
      sent(0, ALLOCATE),
      came(1, lyncError("2112a442000000000000000000000001", 438, "")),
      sent(9, stunMessage(1, TRANSACTION)),
    ];
    expect(await transactionsIn(pcapFile(frames), columns)).toEqual([
      [2, "allocate", 0, true, 438, true],
      [1, "allocate", 1, false, null, true],
      [3, "binding", 1, null, null, true],
    ]);
  });
});

const CORPUS = join(projectRoot, "../shared/corpora/pcap/stun_turn_ice");
tellWithoutTshark("STUN messages");

describe.skipIf(!hasTshark || !existsSync(CORPUS))("STUN of real captures", () => {
  const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => /stun-ice/.test(name)) : [];
  it.each(files)("%s: every answer is one that tshark shows, with its address", async (name) => {
    const fields = ["frame.number", "stun.att.ipv4", "stun.att.ipv4-xord"].flatMap((field) => ["-e", field]);
    const out = execFileSync("tshark", ["-r", join(CORPUS, name), "-Y", "stun", "-T", "fields", ...fields], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const theirs = new Map(out.split("\n").map((line) => [line.split("\t")[0], line]));
    const ours = (
      await transactionsIn(new Uint8Array(readFileSync(join(CORPUS, name))), ["outcome", "response_frame", "mapped_ip"])
    ).filter(([, outcome]) => outcome === "success");
    expect(ours.length).toBeGreaterThan(0);
    for (const [, , frame, mapped] of ours) expect(theirs.get(String(frame)) ?? "").toContain(mapped);
  });
});
