import type { FunnelStep, NearestMiss, QueryExplanation } from "../verdicts/explain.ts";
import { type Paint, palette } from "./ansi.ts";
import { printable, quoted } from "./printable.ts";
import { layoutRow } from "./text-layout.ts";
import { OUTCOMES } from "./wording.ts";

export interface ExplanationOptions {
  readonly colour: boolean;
  readonly width: number;
  /** Paths that citations index. */
  readonly sources: readonly string[];
}

const COUNT_WIDTH = 9;

/** Query by query: what was considered, what each predicate left, what belongs together, and the nearest miss. Ends with a line end. */
export function renderExplanation(explanations: readonly QueryExplanation[], options: ExplanationOptions): string {
  if (explanations.length === 0) return "The rule cannot be asked: casebook rules lint says why.\n";
  return explanations.map((explanation) => `${queryLines(explanation, options).join("\n")}\n`).join("\n");
}

function queryLines(query: QueryExplanation, { colour, width, sources }: ExplanationOptions): string[] {
  const paint = palette(colour);
  const signs: Readonly<Record<QueryExplanation["outcome"], Paint>> = { true: paint.green, false: paint.red, unknown: paint.yellow };
  const { sign, word } = OUTCOMES[query.outcome];
  const line = (text: string) => layoutRow(4, [{ text, width: width - 4 }]);
  const several = query.funnels.length > 1;
  return [
    `${signs[query.outcome](`${sign} ${query.name}`)}   ${word}, from ${query.table}`,
    ...line(printable(query.about)),
    ...counted(query.considered, query.considered === 1 ? "row considered" : "rows considered", width),
    ...query.funnels.flatMap((steps, index) => [...(several ? line(`alternative ${index + 1}`) : []), ...funnel(steps, width)]),
    ...counted(query.selected, `selected${query.perhaps > 0 ? `, ${query.perhaps} of them only perhaps: a cell is not known` : ""}`, width),
    ...counted(query.joined, `belong${query.joined === 1 ? "s" : ""} together with the rest of the evidence`, width),
    ...(query.nearest ? line(nearestMiss(query.nearest, sources)) : []),
    ...query.notes.flatMap((note) => line(`note: ${quoted(note)}`)),
  ];
}

function counted(count: number, what: string, width: number): string[] {
  return layoutRow(4, [
    { text: String(count).padStart(COUNT_WIDTH, "\u00a0"), width: COUNT_WIDTH },
    { text: what, width: width - COUNT_WIDTH - 6 },
  ]).map((line) => line.replaceAll("\u00a0", " "));
}

function funnel(steps: readonly FunnelStep[], width: number): string[] {
  return steps.flatMap(({ predicate, left, unknown }) =>
    counted(left, `left after ${printable(predicate)}${unknown > 0 ? ` (${unknown} with a cell that is not known)` : ""}`, width),
  );
}

function nearestMiss({ citation, failed }: NearestMiss, sources: readonly string[]): string {
  const place = citation ? `${printable(sources[citation.source] ?? "")} ${citation.unit} ${citation.at}` : "a derived row";
  const reasons = failed.map(
    ({ predicate, column, cell, truth }) =>
      `${printable(column)} is ${truth === "unknown" ? "not known" : quoted(cell, 80)}, asked for ${printable(predicate)}`,
  );
  return `nearest miss: ${place}: ${reasons.join("; ")}`;
}
