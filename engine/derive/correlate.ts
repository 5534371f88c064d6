import type { SourceHints } from "../formats/format.ts";
import type { Coverage } from "../tables/coverage.ts";
import type { TablePart } from "../tables/table.ts";
import { captureCoverage } from "./capture-coverage.ts";
import { machineAt } from "./capture-machine.ts";
import { correlatePair, mayMissAttempts } from "./capture-pair.ts";
import { captureRows } from "./capture-rows.ts";
import { type CaptureSide, captureSide, mostly, type Side, withSides } from "./capture-side.ts";
import { likelyPairs } from "./likely-pairs.ts";
import { OtherEnd } from "./other-end.ts";
import { PairRows } from "./pair-rows.ts";
import { pointSessions } from "./point-sessions.ts";
import type { AnalysedCapture } from "./source-result.ts";

/** What is known of a source beside its packets; lists of it are indexed by source number. */
export interface SourceFacts {
  readonly path: string;
  readonly hints: SourceHints;
  /** Format id, where it is known. */
  readonly format?: string;
}

/** Everything that comes of looking at several capture points together. */
export interface Correlation {
  /** The captures' own parts with sides filled in, then `captures`, `session_pairs`, `lost_segments`, `foreign_resets`. */
  readonly parts: TablePart[];
  /** By capture: where it was taken. */
  readonly sides: readonly CaptureSide[];
  /** What binary captures, and pairs of captures, could have shown. */
  readonly coverage: Coverage[];
}

/**
 * Works out where each capture was taken, which sessions any two of them share and what happened between. Pure: the same
 * captures in the same order give the same rows.
 */
export function correlate(captures: readonly AnalysedCapture[], sources: readonly SourceFacts[]): Correlation {
  const hints = captures.map((capture) => sources[capture.sources[0] ?? -1]?.hints ?? {});
  const inferred = captures.map((capture, index) => captureSide(capture, hints[index]!));
  const rows = new PairRows();
  const coverage: Coverage[] = [];
  const seenAt = captures.map(({ connections }) => new Array<Side | null>(connections.length).fill(null));
  const points = captures.length > 1 ? captures.map(pointSessions) : [];
  const otherEnds = captures.map((capture) => new OtherEnd(capture));
  const pairs = likelyPairs({
    points,
    hosts: inferred.map(({ host }) => host),
    mayMiss: (client, server) => mayMissAttempts(points[client]!, points[server]!, inferred[client]!, inferred[server]!),
  });
  for (const { a: i, b: j, sharing } of pairs) {
    const between = correlatePair(
      {
        a: points[i]!,
        b: points[j]!,
        sharing,
        sideA: inferred[i]!,
        sideB: inferred[j]!,
        hintsA: hints[i]!,
        hintsB: hints[j]!,
        otherEndOfA: otherEnds[i]!,
        otherEndOfB: otherEnds[j]!,
      },
      rows,
    );
    coverage.push(...between.coverage);
    for (const [index, streams] of [
      [i, between.streamsA],
      [j, between.streamsB],
    ] as const) {
      for (const [stream, side] of streams) seenAt[index]![stream] = combine(seenAt[index]![stream]!, side);
    }
  }
  const sides = inferred.map((side, index) => completed(side, seenAt[index]!, captures[index]!));
  const parts: TablePart[] = [];
  for (const [index, capture] of captures.entries()) {
    for (const part of [capture.connections, ...capture.parts])
      parts.push(otherEnds[index]!.complete(withSides(part, sides[index]!.rows), sides[index]!.rows));
    coverage.push(...captureCoverage(capture, sides[index]!, hints[index]!));
  }
  parts.push(...captureRows(captures, sides, sources), ...rows.build());
  return { parts, sides, coverage };
}

/** Nearer to the client than one point and nearer to the server than another is between them. */
function combine(known: Side | null, side: Side): Side {
  return known === null || known === side ? side : "middle";
}

/**
 * What a capture does not show by itself, another capture of the same session tells: which of the two is nearer to the
 * client. One that stands between two others is at neither end, whatever it looks like.
 */
function completed(side: CaptureSide, seenAt: readonly (Side | null)[], { connections }: AnalysedCapture): CaptureSide {
  if (side.stated) return side;
  const rows = side.rows.map((own, row) => (seenAt[row] === "middle" ? "middle" : (own ?? seenAt[row] ?? null)));
  const most = mostly(rows);
  if (most === "middle") return { ...side, rows, side: most, host: null };
  return { ...side, rows, side: side.side ?? most, host: side.host ?? machineAt(connections, rows) };
}
