import { isMap } from "../queries/problem.ts";
import { compileSource } from "../rules/compile.ts";
import type { Port, Recipe } from "../rules/knowledge-schema.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { ruleFileSchema } from "../rules/schema.ts";
import type { Diagnostic, YamlSource } from "../rules/yaml-source.ts";
import { tableDeclarations } from "../tables/index.ts";
import type { Article } from "./article.ts";
import type { CaseDocument } from "./catalogue.ts";
import { evidenceDocuments } from "./evidence-document.ts";
import { protocolsOf } from "./protocols.ts";
import { recipesOfRule } from "./recipes-of-rule.ts";
import { schemaProblems } from "./schema-problems.ts";

/** What else is known, from which a case takes what belongs to it. */
export interface Surroundings {
  /** By `<area>/<id>`. */
  readonly articles: ReadonlyMap<string, Article>;
  readonly recipes: readonly Recipe[];
  readonly ports: readonly Port[];
}

/**
 * One case: rule and article together. A rule that cannot be asked is no case: no document, with the reasons in `problems`. One whose
 * article is missing is a case without sections.
 */
export function readCase(
  source: YamlSource,
  area: string,
  surroundings: Surroundings,
  problems: Diagnostic[],
): { readonly rule: CompiledRule; readonly document: CaseDocument | null } {
  const broken = source.problems.length > 0 ? source.problems : schemaProblems(ruleFileSchema, source);
  const { rule, diagnostics } = compileSource(source, tableDeclarations);
  problems.push(...(broken.length > 0 ? broken : diagnostics));
  const document = broken.length > 0 ? null : caseDocument(rule, source, area, surroundings, problems);
  return { rule, document };
}

function caseDocument(
  rule: CompiledRule,
  source: YamlSource,
  area: string,
  { articles, recipes, ports }: Surroundings,
  problems: Diagnostic[],
): CaseDocument | null {
  if (rule.body === null || !isMap(source.data)) return null;
  const article = articles.get(rule.article);
  if (!article) problems.push(source.diagnostic(["article"], "no-article", `there is no readable article ${rule.article}`));
  const { filter, condition, summary } = source.data;
  return {
    id: rule.id,
    area,
    title: rule.title,
    status: rule.status,
    level: rule.level,
    products: rule.products,
    symptoms: rule.symptoms,
    protocols: protocolsOf(rule.body.queries.values(), ports),
    evidence: evidenceDocuments(source, rule.body.queries),
    condition: String(condition),
    summary: String(summary),
    resolutions: rule.resolutions,
    verify: rule.verify,
    filters: filter === undefined ? [] : [filter].flat().map(String),
    falsepositives: rule.falsepositives,
    references: rule.references,
    collect: recipesOfRule(source.data, recipes).map(({ id }) => id),
    related: rule.related,
    competes_with: [],
    yields_to: rule.yieldsTo,
    updated: article?.front.updated ?? "",
    sections: article?.sections ?? [],
  };
}
