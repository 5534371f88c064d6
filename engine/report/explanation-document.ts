import type { NearestMiss, QueryExplanation } from "../verdicts/explain.ts";
import type { ReportCitation } from "./report.ts";

/** Why an evidence block came to what it came to, as JSON that stands by itself: a citation names its source by path, as in the report. */
export interface ExplanationDocument extends Omit<QueryExplanation, "nearest"> {
  readonly nearest: (Omit<NearestMiss, "citation"> & { readonly citation: Omit<ReportCitation, "text"> | null }) | null;
}

/** `paths` are those that citations index, `Diagnosis.paths`. */
export function explanationDocuments(queries: readonly QueryExplanation[], paths: readonly string[]): ExplanationDocument[] {
  return queries.map(({ nearest, ...query }) => ({
    ...query,
    nearest: nearest && { ...nearest, citation: located(nearest.citation, paths) },
  }));
}

function located(citation: NearestMiss["citation"], paths: readonly string[]): Omit<ReportCitation, "text"> | null {
  return citation && { source: paths[citation.source] ?? "", unit: citation.unit, at: citation.at };
}
