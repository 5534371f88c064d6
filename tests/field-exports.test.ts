import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { analyseBytes, analyseText } from "./support/analysed.ts";
import { filesBelow } from "./support/bundles.ts";
import { pcapFile } from "./support/capture-writer.ts";
import { collectText } from "./support/collect.ts";
import { frames, scenarios } from "./support/tcp-scenarios.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

const detects = (text: string) => wiresharkList.detect(text.split("\n"));

async function connections(text: string) {
  expect(detects(text)).toBe(true);
  return (await analyseText(wiresharkList, text)).rows("tcp_connections");
}

/** Three segments and an answer of which the second byte range is missing, as `tshark -T fields` prints them. */
const ROWS = [
  "frame.number frame.time_relative ip.src ip.dst tcp.srcport tcp.dstport tcp.flags tcp.seq tcp.ack tcp.len tcp.window_size_value tcp.options.mss_val",
  "1 0.000000000 192.0.2.1 192.0.2.2 50000 80 0x0002 0 0 0 64240 1460",
  "2 0.010000000 192.0.2.2 192.0.2.1 80 50000 0x0012 0 1 0 65160 512",
  "3 0.020000000 192.0.2.1 192.0.2.2 50000 80 0x0010 1 1 0 502 ",
  "4 0.030000000 192.0.2.1 192.0.2.2 50000 80 0x0018 1 1 100 502 ",
  "5 0.040000000 192.0.2.1 192.0.2.2 50000 80 0x0018 301 1 100 502 ",
].map((line) => line.split(" "));

describe("a list of fields", () => {
  const expected = {
    client_ip: "192.0.2.1",
    client_port: 50000,
    server_port: 80,
    client_mss: 1460,
    server_mss: 512,
    client_sack_permitted: null,
    client_timestamps: null,
    syn_count: 1,
    orig_pkts: 4,
    client_lost_segments: 1,
    client_open_gap: true,
  };

  it.each([
    ["tabs", "\t", ""],
    ["commas", ",", ""],
    ["semicolons", ";", ""],
    ["bars", "|", ""],
    ["blanks", " ", ""],
    ["commas and double quotes", ",", '"'],
    ["tabs and single quotes", "\t", "'"],
  ])("is read with %s", async (_, separator, quote) => {
    const text = ROWS.map((cells) => cells.map((cell) => (cell === "" ? "" : quote + cell + quote)).join(separator)).join("\n");
    expect(await connections(text)).toMatchObject([expected]);
  });

  it("whose trailing tabs a mail program dropped is read", async () => {
    const text = ROWS.map((cells) => cells.join("\t").trimEnd()).join("\n");
    expect(await connections(text)).toMatchObject([expected]);
  });

  it("takes missing frames for rows left out, not for segments that were lost", async () => {
    const text = ROWS.filter((_, row) => row !== 3)
      .map((cells) => cells.join(","))
      .join("\n");
    expect(await connections(text)).toMatchObject([{ client_lost_segments: 0, client_open_gap: false }]);
  });

  it("believes the fields of the analysis rather than its own view", async () => {
    const said = ["tcp.analysis.lost_segment", "", "", "", "", ""];
    const text = ROWS.map((cells, row) => [...cells, said[row]].join(",")).join("\n");
    expect(await connections(text)).toMatchObject([{ client_lost_segments: 0 }]);
  });

  it("numbers rows by itself where it has no frame numbers", async () => {
    const text = ROWS.map((cells) => cells.slice(1).join("\t")).join("\n");
    expect(await connections(text)).toMatchObject([{ orig_pkts: 4, first_frame: 1, last_frame: 5 }]);
  });

  it("reads flags from their bits, as 1 or True, and from letters", async () => {
    const bits = [
      "tcp.flags.syn,tcp.flags.ack,tcp.flags.fin,tcp.flags.reset",
      "1,0,0,0",
      "True,True,False,False",
      "0,1,0,0",
      "0,1,0,0",
      "0,1,0,1",
    ];
    const text = ROWS.map((cells, row) => [...cells.slice(0, 6), bits[row], ...cells.slice(7)].join(",")).join("\n");
    expect(await connections(text)).toMatchObject([{ conn_state: "RSTO", syn_count: 1, syn_ack_count: 1, reset_by: "client" }]);
    const letters = ["tcp.flags.str", "··········S·", "·······A··S·", "·······A····", "·······AP···", "·······A·R··"];
    const named = ROWS.map((cells, row) => [...cells.slice(0, 6), letters[row], ...cells.slice(7)].join(",")).join("\n");
    expect(await connections(named)).toMatchObject([{ conn_state: "RSTO", syn_count: 1, syn_ack_count: 1, reset_by: "client" }]);
  });

  it("does not take the ports of a quoted packet for the row's own", async () => {
    const quoted = '6,0.050000000,"192.0.2.9,192.0.2.1","192.0.2.1,192.0.2.2",50001,80,,0,,,,';
    const text = [...ROWS.map((cells) => cells.join(",")), quoted].join("\n");
    expect(await connections(text)).toHaveLength(1);
  });

  it("says which rows it cannot read, because a field with several values is not quoted", async () => {
    const text = [...ROWS.map((cells) => cells.join(",")), "6,0.05,192.0.2.9,10.0.0.1,192.0.2.2,192.0.2.2,50001,80,,0,,,,"].join("\n");
    const read = await collectText(wiresharkList, text);
    expect(read.anomalies.map(({ name, at }) => [name, at])).toEqual([["wireshark-list.unreadable-row", 6]]);
  });

  it("is no list without addresses", () => {
    expect(detects("frame.number\ttcp.srcport\ttcp.dstport\ttcp.len\n1\t80\t50000\t0")).toBe(false);
  });
});

