import type { BundleFile } from "../bytes/byte-source.ts";
import { detectEncoding } from "../bytes/text.ts";
import type { Format, SourceHints } from "../formats/format.ts";
import { formats as allFormats } from "../formats/index.ts";
import { HEAD_BYTES, type SourceJob } from "./analyse-source.ts";
import { type CaptureFile, groupCapturePoints } from "./capture-points.ts";

/** A file of the bundle with its number and what bundle.yaml says of it. */
export interface PlannedFile {
  readonly source: number;
  readonly file: BundleFile;
  readonly hints: SourceHints;
}

/** Decides from the first bytes of each file what belongs together and which captures must keep segment records to be paired. */
export async function planJobs(files: readonly PlannedFile[], formats: readonly Format[] = allFormats): Promise<SourceJob[]> {
  const sniffed: (PlannedFile & { format: Format | null })[] = [];
  for (const planned of files) sniffed.push({ ...planned, format: await sniff(planned.file, formats) });
  const isCapture = (format: Format | null) => format?.unit === "frame";
  const captureFiles: CaptureFile[] = sniffed.filter(({ format }) => isCapture(format)).map(({ source, file, format }) => ({ source, path: file.path, format: format!.id }));
  const points = groupCapturePoints(captureFiles);
  const segments = points.length > 1;
  const bySource = new Map(sniffed.map((planned) => [planned.source, planned]));
  const jobs: SourceJob[] = points.map((point) => ({ files: point.map(({ source }) => bySource.get(source)!), segments, hash: true }));
  for (const planned of sniffed) if (!isCapture(planned.format)) jobs.push({ files: [planned], segments, hash: true });
  return jobs.sort((a, b) => a.files[0]!.source - b.files[0]!.source);
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
      const lines = new TextDecoder(encoding.startsWith("utf") ? encoding : "latin1").decode(known).split(/\r\n|\n|\r/);
      const texts = formats.filter((format) => format.kind === "text" && format.detect(lines));
      return texts.find((format) => format.unit === "frame") ?? texts[0] ?? null;
    } finally {
      await source.close();
    }
  } catch {
    return null;
  }
}
