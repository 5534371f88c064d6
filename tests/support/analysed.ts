import { memorySource } from "../../engine/bytes/byte-source.ts";
import type { PacketBatch } from "../../engine/decoders/packet-batch.ts";
import { CaptureAnalyser } from "../../engine/derive/capture-analyser.ts";
import type { AnalysedCapture } from "../../engine/derive/source-result.ts";
import { Analysis } from "../../engine/derive/tcp-analysis-flags.ts";
import type { BinaryFormat, CaptureInfo, Emit, TextFormat } from "../../engine/formats/format.ts";
import { pcap } from "../../engine/formats/pcap.ts";
import { pcapng } from "../../engine/formats/pcapng.ts";
import { tableDeclaration } from "../../engine/tables/index.ts";
import { Table, type Value } from "../../engine/tables/table.ts";
import { type CapturedFrame, pcapFile } from "./capture-writer.ts";

/** Wireshark's field names, without `tcp.analysis.`, and the flags they stand for. */
export const ANALYSIS_FIELDS: readonly (readonly [string, number])[] = [
  ["retransmission", Analysis.anyRetransmission],
  ["fast_retransmission", Analysis.fastRetransmission],
  ["spurious_retransmission", Analysis.spuriousRetransmission],
  ["out_of_order", Analysis.outOfOrder],
  ["lost_segment", Analysis.lostSegment],
  ["ack_lost_segment", Analysis.ackLostSegment],
  ["duplicate_ack", Analysis.duplicateAck],
  ["zero_window", Analysis.zeroWindow],
  ["window_full", Analysis.windowFull],
  ["keep_alive", Analysis.keepAlive],
  ["keep_alive_ack", Analysis.keepAliveAck],
  ["window_update", Analysis.windowUpdate],
];

/** What was said of one TCP frame. */
export interface AnalysedFrame {
  stream: number;
  found: string[];
  flags: number;
}

export interface Analysed {
  capture: AnalysedCapture;
  frames: Map<number, AnalysedFrame>;
  /** Rows of a table as objects. */
  rows(table: string): Record<string, Value>[];
}

/** The Wireshark names of analysis flags. */
export function analysisNames(found: number): string[] {
  return ANALYSIS_FIELDS.filter(([, flag]) => (found & flag) !== 0).map(([name]) => name);
}

/** Everything the analyser says of what `feed` emits; null if it announces no capture. `rebatch` may cut the batches anew. */
async function analyse(feed: (emit: Emit) => Promise<void> | void, segments: boolean, rebatch: Rebatch): Promise<Analysed | null> {
  const frames = new Map<number, AnalysedFrame>();
  const analyser = new CaptureAnalyser({
    segments,
    observer: (frame, stream, found, flags) => frames.set(frame, { stream, found: analysisNames(found), flags }),
  });
  let info: CaptureInfo | null = null;
  await feed({
    row() {},
    anomaly() {},
    capture(announced) {
      info = announced;
      analyser.capture(announced);
    },
    packets: (batch) => rebatch(batch, (part) => analyser.packets(part)),
    coverage() {},
    host() {},
    utc() {},
    async progress() {},
  });
  if (!info) return null;
  const capture = analyser.finish(0);
  return { capture, frames, rows: (table) => rowsOf(capture, table) };
}

/** Hands a batch on, perhaps in parts. */
export type Rebatch = (batch: PacketBatch, deliver: (part: PacketBatch) => void) => void;
const whole: Rebatch = (batch, deliver) => deliver(batch);

export async function analyseBytes(bytes: Uint8Array, segments = false, rebatch: Rebatch = whole): Promise<Analysed | null> {
  const head = bytes.subarray(0, 65536);
  const format: BinaryFormat | undefined = [pcap, pcapng].find((candidate) => candidate.detect(head));
  return format ? analyse((emit) => format.parse(memorySource(bytes), emit, {}), segments, rebatch) : null;
}

export async function analyseFrames(frames: readonly CapturedFrame[], segments = false, rebatch: Rebatch = whole): Promise<Analysed> {
  const analysed = await analyseBytes(pcapFile(frames, { nanoseconds: true }), segments, rebatch);
  if (!analysed) throw new Error("no capture");
  return analysed;
}

export async function analyseText(format: TextFormat, text: string): Promise<Analysed> {
  const feed = (emit: Emit) => {
    const reader = format.reader(emit, {});
    for (const [index, line] of text.split("\n").entries()) reader.line(line, index + 1);
    reader.end();
  };
  const analysed = await analyse(feed, false, whole);
  if (!analysed) throw new Error("no capture");
  return analysed;
}

function rowsOf(capture: AnalysedCapture, name: string): Record<string, Value>[] {
  const parts = [capture.connections, ...capture.parts].filter((part) => part.table === name);
  const table = new Table(tableDeclaration(name)!, parts);
  const readers = Object.keys(table.declaration.columns).map((column) => [column, table.reader(column)] as const);
  return Array.from({ length: table.length }, (_, row) => Object.fromEntries(readers.map(([column, read]) => [column, read(row)])));
}
