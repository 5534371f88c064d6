import type { BundleFile } from "../bytes/byte-source.ts";
import type { SourceHints } from "../formats/format.ts";
import type { Landmark } from "../formats/frame-search.ts";
import type { Table } from "../tables/table.ts";
import type { RuleOutcome } from "../verdicts/verdict.ts";
import { type CitedSession, citedSession } from "./cited-session.ts";
import type { QuotedSources } from "./findings.ts";
import { type FlowKey, type Quotes, quoteSource } from "./quote.ts";

export interface QuotableFile {
  readonly source: number;
  readonly file: BundleFile;
  readonly hints: SourceHints;
  readonly landmarks: readonly Landmark[];
}

interface Wanted {
  readonly frames: Set<number>;
  readonly lines: Set<number>;
  readonly flows: FlowKey[];
}

/** Reads once more just what the outcomes cite, and the sessions that are to be drawn. A source that can no longer be read leaves its citations without text. */
export async function quoteFindings(
  outcomes: readonly RuleOutcome[],
  files: readonly QuotableFile[],
  tables: ReadonlyMap<string, Table>,
  sideOf: (source: number) => CitedSession["points"][number]["side"],
  breathe: () => Promise<void>,
): Promise<QuotedSources> {
  const wanted = new Map<number, Wanted>();
  const of = (source: number) => {
    const entry = wanted.get(source) ?? { frames: new Set(), lines: new Set(), flows: [] };
    wanted.set(source, entry);
    return entry;
  };
  const sessions = new Map<string, CitedSession>();
  const flows = new Map<string, number[]>();
  for (const outcome of outcomes) {
    for (const { citations } of outcome.evidence)
      for (const { source, unit, at } of citations) (unit === "frame" ? of(source).frames : of(source).lines).add(at);
    // Only a fault that was found is drawn: drawing means decoding its captures a second time.
    const table = outcome.verdict === "matched" && outcome.ladder ? tables.get(outcome.ladder.table) : undefined;
    const session = outcome.ladder && table ? citedSession(table, outcome.ladder.row, sideOf) : null;
    if (!session) continue;
    sessions.set(outcome.rule.id, session);
    for (const { source, unit, at } of session.cited) if (unit === "frame") of(source).frames.add(at);
    flows.set(
      outcome.rule.id,
      session.points.map(
        ({ source, key }) => of(source).flows.push({ ...key, ...framesOf(tables.get("tcp_connections"), source, key) }) - 1,
      ),
    );
  }
  const quotes = new Map<number, Quotes>();
  for (const { source, file, hints, landmarks } of files) {
    const request = wanted.get(source);
    if (request) quotes.set(source, await quoteSource({ file, hints, landmarks, ...request }, breathe));
  }
  const paths: string[] = [];
  for (const { source, file } of files) paths[source] = file.path;
  return { paths, quotes, flows, sessions };
}

/** Frames between which a session's packets lie in one source. */
function framesOf(connections: Table | undefined, source: number, key: FlowKey): Pick<FlowKey, "frames"> {
  if (!connections) return {};
  const ends = [
    ["client_ip", key.clientIp],
    ["client_port", key.clientPort],
    ["server_port", key.serverPort],
    ["server_ip", key.serverIp],
  ] as const;
  const readers = ends.map(([column, value]) => ({ read: connections.reader(column), value }));
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let row = 0; row < connections.length; row++) {
    if (readers.some(({ read, value }) => read(row) !== value)) continue;
    const own = [...connections.cited(row, "first_frame"), ...connections.cited(row, "last_frame")];
    // A connection that runs on into another file of its chain has no end in this one.
    if (own.length < 2 || own.some((citation) => citation.source !== source)) {
      if (own.some((citation) => citation.source === source)) return {};
      continue;
    }
    first = Math.min(first, own[0]!.at);
    last = Math.max(last, own[1]!.at);
  }
  return last === 0 ? {} : { frames: { first, last } };
}
