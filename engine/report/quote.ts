import type { BundleFile } from "../bytes/byte-source.ts";
import { detectEncoding, readLines } from "../bytes/text.ts";
import { Known, type PacketBatch, TcpFlag } from "../decoders/packet-batch.ts";
import { CancelledError, HEAD_BYTES } from "../derive/analyse-source.ts";
import type { Emit, Format, SourceHints } from "../formats/format.ts";
import { FrameSearch, type Landmark } from "../formats/frame-search.ts";
import { formats as allFormats } from "../formats/index.ts";
import { addressText, packetLine, tcpText } from "./packet-line.ts";

/** Characters of a quoted line; the rest is cut. */
const QUOTE_LENGTH = 240;
/** Packets of one wanted flow kept for drawing: its beginning, and what stands around each cited frame. */
const FLOW_PACKETS = 200;
const FLOW_START = 24;
const BEFORE_CITED = 5;
const AFTER_CITED = 4;

/** One TCP packet of a session that is to be drawn. */
export interface FlowPacket {
  readonly frame: number;
  /** Nanoseconds from the capture's base. */
  readonly time: number;
  readonly fromClient: boolean;
  readonly flags: number;
  readonly seq: number | null;
  readonly ack: number | null;
  readonly length: number | null;
  readonly text: string;
}

/** A session at one capture point, by the addresses that point shows. */
export interface FlowKey {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  /** Frames between which all of its packets lie, where that is known: the others are passed over. */
  readonly frames?: { readonly first: number; readonly last: number };
}

/** What to look up in one source. */
export interface QuoteRequest {
  readonly file: BundleFile;
  readonly hints: SourceHints;
  /** Of the first pass; without any, a capture is walked through from its start. */
  readonly landmarks?: readonly Landmark[];
  /** Frame, line or record numbers, by unit. */
  readonly frames: ReadonlySet<number>;
  readonly lines: ReadonlySet<number>;
  readonly flows: readonly FlowKey[];
}

export interface Quotes {
  readonly frames: ReadonlyMap<number, string>;
  readonly lines: ReadonlyMap<number, string>;
  /** In the order of the request's flows. */
  readonly flows: readonly (readonly FlowPacket[])[];
}

/** Thrown to stop a format once everything wanted has been seen. */
class Enough extends Error {}

/** Reads a source once more for just the cited places: the packet as a packet list shows it, the line as it stands. */
export async function quoteSource(
  request: QuoteRequest,
  breathe: () => Promise<void>,
  formats: readonly Format[] = allFormats,
): Promise<Quotes> {
  const collected = new Collector(request);
  const source = await request.file.open();
  try {
    const head = new Uint8Array(HEAD_BYTES);
    const known = head.subarray(0, await source.read(head, 0));
    const binary = formats.find((format) => format.kind === "binary" && format.detect(known));
    const reopened = await request.file.open();
    try {
      if (binary?.kind === "binary") await binary.parse(reopened, collected.emit(breathe), request.hints);
      else await quoteText(reopened, known, collected, request, breathe, formats);
    } finally {
      await reopened.close();
    }
  } catch (error) {
    // Whatever else went wrong was already told when the source was first read.
    if (error instanceof CancelledError) throw error;
  } finally {
    await source.close();
  }
  return collected;
}

async function quoteText(
  source: Awaited<ReturnType<BundleFile["open"]>>,
  head: Uint8Array,
  collected: Collector,
  request: QuoteRequest,
  breathe: () => Promise<void>,
  formats: readonly Format[],
): Promise<void> {
  const encoding = detectEncoding(head);
  if (encoding === null) return;
  const first: string[] = [];
  const readers: { line(text: string, number: number): void; end(): void }[] = [];
  const wantsPackets = request.frames.size > 0 || request.flows.length > 0;
  const start = () => {
    for (const format of formats) {
      if (wantsPackets && format.kind === "text" && format.unit === "frame" && format.detect(first))
        readers.push(format.reader(collected.emit(breathe), request.hints));
    }
    for (const [index, line] of first.entries()) for (const reader of readers) reader.line(line, index + 1);
  };
  let started = false;
  await readLines(
    source,
    encoding,
    (lines, number) => {
      for (const [index, line] of lines.entries()) collected.line(line, number + index);
      if (started) for (const [index, line] of lines.entries()) for (const reader of readers) reader.line(line, number + index);
      else {
        for (const line of lines) first.push(line);
        if (first.length > 2000) {
          started = true;
          start();
        }
      }
    },
    breathe,
  );
  if (!started) start();
  for (const reader of readers) reader.end();
}

