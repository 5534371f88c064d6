/** Addresses of the site beside those every door knows (`engine/catalogue/addresses.ts`). */

export function tableAddress(table: string): string {
  return `authors/tables/#${table}`;
}

/** Address of one page of a list; the first is the list's own. */
export function pageAddress(folder: string, number: number): string {
  return number === 1 ? folder : `${folder}${number}/`;
}
