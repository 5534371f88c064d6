import { RE2JS } from "re2js";

/** Tests one text; case was settled when the test was made. */
export type TextTest = (text: string) => boolean;

const fold = (text: string, cased: boolean) => (cased ? text : text.toLowerCase());

export function textEquals(wanted: string, cased: boolean): TextTest {
  const parts = splitWildcards(wanted);
  if (parts === null) {
    const plain = fold(unescaped(wanted), cased);
    return cased ? (text) => text === plain : (text) => text.length === plain.length && text.toLowerCase() === plain;
  }
  const folded = parts.map((part) => part.map((piece) => (piece === null ? null : fold(piece, cased))));
  return (text) => globMatches(folded, fold(text, cased));
}

export function textContains(wanted: string, cased: boolean): TextTest {
  const plain = fold(wanted, cased);
  return (text) => fold(text, cased).includes(plain);
}

export function textStarts(wanted: string, cased: boolean): TextTest {
  const plain = fold(wanted, cased);
  return (text) => fold(text.slice(0, wanted.length), cased) === plain;
}

export function textEnds(wanted: string, cased: boolean): TextTest {
  const plain = fold(wanted, cased);
  return (text) => wanted === "" || fold(text.slice(-wanted.length), cased) === plain;
}

/** A linear-time regular expression (RE2 syntax), found anywhere in the text. Throws for what RE2 does not have. */
export function textMatches(pattern: string, ignoreCase: boolean): TextTest {
  const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => compiled.test(text);
}

/** Whether a plain value has `*` or `?` in it that is not escaped: Sigma's wildcards. */
export function hasWildcards(wanted: string): boolean {
  return splitWildcards(wanted) !== null;
}

/** A backslash escapes `*`, `?` and a backslash before one of them; anywhere else it is itself, as in Windows paths. */
export function unescaped(wanted: string): string {
  return wanted.replace(/\\([*?]|\\(?=\\*[*?]))/g, "$1");
}

/** Runs between `*`, each a list of single characters or null for `?`; null if there is no wildcard. */
function splitWildcards(wanted: string): (string | null)[][] | null {
  let found = false;
  const parts: (string | null)[][] = [[]];
  for (let i = 0; i < wanted.length; i++) {
    const [here, next] = [wanted[i]!, wanted[i + 1]];
    if (here === "\\" && (next === "*" || next === "?" || (next === "\\" && /^\\*[*?]/.test(wanted.slice(i + 2))))) {
      parts.at(-1)!.push(next);
      i++;
    } else if (here === "*") {
      found = true;
      parts.push([]);
    } else if (here === "?") {
      found = true;
      parts.at(-1)!.push(null);
    } else parts.at(-1)!.push(here);
  }
  return found ? parts : null;
}

function runAt(run: readonly (string | null)[], text: string, at: number): boolean {
  if (at + run.length > text.length) return false;
  for (let i = 0; i < run.length; i++) if (run[i] !== null && run[i] !== text[at + i]) return false;
  return true;
}

/** Greedy leftmost matching of the inner runs is enough for globs: no backtracking. */
function globMatches(runs: readonly (readonly (string | null)[])[], text: string): boolean {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  if (runs.length === 1) return text.length === first.length && runAt(first, text, 0);
  if (!runAt(first, text, 0)) return false;
  let at = first.length;
  for (const run of runs.slice(1, -1)) {
    while (at + run.length <= text.length && !runAt(run, text, at)) at++;
    if (at + run.length > text.length) return false;
    at += run.length;
  }
  return text.length - last.length >= at && runAt(last, text, text.length - last.length);
}
