import type { BundleFile, ByteSource } from "../bytes/byte-source.ts";
import { type Hasher, hashingSource } from "../bytes/hashing-source.ts";
import { detectEncoding, readLines } from "../bytes/text.ts";
import type { BinaryFormat, Emit, Format, SourceHints, TextFormat, TextReader } from "../formats/format.ts";
import { formats as allFormats } from "../formats/index.ts";
import { unescaped, unquoted } from "../formats/pasted-line.ts";
import { emptyResult, type SourceResult } from "./source-result.ts";
import { type Chain, type SourceProgress, SourceSink } from "./source-sink.ts";

/** Bytes of a file that binary formats are recognised by. */
export const HEAD_BYTES = 64 * 1024;
/** Characters of text shown to the text formats at a time, to see which of them recognise something. */
const DETECT_WINDOW = 256 * 1024;
/** A transcript is looked through this far for formats that have not shown up yet. */
const DETECT_LIMIT = 8 * 1024 * 1024;
/** What looking at a line costs beside its characters, in characters: millions of short ones are not looked at either. */
const LINE_COST = 24;

const NO_HASH: Hasher = { update() {}, digestHex: () => "" };

/** One capture point or single file to analyse: usually one file, several where captures follow each other. */
export interface SourceJob {
  readonly files: readonly { readonly source: number; readonly file: BundleFile; readonly hints: SourceHints }[];
  /** Keep segment records, for pairing. */
  readonly segments: boolean;
  /** Hash the files while they are read. */
  readonly hash: boolean;
}

/** What the surroundings lend: a hash (native where there is one) and a place to report progress, which rejects to cancel. */
export interface SourceServices {
  createHasher(): Hasher;
  readonly progress: SourceProgress;
}

/** Reads every file of the job; one result per file, in order. Never rejects for what the data holds, only when cancelled. */
export async function analyseSource(
  job: SourceJob,
  services: SourceServices,
  formats: readonly Format[] = allFormats,
): Promise<SourceResult[]> {
  const results: SourceResult[] = [];
  const chain: Chain | null = job.files.length > 1 ? new Map() : null;
  for (const { source, file, hints } of job.files) {
    const sink = new SourceSink(source, job.segments, services.progress, chain);
    let [bytes, problem] = [0, ""];
    let sha256: string | null = null;
    try {
      const hashing = hashingSource(await file.open(), job.hash ? services.createHasher() : NO_HASH);
      try {
        bytes = await readFile(hashing, sink, hints, formats);
        if (job.hash) sha256 = await hashing.digest();
      } finally {
        await hashing.close();
      }
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      problem = error instanceof Error ? error.message : String(error);
    }
    if (problem !== "") sink.anomaly("source.unreadable", "record", 0, `could not be read to the end: ${problem}`);
    const size = Math.max(bytes, file.size ?? 0);
    results.push(orFailed(source, size, () => ({ source, formats: sink.formats(), bytes: size, sha256, ...sink.finish() })));
  }
  const [first] = results;
  if (chain && first)
    results[0] = orFailed(first.source, first.bytes, () => ({ ...first, captures: [...chain.values()].map((point) => point.finish()) }));
  return results;
}

/** A fault of ours in one source costs that source, not the bundle. */
function orFailed(source: number, bytes: number, gather: () => SourceResult): SourceResult {
  try {
    return gather();
  } catch (error) {
    return emptyResult(source, bytes, error);
  }
}