tellWithoutTshark("lists of fields");
const folder = mkdtempSync(join(tmpdir(), "casebook-fields-"));
afterAll(() => rmSync(folder, { recursive: true }));

function tshark(bytes: Uint8Array, ...args: string[]): string {
  const file = join(folder, "a.pcap");
  writeFileSync(file, bytes);
  return execFileSync("tshark", ["-n", "-r", file, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, TZ: "UTC" },
  });
}

const fields = (...names: string[]) => ["-T", "fields", "-E", "header=y", ...names.flatMap((name) => ["-e", name])];
const ENDS = ["ip.src", "ip.dst", "tcp.srcport", "tcp.dstport"];
const NUMBERS = ["tcp.seq", "tcp.ack", "tcp.len"];
const OPTIONS = [
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
  "tcp.options.sack_perm",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
];
const ANALYSIS = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "lost_segment",
  "ack_lost_segment",
  "duplicate_ack",
  "zero_window",
  "window_full",
  "keep_alive",
];

/** Columns of tcp_connections that no such export can tell or tells in part (gaps in the history), and times, which count from elsewhere. */
const NOT_SHOWN = ["missed_bytes", "client_ttl", "server_ttl", "orig_ip_bytes", "resp_ip_bytes", "history", "start", "end"];
/** Exports of one capture, and what else they do not tell. */
const EXPORTS: readonly (readonly [name: string, args: string[], without: readonly string[]])[] = [
  [
    "relative numbers and options, with tabs",
    fields("frame.number", "frame.time_relative", ...ENDS, "tcp.flags", ...NUMBERS, "tcp.window_size_value", ...OPTIONS),
    [],
  ],
  [
    "raw numbers, bits of flags and analysis, with commas",
    [
      ...fields(
        "frame.number",
        "frame.time_epoch",
        ...ENDS,
        ...["syn", "ack", "fin", "reset", "push"].map((flag) => `tcp.flags.${flag}`),
        "tcp.seq_raw",
        "tcp.ack_raw",
        "tcp.len",
        "tcp.window_size_value",
        ...OPTIONS,
        ...ANALYSIS.map((name) => `tcp.analysis.${name}`),
      ),
      "-E",
      "separator=,",
    ],
    [],
  ],
  [
    "a description with commas of its own, unquoted, and a date with one",
    [
      ...fields(
        "frame.number",
        "frame.time",
        ...ENDS,
        "tcp.flags",
        ...NUMBERS,
        "tcp.window_size_value",
        "_ws.col.Info",
        "_ws.col.Protocol",
        "frame.len",
      ),
      "-E",
      "separator=,",
    ],
    [],
  ],
  [
    "quoted CSV, scaled windows",
    [
      ...fields("frame.number", "frame.time_relative", ...ENDS, "tcp.flags", ...NUMBERS, "tcp.window_size", ...OPTIONS),
      "-E",
      "separator=,",
      "-E",
      "quote=d",
    ],
    [],
  ],
  ["Wireshark's plain text list", ["-T", "text"], ["orig_bytes", "resp_bytes", "client_max_segment", "server_max_segment"]],
];

const shown = (row: Record<string, unknown>, without: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !NOT_SHOWN.includes(column) && !without.includes(column)));

describe.skipIf(!hasTshark)("tshark's export of a capture is read as the capture itself is", () => {
  const captures = [
    ...(["requests", "fast", "spurious", "unseen", "keepAlives", "recordedTwice"] as const).map(
      (name) => [name, pcapFile(frames(scenarios[name]), { nanoseconds: true })] as const,
    ),
    ...[...filesBelow("tests/cases")].filter(([path]) => /^tcp-\S+\/generated\/.*(client\.pcap|server\.pcapng)$/.test(path)),
  ];

  it.each(EXPORTS)("%s", async (_, args, without) => {
    for (const [name, bytes] of captures) {
      const binary = (await analyseBytes(bytes))!.rows("tcp_connections");
      const text = tshark(bytes, ...args);
      expect(detects(text), name).toBe(true);
      const read = (await analyseText(wiresharkList, text)).rows("tcp_connections");
      expect(read.map((row) => ({ name, ...shown(row, without) }))).toEqual(binary.map((row) => ({ name, ...shown(row, without) })));
    }
  });
});
