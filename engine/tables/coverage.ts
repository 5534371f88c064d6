/**
 * What a source could have shown: the ground on which absence is earned. A source that was read whole and speaks for a
 * host, a side and a span of time lets "no such row" be true there; anywhere else it stays unknown.
 */
export interface Coverage {
  readonly table: string;
  /** Index of the source in the bundle; -1 for what was gathered from several. */
  readonly source: number;
  /** Addresses and names of the machine the source speaks for; null if nothing tells. */
  readonly host: readonly string[] | null;
  readonly side: "client" | "server" | null;
  /** First and last moment covered, nanoseconds since the Unix epoch; null for a source that is not about a time span. */
  readonly from: bigint | null;
  readonly to: bigint | null;
  /** False if anything was cut off, filtered out, sampled or unreadable; `why` then says what. */
  readonly complete: boolean;
  readonly why?: string;
  /** What a claim of completeness rests on where the source does not show it by itself, in words. */
  readonly assumes?: string;
  /** Why the source shows no such rows at all, though its kind could; whatever else is said of it and the table then does not count. */
  readonly blind?: string;
  /** Where the source shows only some values of a column, which: `{ protocol: ["tcp"] }` of `netstat -p tcp`; none where its rows do not say. */
  readonly only?: Readonly<Record<string, readonly (string | number)[]>>;
}
