import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { analyseBytes, analyseText } from "./support/analysed.ts";
import { filesBelow } from "./support/bundles.ts";
import { pcapFile } from "./support/capture-writer.ts";
import { frames, scenarios } from "./support/tcp-scenarios.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

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
      expect(wiresharkList.detect(text.split("\n")), name).toBe(true);
      const read = (await analyseText(wiresharkList, text)).rows("tcp_connections");
      expect(read.map((row) => ({ name, ...shown(row, without) }))).toEqual(binary.map((row) => ({ name, ...shown(row, without) })));
    }
  });
});