class Collector implements Quotes {
  readonly frames = new Map<number, string>();
  readonly lines = new Map<number, string>();
  readonly flows: FlowPacket[][];
  private readonly request: QuoteRequest;
  private readonly lastFrame: number;
  private readonly recent: FlowPacket[][];
  private readonly after: number[];
  private readonly described = new Set<number>();

  constructor(request: QuoteRequest) {
    this.request = request;
    this.flows = request.flows.map(() => []);
    this.recent = request.flows.map(() => []);
    this.after = request.flows.map(() => 0);
    const ends = request.flows.map((flow) => flow.frames?.last ?? Number.POSITIVE_INFINITY);
    this.lastFrame = [...request.frames, ...ends].reduce((last, frame) => Math.max(last, frame), 0);
  }

  /** A line of a text: quoted where its number is cited, or where it is the row of a cited frame. */
  line(text: string, number: number): void {
    if (this.request.lines.has(number) && !this.lines.has(number)) this.lines.set(number, quote(text));
    if (this.request.frames.size === 0) return;
    const frame = Number(/^\s*"?(\d{1,9})"?[\s,;]/.exec(text)?.[1]);
    if (this.request.frames.has(frame) && !this.frames.has(frame)) {
      this.frames.set(frame, quote(text));
      this.described.add(frame);
    }
  }

  emit(breathe: () => Promise<void>): Emit {
    const nothing = () => {};
    return {
      row: nothing,
      anomaly: nothing,
      capture: nothing,
      coverage: nothing,
      host: nothing,
      utc: nothing,
      progress: breathe,
      packets: (batch) => this.packets(batch),
      search: this.search(),
    };
  }

  /** Frames that are cited or may belong to a session that is to be drawn. */
  private search(): FrameSearch {
    const cited = [...this.request.frames].map((frame) => ({ first: frame, last: frame }));
    const sessions = this.request.flows.map(({ frames }) => frames ?? { first: 0, last: Number.POSITIVE_INFINITY });
    return new FrameSearch([...cited, ...sessions], this.request.landmarks);
  }

  private packets(batch: PacketBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const frame = batch.frame[i]!;
      if (this.request.frames.has(frame) && !this.described.has(frame)) this.frames.set(frame, quote(packetLine(batch, i)));
      if (this.flows.length > 0 && batch.ipProtocol[i] === 6) this.flow(batch, i);
      if (frame >= this.lastFrame) throw new Enough();
    }
  }

  private flow(batch: PacketBatch, i: number): void {
    for (const [index, flow] of this.request.flows.entries()) {
      const forth = batch.sourcePort[i] === flow.clientPort && batch.destinationPort[i] === flow.serverPort;
      const back = batch.sourcePort[i] === flow.serverPort && batch.destinationPort[i] === flow.clientPort;
      if (!forth && !back) continue;
      const from = addressText(batch, batch.family[i]!, batch.source[i]!);
      const to = addressText(batch, batch.family[i]!, batch.destination[i]!);
      const fromClient = forth && from === flow.clientIp && to === flow.serverIp;
      if (!fromClient && !(back && from === flow.serverIp && to === flow.clientIp)) continue;
      this.keep(index, flowPacket(batch, i, fromClient));
    }
  }

  private keep(index: number, packet: FlowPacket): void {
    const [packets, recent] = [this.flows[index]!, this.recent[index]!];
    if (packets.length >= FLOW_PACKETS) return;
    if (this.request.frames.has(packet.frame)) {
      packets.push(...recent.splice(0), packet);
      this.after[index] = AFTER_CITED;
    } else if (packets.length < FLOW_START || this.after[index]! > 0) {
      packets.push(packet);
      this.after[index]!--;
    } else {
      recent.push(packet);
      if (recent.length > BEFORE_CITED) recent.shift();
    }
  }
}

function flowPacket(batch: PacketBatch, i: number, fromClient: boolean): FlowPacket {
  const known = batch.known[i]!;
  return {
    frame: batch.frame[i]!,
    time: batch.time[i]!,
    fromClient,
    flags: batch.flags[i]!,
    seq: known & Known.seq ? batch.seq[i]! : null,
    ack: known & Known.ack && batch.flags[i]! & TcpFlag.ack ? batch.ack[i]! : null,
    length: known & Known.length ? batch.payloadLength[i]! : null,
    text: tcpText(batch, i),
  };
}

function quote(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH - 1)}…` : line;
}
