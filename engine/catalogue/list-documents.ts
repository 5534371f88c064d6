import { caseAddress } from "./addresses.ts";
import type { CaseDocument, Catalogue, RecipeDocument, ReferenceKind, ReferenceTables } from "./catalogue.ts";

/** A case as a list names it. */
export type CaseSummary = Pick<
  CaseDocument,
  "id" | "area" | "title" | "status" | "level" | "products" | "symptoms" | "protocols" | "updated"
> & { readonly page: string };

interface Knowledge {
  readonly version: string;
  readonly digest: string;
  readonly data_as_of: string;
  readonly count: number;
}

/** `CaseList` of `document-schema.ts`. */
export type CaseList = Knowledge & { readonly cases: readonly CaseSummary[] };

/** `RecipeList` */
export type RecipeList = Knowledge & { readonly recipes: readonly RecipeDocument[] };

/** `UpdateTable`, `PortTable` … */
export interface ReferenceTable<K extends ReferenceKind = ReferenceKind> {
  readonly kind: K;
  readonly as_of: string;
  readonly count: number;
  readonly entries: ReferenceTables[K];
}

export function caseSummary(document: CaseDocument): CaseSummary {
  const { id, area, title, status, level, products, symptoms, protocols, updated } = document;
  return { id, area, title, status, level, products, symptoms, protocols, updated, page: caseAddress(id) };
}

export function caseList(catalogue: Catalogue): CaseList {
  return { ...knowledge(catalogue, catalogue.cases.length), cases: catalogue.cases.map(caseSummary) };
}

export function recipeList(catalogue: Catalogue): RecipeList {
  return { ...knowledge(catalogue, catalogue.recipes.length), recipes: catalogue.recipes };
}

export function referenceTable<K extends ReferenceKind>({ references }: Catalogue, kind: K): ReferenceTable<K> {
  const entries = references[kind];
  const dates = entries.map((entry) => entry.as_of).sort();
  return { kind, as_of: dates.at(-1) ?? "", count: entries.length, entries };
}

function knowledge({ version, digest, data_as_of }: Catalogue, count: number): Knowledge {
  return { version, digest, data_as_of, count };
}
