import { indexedWordsOf } from "./words.ts";

/** Text with the ranges of what was found in it: UTF-16 offsets, in order, not touching. */
export interface Marked {
  readonly text: string;
  readonly marks: readonly (readonly [number, number])[];
}

const LONGEST = 220;
/** Characters shown before the first mark of a text that had to be cut. */
const BEFORE = 40;

export function marked(text: string, terms: ReadonlySet<string>): Marked {
  const ranges = indexedWordsOf(text)
    .filter(({ term }) => terms.has(term))
    .map(({ from, to }): [number, number] => [from, to])
    .sort(([a, b], [c, d]) => a - c || d - b);
  const marks: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = marks.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else marks.push([from, to]);
  }
  return { text, marks };
}

/** The sentence that shows most of what was found, the first of them where several do, cut to a few lines. */
export function snippet(texts: readonly string[], terms: ReadonlySet<string>): Marked {
  let best = marked(texts[0] ?? "", terms);
  let most = 0;
  for (const text of texts) {
    const seen = new Set(indexedWordsOf(text).flatMap(({ term }) => (terms.has(term) ? [term] : []))).size;
    if (seen > most) [best, most] = [marked(text, terms), seen];
  }
  return shortened(best);
}

function shortened({ text, marks }: Marked): Marked {
  if (text.length <= LONGEST) return { text, marks };
  const first = marks[0]?.[0] ?? 0;
  const from = first <= LONGEST - BEFORE ? 0 : wordStart(text, first - BEFORE);
  const to = from + LONGEST >= text.length ? text.length : Math.max(wordStart(text, from + LONGEST), from + 1);
  const [before, after] = [from > 0 ? "…" : "", to < text.length ? "…" : ""];
  const shift = before.length - from;
  return {
    text: before + text.slice(from, to).trimEnd() + after,
    marks: marks.filter(([start, end]) => start >= from && end <= to).map(([start, end]) => [start + shift, end + shift]),
  };
}

/** Where the word around a place begins, so that no word and no character is cut in two; the place itself in a text without spaces. */
function wordStart(text: string, at: number): number {
  const space = text.lastIndexOf(" ", at);
  if (space > at - BEFORE && space >= 0) return space + 1;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
