import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseIsoTime } from "../engine/bytes/time.ts";
import { evtx } from "../engine/formats/evtx.ts";
import { value } from "./support/binxml-writer.ts";
import { collectBinary } from "./support/collect.ts";
import { type EvtxEvent, evtxFile, sealChunk } from "./support/evtx-writer.ts";

const CHUNK = 0x10000;
const HEADER = 0x1000;
const nanoseconds = (iso: string) => parseIsoTime(iso)!.time;

const crash = (n: number, change: Partial<EvtxEvent> = {}): EvtxEvent => ({
  id: 7034,
  provider: "Service Control Manager",
  channel: "System",
  computer: "SERVER1.contoso.example",
  time: `2013-01-06T08:54:${String(40 + n).padStart(2, "0")}.1234567Z`,
  level: 2,
  data: [
    ["param1", value.string("Remotedesktopdienste")],
    ["param2", value.uint32(n + 1)],
  ],
  ...change,
});
const crashes = (count: number) => Array.from({ length: count }, (_, n) => crash(n));
const at = (seen: { rows: { at: number }[] }) => seen.rows.map((row) => row.at);
const names = (seen: { anomalies: { name: string }[] }) => [...new Set(seen.anomalies.map(({ name }) => name))];

/** Every type of value, with what Windows shows of it. */
const TYPED = [
  [value.none(), ""],
  [value.string("Prüfung – 日本\0"), "Prüfung – 日本"],
  [value.string("x".repeat(300)), "x".repeat(300)],
  [value.ansi("gr\u00fcn\0"), "grün"],
  [value.int8(-2), "-2"],
  [value.uint8(254), "254"],
  [value.int16(-300), "-300"],
  [value.uint16(65000), "65000"],
  [value.int32(-70000), "-70000"],
  [value.uint32(4_000_000_000), "4000000000"],
  [value.int64(-5_000_000_000n), "-5000000000"],
  [value.uint64(18_446_744_073_709_551_615n), "18446744073709551615"],
  [value.double(0.5), "0.5"],
  [value.boolean(true), "true"],
  [value.boolean(false), "false"],
  [value.binary(0xca, 0xfe), "CAFE"],
  [value.guid("54849625-5478-4994-a5ba-3e3b0328c30d"), "{54849625-5478-4994-A5BA-3E3B0328C30D}"],
  [value.fileTime("2013-01-06T08:54:40.1234567Z"), "2013-01-06T08:54:40.1234567Z"],
  [value.systemTime(2013, 1, 0, 6, 8, 54, 40, 123), "2013-01-06T08:54:40.123Z"],
  [value.sid("S-1-5-21-1004336348-1177238915-682003330-512"), "S-1-5-21-1004336348-1177238915-682003330-512"],
  [value.hexInt32(0x80070005), "0x80070005"],
  [value.hexInt64(0x3e7n), "0x3e7"],
] as const;

