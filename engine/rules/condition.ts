import { suggestion } from "../queries/problem.ts";
import { textEquals } from "../queries/text-match.ts";
import { both, either, FALSE, not, TRUE, type Truth } from "../queries/truth.ts";
import type { Polarity } from "../queries/vectors.ts";

/** A condition with negation pushed to its leaves. */
export type Condition =
  | { readonly kind: "leaf"; readonly name: string; readonly negated: boolean }
  | { readonly kind: "all" | "any"; readonly parts: readonly Condition[] };

export interface ConditionProblem {
  /** Where in the text, from 0. */
  readonly offset: number;
  readonly code: "bad-condition" | "unknown-name" | "empty-group";
  readonly message: string;
}

export interface ParsedCondition {
  /** Null if there was a problem. */
  readonly condition: Condition | null;
  readonly problems: readonly ConditionProblem[];
}

interface Token {
  readonly text: string;
  readonly offset: number;
}

type Tree =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "not"; readonly part: Tree }
  | { readonly kind: "all" | "any"; readonly parts: readonly Tree[] };

/** `2 of …` is written out as alternatives; beyond this many it is an error. */
const MAX_COMBINATIONS = 256;
const MAX_DEPTH = 64;
const NAME = /^[A-Za-z_][\w]*$/;

/** Parses Sigma's condition line: names, `and`, `or`, `not`, brackets, `1 of x*`, `all of them`, `2 of a, b, c`. */
export function parseCondition(text: string, names: readonly string[]): ParsedCondition {
  const problems: ConditionProblem[] = [];
  const parser = new Parser(text, names, problems);
  const tree = parser.parse();
  return { condition: tree && problems.length === 0 ? pushed(tree, false) : null, problems };
}

class Parser {
  private readonly tokens: Token[];
  private readonly names: readonly string[];
  private readonly problems: ConditionProblem[];
  private readonly end: number;
  private at = 0;
  private depth = 0;

  constructor(text: string, names: readonly string[], problems: ConditionProblem[]) {
    this.tokens = [...text.matchAll(/[()]|,|[^\s(),]+/g)].map((match) => ({ text: match[0], offset: match.index }));
    this.names = names;
    this.problems = problems;
    this.end = text.length;
  }

  parse(): Tree | null {
    const tree = this.or();
    const left = this.tokens[this.at];
    if (tree && left) return this.fail(left.offset, `expected and, or, or the end, not ${JSON.stringify(left.text)}`);
    return tree;
  }

  private fail(offset: number, message: string, code: ConditionProblem["code"] = "bad-condition"): null {
    this.problems.push({ offset, code, message });
    return null;
  }

  private peek(word: string): boolean {
    return this.tokens[this.at]?.text.toLowerCase() === word;
  }

  private or(): Tree | null {
    return this.chain("or", "any", () => this.chain("and", "all", () => this.unary()));
  }

  private chain(word: string, kind: "all" | "any", next: () => Tree | null): Tree | null {
    const first = next();
    if (!first) return null;
    const parts = [first];
    while (this.peek(word)) {
      this.at++;
      const part = next();
      if (!part) return null;
      parts.push(part);
    }
    return parts.length === 1 ? first : { kind, parts };
  }

  private unary(): Tree | null {
    const token = this.tokens[this.at];
    if (!token) return this.fail(this.end, "the condition ends where an evidence name should be");
    if (++this.depth > MAX_DEPTH) return this.fail(token.offset, `nested deeper than ${MAX_DEPTH}`);
    const tree = this.operand(token);
    this.depth--;
    return tree;
  }

  private operand(token: Token): Tree | null {
    this.at++;
    const word = token.text.toLowerCase();
    if (word === "not") {
      const part = this.unary();
      return part && { kind: "not", part };
    }
    if (token.text === "(") return this.group(token);
    if (this.peek("of") && (word === "all" || word === "any" || /^\d+$/.test(word))) return this.quantified(token);
    if (word === "and" || word === "or" || token.text === ")" || token.text === ",")
      return this.fail(token.offset, `expected an evidence name, not ${JSON.stringify(token.text)}`);
    return this.name(token);
  }

  private name(token: Token): Tree | null {
    if (this.names.includes(token.text)) return { kind: "name", name: token.text };
    if (!NAME.test(token.text)) return this.fail(token.offset, `${JSON.stringify(token.text)} is not an evidence name`);
    // Go on, so that every unknown name of the line is reported.
    this.fail(token.offset, `no evidence is called ${JSON.stringify(token.text)}${suggestion(token.text, this.names)}`, "unknown-name");
    return { kind: "name", name: token.text };
  }

