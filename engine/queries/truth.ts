/**
 * Three-valued truth as small numbers, so that strong Kleene logic is arithmetic: and is the minimum, or the maximum,
 * not is 2 minus (S. C. Kleene, Introduction to Metamathematics, section 64).
 */
export type Truth = 0 | 1 | 2;

export const FALSE = 0;
export const UNKNOWN = 1;
export const TRUE = 2;

export type TruthName = "false" | "unknown" | "true";

const NAMES: readonly TruthName[] = ["false", "unknown", "true"];

export function truthName(truth: Truth): TruthName {
  return NAMES[truth]!;
}

export function not(truth: Truth): Truth {
  return (2 - truth) as Truth;
}

export function both(a: Truth, b: Truth): Truth {
  return a < b ? a : b;
}

export function either(a: Truth, b: Truth): Truth {
  return a > b ? a : b;
}