describe("a Windows event log", () => {
  it("gives its events as rows, cited by record, and says what it covers", async () => {
    const file = evtxFile([crash(0, { recordId: 4711 }), crash(1, { computer: "SERVER1.contoso.example" })]);
    const seen = await collectBinary(evtx, file);
    expect(evtx.detect(file.subarray(0, CHUNK))).toBe(true);
    expect(seen.anomalies).toEqual([]);
    expect(at(seen)).toEqual([4711, 4712]);
    expect(seen.rows[0]).toEqual({
      table: "events",
      at: 4711,
      values: {
        host: ["SERVER1.contoso.example"],
        time: nanoseconds("2013-01-06T08:54:40.1234567Z"),
        channel: "System",
        provider: "Service Control Manager",
        event_id: 7034,
        level: "error",
        record_id: 4711,
        message: null,
        data: ["Remotedesktopdienste", "1"],
        text: "Remotedesktopdienste\n1",
      },
    });
    expect(seen.utc).toBe(true);
    expect(seen.hosts).toEqual([{ names: ["SERVER1.contoso.example"], addresses: [] }]);
    expect(seen.coverage).toEqual([
      {
        table: "events",
        host: ["SERVER1.contoso.example"],
        side: null,
        from: nanoseconds("2013-01-06T08:54:40.1234567Z"),
        to: nanoseconds("2013-01-06T08:54:41.1234567Z"),
        only: { channel: ["System"] },
        complete: true,
      },
    ]);
  });

  it("reads values of every type, and arrays of them", async () => {
    const arrays = [
      value.array([value.string("one"), value.string(""), value.string("three")]),
      value.array([value.uint16(7), value.uint16(8)]),
      value.array([value.sid("S-1-5-18"), value.sid("S-1-5-32-544")]),
    ];
    const { rows, anomalies } = await collectBinary(evtx, evtxFile([crash(0, { data: [...TYPED.map(([one]) => one), ...arrays] })]));
    expect(anomalies).toEqual([]);
    expect(rows[0]!.values.data).toEqual([...TYPED.map(([, text]) => text), "one", "", "three", "7", "8", "S-1-5-18", "S-1-5-32-544"]);
  });

  it("reads UserData with attributes, literals, values within text and elements that are left out", async () => {
    const userData = {
      name: "RuleAndFileData",
      attributes: [["xmlns", "urn:x"] as const],
      content: [
        { name: "PolicyName", content: [value.string("EXE")] },
        { name: "Path", content: ["%OSDRIVE%", value.string("\\USERS\\A.EXE")] },
        { name: "Gone", needs: 3, content: [value.none()] },
        { name: "Empty" },
        { name: "Outer", content: [{ name: "Inner", content: [value.uint32(5)] }] },
      ],
    };
    const { rows, anomalies } = await collectBinary(evtx, evtxFile([crash(0, { userData })]));
    expect(anomalies).toEqual([]);
    // Values are numbered in their order: the fourth is that of Inner, and Gone needs it.
    expect(rows[0]!.values.data).toEqual(["EXE", "%OSDRIVE%\\USERS\\A.EXE", "", "", "5"]);
    const gone = { name: "Gone", needs: 0, content: [value.none()] };
    const left = await collectBinary(
      evtx,
      evtxFile([crash(0, { userData: { name: "X", content: [gone, { name: "Y", content: ["y"] }] } })]),
    );
    expect(left.rows[0]!.values.data).toEqual(["y"]);
  });

  it("takes a forwarded event's message, and level from an audit's keywords", async () => {
    const events = [
      crash(0, { message: "The service terminated." }),
      crash(1, { level: 0, keywords: 0x8010000000000000n }),
      crash(2, { level: 0, keywords: 0x8020000000000000n }),
    ];
    const { rows } = await collectBinary(evtx, evtxFile(events));
    expect(rows.map(({ values }) => values.level)).toEqual(["error", "audit_failure", "audit_success"]);
    expect(rows[0]!.values).toMatchObject({ message: "The service terminated.", text: "The service terminated.\nRemotedesktopdienste\n1" });
  });

  it("speaks for the last name of a machine that was renamed, from then on", async () => {
    const events = [crash(0, { computer: "WIN-0A1B2C3D" }), crash(1, { computer: "WIN-0A1B2C3D" }), crash(2), crash(3)];
    const seen = await collectBinary(evtx, evtxFile(events));
    expect(seen.hosts).toEqual([{ names: ["SERVER1.contoso.example"], addresses: [] }]);
    expect(seen.coverage[0]).toMatchObject({ complete: true, from: nanoseconds("2013-01-06T08:54:42.1234567Z") });
  });

  it("speaks for no machine where events of several were forwarded, nor for its whole span where some were picked out", async () => {
    const forwarded = [crash(0, { recordId: 900 }), crash(1, { recordId: 17, computer: "SERVER2.contoso.example" })];
    const several = await collectBinary(evtx, evtxFile(forwarded));
    expect(several.hosts).toEqual([]);
    expect(several.coverage[0]).toMatchObject({ host: null, complete: false });
    const picked = await collectBinary(evtx, evtxFile([crash(0, { recordId: 5 }), crash(1, { recordId: 9 })]));
    expect(picked.coverage[0]).toMatchObject({ host: ["SERVER1.contoso.example"], complete: false });
  });

  it("is whole where it has overwritten its oldest events: its newest chunk stands before its oldest", async () => {
    const events = [
      ...Array.from({ length: 3 }, (_, n) => crash(n + 3, { recordId: n + 103 })),
      ...crashes(3).map((one, n) => ({ ...one, recordId: 100 + n })),
    ];
    const seen = await collectBinary(evtx, evtxFile(events, { perChunk: 3 }));
    expect(at(seen)).toEqual([103, 104, 105, 100, 101, 102]);
    expect(seen.coverage[0]).toMatchObject({ complete: true, from: nanoseconds("2013-01-06T08:54:40.1234567Z") });
  });

  it("may be empty", async () => {
    const seen = await collectBinary(evtx, evtxFile([]));
    expect(seen).toMatchObject({ rows: [], anomalies: [], coverage: [] });
  });
});