/** Thrown by `progress` to stop the work. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

async function readFile(source: ByteSource, sink: SourceSink, hints: SourceHints, formats: readonly Format[]): Promise<number> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  while (length < head.length) {
    const count = await source.read(head.subarray(length), length);
    if (count === 0) break;
    length += count;
  }
  const known = head.subarray(0, length);
  if (length === 0) return 0;
  const whole = withHead(source, known);
  const binary = formats.find((format): format is BinaryFormat => format.kind === "binary" && format.detect(known));
  if (binary) {
    await binary.parse(whole, sink.emitFor(binary), hints);
    return source.size ?? length;
  }
  return readText(whole, known, sink, hints, formats);
}

async function readText(
  source: ByteSource,
  head: Uint8Array,
  sink: SourceSink,
  hints: SourceHints,
  formats: readonly Format[],
): Promise<number> {
  const encoding = detectEncoding(head);
  if (encoding === null) return source.size ?? head.length;
  const transcript = new Transcript(
    sink,
    hints,
    formats.filter((format): format is TextFormat => format.kind === "text"),
  );
  let bytes = 0;
  const reading = readLines(
    source,
    encoding,
    (lines, first) => transcript.lines(lines.map(unquoted), first),
    async (read) => {
      bytes = read;
      await transcript.progress(read);
    },
  );
  // What was read before the medium failed is evidence, too.
  const outcome = await reading.finally(() => transcript.end());
  if (outcome.cutLines > 0) sink.anomaly("text.long-line", "line", outcome.firstCutLine, `${outcome.cutLines} over-long lines were cut`);
  if (transcript.recognised && outcome.invalidSequences > 0) {
    sink.anomaly(
      "text.invalid-characters",
      "line",
      outcome.firstInvalidLine,
      `${outcome.invalidSequences} byte sequences are not valid ${encoding}`,
    );
  }
  return Math.max(bytes, source.size ?? 0);
}

/** Shows the lines of one text to every text format, window by window until each has had its chance, and to those that recognised it. */
class Transcript {
  private readonly sink: SourceSink;
  private readonly hints: SourceHints;
  private waiting: TextFormat[];
  private readonly readers: { readonly reader: TextReader; readonly emit: Emit; readonly markup: boolean }[] = [];
  private window: string[] = [];
  private windowFirst = 1;
  private windowSize = 0;
  private shown = 0;

  constructor(sink: SourceSink, hints: SourceHints, formats: TextFormat[]) {
    this.sink = sink;
    this.hints = hints;
    this.waiting = formats;
  }

  get recognised(): boolean {
    return this.readers.length > 0;
  }

  lines(lines: readonly string[], first: number): void {
    if (this.waiting.length === 0 || this.shown >= DETECT_LIMIT) {
      this.flush();
      this.feed(lines, first);
      return;
    }
    // Pieces of one long line share its number.
    if (this.window.length > 0 && first !== this.windowFirst + this.window.length) this.flush();
    if (this.window.length === 0) this.windowFirst = first;
    for (const line of lines) {
      this.window.push(line);
      this.windowSize += line.length + LINE_COST;
    }
    if (this.windowSize >= DETECT_WINDOW) this.flush();
  }

  private flush(): void {
    if (this.window.length === 0) return;
    const { window } = this;
    const plain = window.map(unescaped);
    this.waiting = this.waiting.filter((format) => {
      if (!format.detect(format.markup ? window : plain)) return true;
      const emit = this.sink.emitFor(format);
      this.readers.push({ reader: format.reader(emit, this.hints), emit, markup: format.markup ?? false });
      return false;
    });
    this.shown += this.windowSize;
    this.windowSize = 0;
    this.window = [];
    this.feed(window, this.windowFirst);
  }

  private feed(lines: readonly string[], first: number): void {
    for (const { reader, markup } of this.readers) {
      for (let i = 0; i < lines.length; i++) reader.line(markup ? lines[i]! : unescaped(lines[i]!), first + i);
    }
  }

  async progress(bytes: number): Promise<void> {
    await (this.readers[0]?.emit.progress(bytes) ?? this.sink.progress(bytes, 0));
  }

  end(): void {
    this.flush();
    for (const { reader } of this.readers) reader.end();
  }
}

/** The same source with its first bytes kept, so that a sequential one can be read from the start once more. */
function withHead(source: ByteSource, head: Uint8Array): ByteSource {
  if (!source.sequential) return source;
  return {
    size: source.size,
    sequential: true,
    async read(target, position) {
      if (position >= head.length) return source.read(target, position);
      const part = head.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
    close: () => source.close(),
  };
}
