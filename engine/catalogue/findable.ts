import { caseAddress, recipeAddress, referenceAddress } from "./addresses.ts";
import type { CaseDocument, Catalogue, Entry, RecipeDocument } from "./catalogue.ts";
import { caseKeys, errorKeys, eventKeys, type Named, portKeys, recipeKeys, registryKeys, updateKeys } from "./look-up-keys.ts";

/** Fields of the full text, by weight: a word in a title says more about an entry than the same word in its article. */
export const FIELD_BOOSTS = { title: 8, symptoms: 5, codes: 5, tags: 4, products: 3, evidence: 2, article: 1 } as const;

export type Field = keyof typeof FIELD_BOOSTS;

/** An entry with everything it can be found by. */
export interface Findable {
  readonly entry: Entry;
  /** Entries of one group share shards: the area of a case, else the kind. */
  readonly group: string;
  readonly fields: Readonly<Partial<Record<Field, readonly string[]>>>;
  /** Sentences beside the entry's own text that a snippet may be taken from. */
  readonly sentences: readonly string[];
  readonly named: Named | null;
}

/** Joins entries with the documents behind them; an entry without one (a page) is found by its own text. */
export function findablesOf(catalogue: Catalogue, entries: readonly Entry[]): Findable[] {
  const known = new Map<string, Omit<Findable, "entry" | "group">>();
  const codes = new Map<string, string[]>();
  const { updates, ports, registry, errors, events } = catalogue.references;
  const reference = <T extends { id: string; cases?: string[] }>(
    kind: keyof Catalogue["references"],
    rows: readonly T[],
    keys: (row: T) => Named,
    text: (row: T) => string[],
    tags: (row: T) => readonly string[] = () => [],
  ): void => {
    for (const row of rows) {
      const named = keys(row);
      for (const id of row.cases ?? []) codes.set(id, [...(codes.get(id) ?? []), ...named.words]);
      const fields = { codes: named.words, evidence: text(row), tags: [kind, ...tags(row)] };
      known.set(referenceAddress(kind, row.id), { fields, sentences: text(row), named });
    }
  };
  reference("updates", updates, updateKeys, (row) => (row.about === undefined ? [] : [row.about]));
  const spoken = ({ speaks = [] }: (typeof ports)[number]) => speaks;
  reference("ports", ports, portKeys, (row) => [row.service, row.about], spoken);
  reference("registry", registry, registryKeys, (row) => [row.about, row.default, row.range, row.honoured_by]);
  reference("errors", errors, errorKeys, (row) => [row.meaning]);
  reference("events", events, eventKeys, (row) => [row.meaning, ...(row.parameters ?? [])]);
  for (const one of catalogue.cases) known.set(caseAddress(one.id), ofCase(one, codes.get(one.id) ?? []));
  for (const recipe of catalogue.recipes) known.set(recipeAddress(recipe.id), ofRecipe(recipe));

  return entries.map((entry) => {
    const { fields = {}, sentences = [], named = null } = known.get(entry.address) ?? {};
    const own = { title: [entry.title], products: entry.facets.product ?? [], ...fields };
    return {
      entry,
      group: entry.kind === "case" ? (entry.facets.area ?? "case") : entry.kind,
      fields: { ...own, evidence: [...new Set([entry.text, ...(fields.evidence ?? [])])] },
      sentences: sentences.filter((sentence) => sentence !== entry.text),
      named,
    };
  });
}

function ofCase(one: CaseDocument, codes: readonly string[]): Omit<Findable, "entry" | "group"> {
  const resolutions = one.resolutions.map(({ text }) => text);
  const facts = one.resolutions.flatMap(({ kind, text, ...rest }) => Object.values(rest).filter((value) => typeof value === "string"));
  return {
    fields: {
      title: [one.title, spaced(one.id)],
      symptoms: one.symptoms,
      tags: [one.area, ...one.protocols],
      products: one.products,
      codes: [...codes, ...facts],
      evidence: [one.summary.replace(/\{[^}]*\}/g, " "), ...one.evidence.flatMap(evidenceText), ...resolutions],
      article: one.sections.filter(({ title }) => title !== "References").map(({ markdown }) => markdown),
    },
    sentences: [...one.symptoms, ...one.evidence.map(({ about }) => about), ...resolutions],
    named: caseKeys(one),
  };
}

/** Words of an id apart: all of them in one are no word. */
function spaced(id: string): string {
  return id.replaceAll("-", " ");
}

function evidenceText({ about, table, where, name }: CaseDocument["evidence"][number]): string[] {
  return [name, about, table ?? "", ...where.flat()];
}

function ofRecipe(recipe: RecipeDocument): Omit<Findable, "entry" | "group"> {
  const steps = [...recipe.start, ...recipe.stop];
  return {
    fields: {
      title: [recipe.title, spaced(recipe.id)],
      tags: ["collect", ...recipe.gathers.map(({ table }) => table)],
      evidence: [...steps.flatMap(({ text, command }) => [text, command ?? ""]), ...recipe.limits],
      article: [recipe.privacy, recipe.windows, ...recipe.bundle],
    },
    sentences: steps.map(({ text }) => text),
    named: recipeKeys(recipe),
  };
}
