import { isMap } from "../queries/problem.ts";
import type { KnowledgeText, KnowledgeTexts } from "../rules/compile-knowledge.ts";
import { type Recipe, recipeSchema } from "../rules/knowledge-schema.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { type Diagnostic, YamlSource } from "../rules/yaml-source.ts";
import { type Article, readArticle } from "./article.ts";
import { readCase } from "./case-document.ts";
import type { CaseDocument, Catalogue, RecipeDocument } from "./catalogue.ts";
import { readReferences } from "./reference-tables.ts";
import { schemaProblems } from "./schema-problems.ts";

/** Everything Casebook knows, as texts. */
export interface CatalogueTexts extends KnowledgeTexts {
  readonly articles: readonly KnowledgeText[];
  readonly references: readonly KnowledgeText[];
}

/** A catalogue, and what could not be made part of it. */
export interface BuiltCatalogue extends Catalogue {
  /** In order of file and line. A file named here is left out as far as it is broken; the rest is there. */
  readonly problems: readonly Diagnostic[];
}

/** A rule file as it was read on the way. */
export interface ReadRule {
  readonly file: KnowledgeText;
  /** What the file holds; undefined where it does not parse. */
  readonly data: unknown;
  /** The rule; one that is broken says so. */
  readonly rule: CompiledRule;
}

/**
 * Reads rules, articles, recipes and reference data into documents. Never throws for what stands in them. `hear` is told every rule as
 * it is read, for whoever needs the rules as well: parsing and compiling them is most of the work.
 */
export function buildCatalogue(texts: CatalogueTexts, hear: (rule: ReadRule) => void = () => {}): BuiltCatalogue {
  const problems: Diagnostic[] = [];
  const references = readReferences(texts.references, problems);
  const recipes = texts.recipes.flatMap((file) => readRecipe(file, problems) ?? []);
  const articles = new Map<string, Article>();
  for (const file of texts.articles) {
    const article = readArticle(file, problems);
    if (article) articles.set(file.id, article);
  }
  const cases = new Map<string, CaseDocument>();
  for (const file of texts.rules) {
    const source = new YamlSource(file.text, file.path);
    const { rule, document } = readCase(source, areaOf(file.id), { articles, recipes, ports: references.ports }, problems);
    hear({ file, data: source.problems.length === 0 ? source.data : undefined, rule });
    if (document && cases.has(document.id))
      problems.push(source.diagnostic(["id"], "duplicate-id", `there is another case ${document.id}`));
    else if (document) cases.set(document.id, document);
  }
  const documents = withRivals([...cases.values()].sort(byId));
  return {
    version: texts.version,
    digest: texts.digest,
    data_as_of: texts.dataAsOf,
    cases: documents,
    recipes: recipes.map((recipe) => recipeDocument(recipe, documents)).sort(byId),
    references,
    problems: problems.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column),
  };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Folder of a rule file, `rds` of `rds/rdp-listener-gone`; `other` for one that stands in none. */
function areaOf(id: string): string {
  return id.split("/").slice(0, -1).join("-") || "other";
}

function readRecipe({ id, path, text }: KnowledgeText, problems: Diagnostic[]): Recipe | null {
  const source = new YamlSource(text, path);
  const found = source.problems.length > 0 ? source.problems : schemaProblems(recipeSchema, source);
  problems.push(...found);
  if (found.length > 0 || !isMap(source.data)) return null;
  if (source.data.id === id) return source.data as Recipe;
  problems.push(source.diagnostic(["id"], "file-name", `the file is called ${id}, not ${String(source.data.id)}`));
  return null;
}

function recipeDocument(recipe: Recipe, cases: readonly CaseDocument[]): RecipeDocument {
  return {
    ...recipe,
    stop: recipe.stop ?? [],
    cases: cases.filter(({ collect }) => collect.includes(recipe.id)).map(({ id }) => id),
  };
}

/** Names with each case those that share a symptom with it. */
function withRivals(cases: readonly CaseDocument[]): CaseDocument[] {
  const sharing = new Map<string, string[]>();
  for (const { id, symptoms } of cases) for (const symptom of symptoms) sharing.set(symptom, [...(sharing.get(symptom) ?? []), id]);
  return cases.map((document) => {
    const rivals = new Set(document.symptoms.flatMap((symptom) => sharing.get(symptom) ?? []));
    rivals.delete(document.id);
    return { ...document, competes_with: [...rivals].sort() };
  });
}
