/** What a problem is about, for programs: the last part of its `type`. */
export type ProblemKind =
  | "not-found"
  | "not-allowed"
  | "not-done"
  | "not-acceptable"
  | "bad-request"
  | "bad-upload"
  | "too-large"
  | "unsupported-type"
  | "unauthenticated"
  | "missing-scope"
  | "foreign-request"
  | "idempotency-conflict"
  | "quota-exceeded"
  | "too-many-requests"
  | "too-slow"
  | "storage-full"
  | "overloaded"
  | "unavailable"
  | "limit-exceeded"
  | "internal";

/** One field of a request and what is wrong with it. */
export interface FieldProblem {
  /** Where it is: `query/limit`, `body/rule`. */
  readonly field: string;
  readonly problem: string;
}

export interface ProblemOptions {
  /** What whoever asked can do about it, in words. */
  readonly whatToDo: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldProblem[];
  readonly cause?: unknown;
}

/** A request that is answered with an error: RFC 9457 problem details. What it says reaches whoever asked. */
export class Problem extends Error {
  readonly status: number;
  readonly kind: ProblemKind;
  readonly whatToDo: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: readonly FieldProblem[];

  constructor(status: number, kind: ProblemKind, detail: string, { whatToDo, headers = {}, fields = [], cause }: ProblemOptions) {
    super(detail, { cause });
    this.name = "Problem";
    this.status = status;
    this.kind = kind;
    this.whatToDo = whatToDo;
    this.headers = headers;
    this.fields = fields;
  }
}

/** Says when to try again, in seconds. */
export function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { "retry-after": String(seconds) };
}

/** There is nothing of that id, or it is another tenant's: both are answered with the same words. */
export function notFound(what: string): Problem {
  return new Problem(404, "not-found", `There is no such ${what}.`, {
    whatToDo: "Check the id. What was deleted, or kept for its time and then removed, is not there any more.",
  });
}
