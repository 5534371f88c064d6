import type { BundleFile } from "../bytes/byte-source.ts";
import { detectEncoding } from "../bytes/text.ts";
import type { Emit, Format, SourceHints } from "../formats/format.ts";
import { formats as allFormats } from "../formats/index.ts";
import { unescaped, unquoted } from "../formats/pasted-line.ts";
import { HEAD_BYTES, type SourceJob } from "./analyse-source.ts";
import { groupCapturePoints } from "./capture-points.ts";

/** A file of the bundle with its number and what bundle.yaml says of it. */
export interface PlannedFile {
  readonly source: number;
  readonly file: BundleFile;
  readonly hints: SourceHints;
}

interface SniffedFile extends PlannedFile {
  readonly format: Format | null;
}

/** Decides from the first bytes of each file what belongs together and which captures must keep segment records to be paired. */
export async function planJobs(files: readonly PlannedFile[], formats: readonly Format[] = allFormats): Promise<SourceJob[]> {
  const sniffed: SniffedFile[] = [];
  for (const planned of files) sniffed.push({ ...planned, format: await sniff(planned.file, formats) });
  const captures = sniffed.filter(({ format }) => format?.unit === "frame");
  const chains = await chainsOf(captures);
  const segments = chains.length > 1;
  const jobs: SourceJob[] = chains.map((chain) => ({ files: chain, segments, hash: true }));
  const packets = new Set(captures);
  for (const planned of sniffed) if (!packets.has(planned)) jobs.push({ files: [planned], segments, hash: true });
  return jobs.sort((a, b) => a.files[0]!.source - b.files[0]!.source);
}

/** Captures that follow each other are one capture point, read in order. */
async function chainsOf(captures: readonly SniffedFile[]): Promise<SniffedFile[][]> {
  const bySource = new Map(captures.map((planned) => [planned.source, planned]));
  const named = [];
  for (const { source, file, format, hints } of captures) {
    named.push({
      source,
      path: file.path,
      format: format!.id,
      firstTime: captures.length > 1 ? await firstTime(file, format!, hints) : null,
    });
  }
  return groupCapturePoints(named).map((point) => point.map(({ source }) => bySource.get(source)!));
}

/** Thrown to stop a format at its first packet. */
class Seen extends Error {}

/** When a binary capture begins; null if nothing tells. */
async function firstTime(file: BundleFile, format: Format, hints: SourceHints): Promise<bigint | null> {
  if (format.kind !== "binary") return null;
  let base: bigint | null = null;
  const nothing = () => {};
  const emit: Emit = {
    row: nothing,
    anomaly: nothing,
    coverage: nothing,
    host: nothing,
    utc: nothing,
    progress: async () => {},
    packets: nothing,
    capture(info) {
      base = info.base;
      throw new Seen();
    },
  };
  const source = await file.open();
  try {
    await format.parse(source, emit, hints);
  } catch {
    // Seen: nothing more is wanted. Whatever else is wrong will be told when the file is read.
  } finally {
    await source.close();
  }
  return base;
}

/** The format a file's first bytes show; for a transcript the first that is a capture. Null where nothing recognises it or it cannot be read. */
async function sniff(file: BundleFile, formats: readonly Format[]): Promise<Format | null> {
  try {
    const source = await file.open();
    try {
      const head = new Uint8Array(HEAD_BYTES);
      const known = head.subarray(0, await source.read(head, 0));
      const binary = formats.find((format) => format.kind === "binary" && format.detect(known));
      if (binary) return binary;
      const encoding = detectEncoding(known);
      if (encoding === null) return null;
      const lines = new TextDecoder(encoding.startsWith("utf") ? encoding : "latin1")
        .decode(known)
        .split(/\r\n|\n|\r/)
        .map(unquoted);
      const plain = lines.map(unescaped);
      const texts = formats.filter((format) => format.kind === "text" && format.detect(format.markup ? lines : plain));
      return texts.find((format) => format.unit === "frame") ?? texts[0] ?? null;
    } finally {
      await source.close();
    }
  } catch {
    return null;
  }
}
