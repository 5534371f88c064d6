import type { Citation } from "../tables/table.ts";
import { ranked } from "../verdicts/ranking.ts";
import type { EvidenceOutcome, RuleOutcome } from "../verdicts/verdict.ts";
import type { CitedSession } from "./cited-session.ts";
import type { Quotes } from "./quote.ts";
import type { Finding, Ladder, ReportCitation, ReportEvidence, VerdictName } from "./report.ts";
import { sessionLadder } from "./session-ladder.ts";

/** What a second pass over the sources gave, by source. */
export interface QuotedSources {
  readonly paths: readonly string[];
  readonly quotes: ReadonlyMap<number, Quotes>;
  /** Where each source's flow requests start, by rule: the session's points in order, as index into the source's flows. */
  readonly flows: ReadonlyMap<string, readonly number[]>;
  readonly sessions: ReadonlyMap<string, CitedSession>;
}

/** Turns outcomes into the report's findings, those of `all` rules or only the ones worth reporting. */
export function findingsOf(outcomes: readonly RuleOutcome[], quoted: QuotedSources, all: boolean): Finding[] {
  return ranked(outcomes.filter((outcome) => all || outcome.finding)).map((outcome) => findingOf(outcome, quoted));
}

export function countVerdicts(outcomes: readonly RuleOutcome[]): Record<VerdictName, number> {
  const counts: Record<VerdictName, number> = { matched: 0, ruled_out: 0, inconclusive: 0, not_applicable: 0, error: 0 };
  for (const { verdict } of outcomes) counts[verdict]++;
  return counts;
}

function findingOf(outcome: RuleOutcome, quoted: QuotedSources): Finding {
  const { rule, verdict, summary, reason, missing, filters } = outcome;
  return {
    rule: rule.id,
    title: rule.title,
    level: rule.level,
    verdict,
    summary,
    evidence: outcome.evidence.map((evidence) => reportEvidence(evidence, quoted)),
    missing: [...missing],
    resolutions: verdict === "matched" || verdict === "inconclusive" ? [...rule.resolutions] : [],
    verify: [...rule.verify],
    filters: [...filters],
    ladder: ladderOf(rule.id, quoted),
    article: rule.article,
    ...(reason === null ? {} : { reason }),
  };
}

function reportEvidence(
  { name, about, outcome, rows, citations, provenBy, notes, lead }: EvidenceOutcome,
  quoted: QuotedSources,
): ReportEvidence {
  const proof = provenBy.map((source) => quoted.paths[source]).filter((path) => path !== undefined);
  return {
    name,
    about,
    outcome,
    rows,
    citations: citations.map((citation) => reportCitation(citation, quoted)),
    notes: [...notes, ...(proof.length > 0 ? [`read whole: ${proof.join(", ")}`] : [])],
    ...(!lead && { lead }),
  };
}

function reportCitation({ source, unit, at }: Citation, { paths, quotes }: QuotedSources): ReportCitation {
  const found = quotes.get(source);
  const text = (unit === "frame" ? found?.frames : found?.lines)?.get(at) ?? "";
  return { source: paths[source] ?? "", unit, at, text };
}

function ladderOf(rule: string, { sessions, flows, quotes, paths }: QuotedSources): Ladder | null {
  const session = sessions.get(rule);
  if (!session) return null;
  const of = (citations: readonly Citation[], source: number) =>
    new Set(citations.filter((citation) => citation.source === source && citation.unit === "frame").map((citation) => citation.at));
  const points = session.points.map(({ source, side, key }, index) => ({
    source: paths[source] ?? "",
    side,
    client: `${key.clientIp}:${key.clientPort}`,
    server: `${key.serverIp}:${key.serverPort}`,
    packets: quotes.get(source)?.flows[flows.get(rule)?.[index] ?? -1] ?? [],
    cited: of(session.cited, source),
    lost: of(session.lost, source),
    foreign: of(session.foreign, source),
  }));
  return sessionLadder(session.title, points);
}