describe("a damaged event log", () => {
  const file = evtxFile(crashes(12), { perChunk: 4 });
  const change = (edit: (bytes: Uint8Array, view: DataView) => void) => {
    const bytes = file.slice();
    edit(bytes, new DataView(bytes.buffer));
    return collectBinary(evtx, bytes);
  };
  const recordAt = (bytes: Uint8Array, chunk: number, index: number) => {
    let where = HEADER + CHUNK * chunk + 512;
    for (let k = 0; k < index; k++) where += new DataView(bytes.buffer).getUint32(where + 4, true);
    return where;
  };

  it("is read without its header", async () => {
    const overwritten = await change((bytes) => bytes.fill(0x55, 0, 200));
    expect([at(overwritten).length, names(overwritten), overwritten.coverage[0]!.complete]).toEqual([12, ["evtx.bad-header"], false]);
    const cutOff = await collectBinary(evtx, file.subarray(HEADER));
    expect([at(cutOff).length, names(cutOff)]).toEqual([12, ["evtx.bad-header"]]);
  });

  it("gives the records of a chunk whose magic is overwritten", async () => {
    const seen = await change((bytes) => bytes.fill(0, HEADER + CHUNK, HEADER + CHUNK + 60));
    expect([at(seen), names(seen)]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], ["evtx.bad-chunk"]]);
    expect(seen.coverage[0]!.complete).toBe(false);
  });

  it("finds the next chunk where bytes are missing", async () => {
    const bytes = Uint8Array.from([...file.subarray(0, HEADER + CHUNK), ...file.subarray(HEADER + CHUNK + 24_000)]);
    const seen = await collectBinary(evtx, bytes);
    expect([at(seen), names(seen)]).toEqual([[1, 2, 3, 4, 9, 10, 11, 12], ["evtx.bad-chunk"]]);
  });

  it("goes on behind a record that cannot be read, and says that the chunk was changed", async () => {
    const seen = await change((bytes) => bytes.fill(0xee, recordAt(bytes, 0, 1), recordAt(bytes, 0, 1) + 8));
    expect([at(seen).slice(0, 4), names(seen)]).toEqual([
      [1, 3, 4, 5],
      ["evtx.bad-checksum", "evtx.bad-record"],
    ]);
  });

  it("keeps what was understood of an event whose data is damaged", async () => {
    const seen = await change((bytes) => {
      const record = recordAt(bytes, 0, 2);
      const size = new DataView(bytes.buffer).getUint32(record + 4, true);
      // The last but one descriptor is that of the string.
      const found = bytes
        .subarray(record, record + size)
        .findLastIndex((byte, k, part) => byte === 0x01 && part[k - 1] === 0 && part[k + 1] === 0);
      bytes[record + found - 1] = 0xff;
      sealChunk(bytes.subarray(HEADER, HEADER + CHUNK));
    });
    expect(seen.rows[2]!.values).toMatchObject({ event_id: 7034, provider: "Service Control Manager" });
    expect(names(seen)).toEqual(["evtx.damaged-event"]);
  });

  it("reads on behind the end a chunk states as long as the records carry on: the log was copied while in use", async () => {
    const dirty = evtxFile(crashes(4), { dirty: true });
    const view = new DataView(dirty.buffer);
    view.setUint32(HEADER + 48, recordAt(dirty, 0, 2) - HEADER, true);
    sealChunk(dirty.subarray(HEADER));
    const seen = await collectBinary(evtx, dirty);
    expect([at(seen), names(seen)]).toEqual([
      [1, 2, 3, 4],
      ["evtx.dirty", "evtx.unflushed-record"],
    ]);
  });

  it("leaves out what an earlier use of the buffer left behind a chunk's end", async () => {
    const bytes = file.slice(0, HEADER + 2 * CHUNK);
    const second = HEADER + CHUNK;
    const end = new DataView(bytes.buffer).getUint32(second + 48, true);
    bytes.copyWithin(second + end, recordAt(bytes, 0, 2), HEADER + new DataView(bytes.buffer).getUint32(HEADER + 48, true));
    expect(at(await collectBinary(evtx, bytes))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("is read up to where it was cut", async () => {
    const seen = await collectBinary(evtx, file.subarray(0, recordAt(file, 2, 2) + 10));
    expect([at(seen), names(seen)]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ["evtx.truncated"]]);
    expect(seen.coverage[0]!.complete).toBe(false);
  });
});

const exporter = spawnSync("evtxexport", ["-V"]).status === 0;
if (!exporter) console.info("tests/evtx.test.ts: evtxexport is not installed, its opinion of the written logs is skipped");

describe.skipIf(!exporter)("the logs that tests write", () => {
  it("are event logs to evtxexport, too", () => {
    const folder = mkdtempSync(join(tmpdir(), "casebook-evtx-"));
    try {
      const path = join(folder, "x.evtx");
      writeFileSync(path, evtxFile([...crashes(5), crash(6, { data: TYPED.slice(1, -1).map(([one]) => one) })], { perChunk: 3 }));
      const { status, stdout } = spawnSync("evtxexport", ["-f", "xml", path], { encoding: "utf8" });
      expect(status).toBe(0);
      expect(stdout.match(/<EventRecordID>\d+/g)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `<EventRecordID>${n}`));
      expect(stdout.match(/Name="param1">Remotedesktopdienste</g)).toHaveLength(5);
      expect(stdout).toContain('SystemTime="2013-01-06T08:54:40.123456700Z"');
      for (const text of [
        "Prüfung – 日本",
        "18446744073709551615",
        "{54849625-5478-4994-A5BA-3E3B0328C30D}",
        "S-1-5-21-1004336348-1177238915-682003330-512",
      ])
        expect(stdout).toContain(text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
