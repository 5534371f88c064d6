import type { ReferenceKind } from "./catalogue.ts";

/** Where things stand on the site: paths without leading slash, folders with a slash at the end. */

export function caseAddress(id: string): string {
  return `cases/${id}/`;
}

export function recipeAddress(id: string): string {
  return `collect/${id}/`;
}

export function areaAddress(area: string): string {
  return `areas/${area}/`;
}

export function productAddress(product: string): string {
  return `products/${product}/`;
}

/** A product's updates in the order of their builds. */
export function seriesAddress(product: string): string {
  return `reference/updates/${product}/`;
}

/** The entry's anchor on the page of its kind: `reference/updates/#kb2621440`. */
export function referenceAddress(kind: ReferenceKind, id: string): string {
  return `reference/${kind}/#${referenceAnchor(id)}`;
}

/** Id of the entry's element: its own in lower case, with nothing in it that an address would have to escape. */
export function referenceAnchor(id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
}

const ARTICLE_LINK =
  /^(?:\.\.\/)+(?:(?:collect\/([a-z0-9-]+)\.ya?ml)|(?:(?:articles\/)?[a-z0-9-]+\/([a-z0-9-]+)\.md)|(?:reference\/([a-z]+)\.ya?ml))(#.*)?$/;

/** Where a link of an article leads that names a file of the knowledge base, `../../collect/netstat.yaml`; null for every other link. */
export function articleLinkAddress(link: string): string | null {
  const [, recipe, article, reference, fragment = ""] = ARTICLE_LINK.exec(link) ?? [];
  if (recipe !== undefined) return `${recipeAddress(recipe)}${fragment}`;
  if (article !== undefined) return `${caseAddress(article)}${fragment}`;
  return reference === undefined ? null : `reference/${reference}/${fragment}`;
}
