import type { ByteSource } from "../bytes/byte-source.ts";
import type { Inflater } from "./inflater.ts";

/** Ways in which compressed data can disagree with itself. */
export type InflateProblem =
  | "truncated"
  | "corrupt"
  | "checksum"
  | "longer-than-stated"
  | "shorter-than-stated"
  | "trailing-data"
  | "limit";

export interface InflateJob {
  readonly method: "deflate" | "gzip";
  /** Opens the compressed bytes; again if they turn out damaged, to get as near to the break as possible. */
  open(): Promise<ByteSource>;
  /** Inflated size the archive states; null if it states none. */
  readonly size: number | null;
  /** CRC-32 the archive states; a gzip member carries its own. */
  readonly crc: number | null;
  /** Inflated bytes after which to stop in any case. */
  readonly limit: number;
  readonly inflater: Inflater;
  /** Called at most once, with the first problem met. */
  problem(kind: InflateProblem): void;
}

/** What leaves an inflater: counted, cut at the limits, compared with what the archive states. */
export class Outflow {
  private readonly job: InflateJob;
  /** Inflated bytes handed over. */
  produced = 0;
  /** Nothing more will be handed over. */
  done = false;
  private reported = false;

  constructor(job: InflateJob) {
    this.job = job;
  }

  /** What of a piece may be handed over. */
  admit(piece: Uint8Array): Uint8Array {
    const { size, limit } = this.job;
    const room = Math.min(limit, size ?? limit) - this.produced;
    const admitted = piece.subarray(0, room);
    this.produced += admitted.length;
    if (piece.length > room) {
      this.done = true;
      this.report(size !== null && size <= limit ? "longer-than-stated" : "limit");
    }
    return admitted;
  }

  /** The data has come to its end and is whole by itself; `sum` is its CRC-32. */
  end(sum: number): void {
    const { size, crc, limit } = this.job;
    this.done = true;
    if (size !== null && this.produced < Math.min(size, limit)) this.report("shorter-than-stated");
    else if (crc !== null && crc !== sum) this.report("checksum");
  }

  report(problem: InflateProblem): void {
    if (this.reported) return;
    this.reported = true;
    this.job.problem(problem);
  }
}