  private group(open: Token): Tree | null {
    if (this.tokens[this.at]?.text === ")") return this.fail(open.offset, "an empty group", "empty-group");
    const tree = this.or();
    if (!tree) return null;
    if (this.tokens[this.at]?.text !== ")") return this.fail(open.offset, "this bracket is not closed");
    this.at++;
    return tree;
  }

  /** `1 of x*`, `all of them`, `2 of a, b, c`. */
  private quantified(token: Token): Tree | null {
    this.at++;
    const listed = this.tokens[this.at];
    if (!listed) return this.fail(this.end, "of needs evidence names");
    const members: string[] = [];
    do {
      const pattern = this.tokens[this.at++];
      if (!pattern) return this.fail(this.end, "the condition ends where an evidence name should be");
      if (!this.members(pattern, members)) return null;
    } while (this.tokens[this.at]?.text === "," && this.at++ >= 0);
    const distinct = [...new Set(members)];
    const word = token.text.toLowerCase();
    const needed = word === "all" ? distinct.length : word === "any" ? 1 : Number(word);
    if (needed < 1 || needed > distinct.length) return this.fail(token.offset, `${token.text} of ${distinct.length} cannot be met`);
    const parts = distinct.map((name): Tree => ({ kind: "name", name }));
    if (needed === parts.length) return parts.length === 1 ? parts[0]! : { kind: "all", parts };
    if (needed === 1) return { kind: "any", parts };
    const combinations = choose(parts, needed);
    return combinations
      ? { kind: "any", parts: combinations.map((some) => ({ kind: "all", parts: some })) }
      : this.fail(token.offset, `${token.text} of ${parts.length} has more than ${MAX_COMBINATIONS} combinations`);
  }

  private members(pattern: Token, into: string[]): boolean {
    if (pattern.text.toLowerCase() === "them") into.push(...this.names);
    else if (pattern.text.includes("*")) {
      const found = this.names.filter(textEquals(pattern.text, true));
      if (found.length === 0) {
        this.fail(pattern.offset, `no evidence name matches ${JSON.stringify(pattern.text)}`, "empty-group");
        return false;
      }
      into.push(...found);
    } else {
      const tree = this.name(pattern);
      if (tree?.kind !== "name") return false;
      into.push(tree.name);
    }
    return true;
  }
}

/** All ways to take so many; null if there are too many ways. */
function choose<T>(all: readonly T[], count: number): T[][] | null {
  let found: T[][] = [[]];
  for (const [index, one] of all.entries()) {
    const left = all.length - index - 1;
    found = found.flatMap((some) => [...(some.length < count ? [[...some, one]] : []), ...(some.length + left >= count ? [some] : [])]);
    if (found.length > MAX_COMBINATIONS) return null;
  }
  return found;
}

/** De Morgan: not reaches only names. */
function pushed(tree: Tree, negated: boolean): Condition {
  if (tree.kind === "name") return { kind: "leaf", name: tree.name, negated };
  if (tree.kind === "not") return pushed(tree.part, !negated);
  return { kind: (tree.kind === "all") === negated ? "any" : "all", parts: tree.parts.map((part) => pushed(part, negated)) };
}

/** The condition's value in strong Kleene logic. */
export function evaluateCondition(condition: Condition, truthOf: (name: string, negated: boolean) => Truth): Truth {
  if (condition.kind === "leaf") {
    const truth = truthOf(condition.name, condition.negated);
    return condition.negated ? not(truth) : truth;
  }
  const join = condition.kind === "all" ? both : either;
  let result: Truth = condition.kind === "all" ? TRUE : FALSE;
  for (const part of condition.parts) {
    result = join(result, evaluateCondition(part, truthOf));
    if (result === (condition.kind === "all" ? FALSE : TRUE)) break;
  }
  return result;
}

/** How the condition uses each name. */
export function polarities(condition: Condition, into: Map<string, Polarity> = new Map()): Map<string, Polarity> {
  if (condition.kind !== "leaf") for (const part of condition.parts) polarities(part, into);
  else {
    const here: Polarity = condition.negated ? "negative" : "positive";
    const before = into.get(condition.name);
    into.set(condition.name, before === undefined || before === here ? here : "mixed");
  }
  return into;
}
