import type { SearchResult } from "../../../engine/catalogue/search.ts";

/** `1 result`, `12 results`; `40 results and more` where a word has so many endings that not all were looked for. */
export function countText({ total, complete }: SearchResult): string {
  if (total === 0) return "No results";
  const number = `${total.toLocaleString("en")} result${total === 1 ? "" : "s"}`;
  return complete ? number : `${number} and more`;
}

/** How the question was understood, where not to the letter. */
export function remarks({ corrected, ignored, loosened, total }: SearchResult): string[] {
  const listed = (words: readonly string[]) => words.map((word) => `“${word}”`).join(", ");
  const said = total === 0 ? [] : corrected.map(({ word, as }) => `Nothing holds “${word}”; searched for ${listed(as.slice(0, 3))}.`);
  if (ignored.length > 0) said.push(`Not searched for: ${listed(ignored.slice(0, 5))}.`);
  if (loosened) said.push("The phrase stands nowhere as such; these have its words.");
  return said;
}

export const UNREACHABLE = "The search cannot be loaded. The index below lists everything.";
