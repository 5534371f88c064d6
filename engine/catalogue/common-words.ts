import lunr from "lunr";

const asked = new Map<string, boolean>();
/** Terms remembered; texts use few words often. */
const REMEMBERED = 10_000;

/** Whether a word is too common in English to tell anything: one of lunr's stop words. */
export function isCommon(term: string): boolean {
  const known = asked.get(term);
  if (known !== undefined) return known;
  const common = lunr.stopWordFilter(new lunr.Token(term, {})) === undefined;
  if (asked.size < REMEMBERED) asked.set(term, common);
  return common;
}
