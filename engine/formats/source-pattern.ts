/** A pattern of `bundle.yaml` taken apart at its slashes. */
export type SourcePattern = readonly string[];

/** Takes a pattern apart; backslashes are slashes, and a leading `./` means nothing. */
export function compilePattern(text: string): SourcePattern {
  return text.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
}

/**
 * Whether a path matches: `*` stands for anything within one name, `?` for one character, `**` for any number of folders. A
 * pattern that names a folder or an archive matches everything in it. Time grows with the product of the two lengths at most.
 */
export function matchesPattern(pattern: SourcePattern, path: string): boolean {
  let states = [0];
  for (const name of path.split("/")) {
    const next = new Set<number>();
    for (let state of states) {
      for (; pattern[state] === "**"; state++) next.add(state);
      if (state < pattern.length && matchesName(pattern[state]!, name)) next.add(state + 1);
    }
    if (next.has(pattern.length)) return pattern.length > 0;
    states = [...next];
  }
  return pattern.length > 0 && states.some((state) => pattern.slice(state).every((part) => part === "**"));
}

/** Wildcards within one name: on a mismatch the last `*` takes one character more. */
function matchesName(pattern: string, name: string): boolean {
  let [at, position, star, resume] = [0, 0, -1, 0];
  while (position < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      resume = position;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
