const MIB = 1 << 20;

/** How much a bundle's archives may ask of the machine. Every field can be raised or lowered; sizes are bytes after inflating. */
export interface ContainerLimits {
  /** Entries of all archives of the bundle together. */
  readonly entries: number;
  /** One entry; what is longer is cut. */
  readonly entryBytes: number;
  /** All entries together, nested archives included. */
  readonly totalBytes: number;
  /** Inflated size over compressed size, beyond the first `FREE_BYTES` of an entry. */
  readonly ratio: number;
  /** Archives inside each other; an archive that is not nested has depth 1. */
  readonly depth: number;
  /** Held in memory for archives that are compressed inside others and cannot be read in place, all together. */
  readonly bufferBytes: number;
  /** Inflated again to reach entries in the middle of large compressed tar archives, all together. */
  readonly rereadBytes: number;
  /** Time for listing archives, by the clock that is lent; without one there is no limit. */
  readonly milliseconds: number;
}

/** Inflated bytes of an entry that no ratio is asked of: small files of blanks shrink to next to nothing. */
export const FREE_BYTES = 16 * MIB;

export const defaultLimits: ContainerLimits = {
  // A bundle with a thousand command outputs is large; ten times that is still listed in a second.
  entries: 10_000,
  // Longer captures exist, but are not sent around in archives.
  entryBytes: 16 * 1024 * MIB,
  totalBytes: 64 * 1024 * MIB,
  // Deflate reaches 1032 on zeros; event logs reach 30, captures of zero-filled payload somewhat over 100.
  ratio: 200,
  depth: 8,
  bufferBytes: 256 * MIB,
  rereadBytes: 64 * 1024 * MIB,
  milliseconds: 5 * 60_000,
};
