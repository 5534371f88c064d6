/**
 * Whether one inserted, left out, wrong or swapped letter leads from one word to the other (Damerau and Levenshtein's distance of 1); if
 * `open`, to a beginning of the other, where enough has been typed to mean it.
 */
export function isOneSlip(typed: string, known: string, open = false): boolean {
  const begins = open && typed.length >= 5;
  if (Math.abs(typed.length - known.length) > 1 && !begins) return false;
  let same = 0;
  while (same < typed.length && same < known.length && typed[same] === known[same]) same++;
  const [left, right] = [typed.slice(same), known.slice(same)];
  if (left === "" || right === "") return Math.abs(left.length - right.length) === 1;
  const matches = (a: string, b: string) => a === b || (begins && a.length >= 2 && b.startsWith(a));
  return (
    matches(left.slice(1), right.slice(1)) ||
    matches(left.slice(1), right) ||
    matches(left, right.slice(1)) ||
    (left.length > 1 && left[0] === right[1] && left[1] === right[0] && matches(left.slice(2), right.slice(2)))
  );
}
