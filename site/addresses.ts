/** Addresses of the site beside those every door knows (`engine/catalogue/addresses.ts`). */

export function tableAddress(table: string): string {
  return `authors/tables/#${table}`;
}

/** Address of one page of a list; the first is the list's own. */
export function pageAddress(folder: string, number: number): string {
  return number === 1 ? folder : `${folder}${number}/`;
}

/** What the engine knows, as the page that matches loads it. */
export const KNOWLEDGE_ADDRESS = "match/knowledge.json";

/** A bundle that shows a case, to try matching with. */
export function exampleAddress(id: string): string {
  return `match/examples/${id}.zip`;
}
