import { type ContainerLimits, FREE_BYTES } from "./limits.ts";

/** Thrown when the time for listing is over; caught where the archive is listed. */
export class TimeOver extends Error {
  override readonly name = "TimeOver";
}

/** What is left of the limits, over all archives of a bundle. */
export class Budget {
  readonly limits: ContainerLimits;
  entries: number;
  totalBytes: number;
  bufferBytes: number;
  rereadBytes: number;
  private readonly deadline: number;
  private readonly now: () => number;
  private readonly report: (bytes: number) => Promise<void>;
  private inflated = 0;
  /** Set once the caller has cancelled by rejecting a report of progress. */
  cancelled = false;

  constructor(limits: ContainerLimits, now: () => number, report: (bytes: number) => Promise<void>) {
    this.limits = limits;
    this.entries = limits.entries;
    this.totalBytes = limits.totalBytes;
    this.bufferBytes = limits.bufferBytes;
    this.rereadBytes = limits.rereadBytes;
    this.now = now;
    this.report = report;
    this.deadline = now() + limits.milliseconds;
  }

  /** Counts bytes read while listing; throws `TimeOver`, and whatever the caller throws to cancel. */
  readonly progress = async (bytes: number): Promise<void> => {
    this.inflated += bytes;
    try {
      await this.report(this.inflated);
    } catch (reason) {
      this.cancelled = true;
      throw reason;
    }
    this.checkTime();
  };

  checkTime(): void {
    if (this.now() > this.deadline) throw new TimeOver();
  }

  /** How many bytes an entry may inflate to, and which limit says so; `compressed` is null for what is not compressed. */
  allowance(compressed: number | null): { bytes: number; why: string; code: string } {
    const { entryBytes, ratio } = this.limits;
    const limits = [
      { bytes: entryBytes, code: "container.entry-size", why: `an entry may have ${entryBytes} bytes` },
      { bytes: this.totalBytes, code: "container.total-size", why: "the entries of the bundle together are too large" },
    ];
    if (compressed !== null)
      limits.push({
        bytes: Math.max(FREE_BYTES, compressed * ratio),
        code: "container.ratio",
        why: `it inflates to more than ${ratio} times its size`,
      });
    return limits.reduce((least, limit) => (limit.bytes < least.bytes ? limit : least));
  }
}
