import { Problem } from "../problem.ts";

/** A page of a list whose entries have keys in order, from after the key that `cursor` is. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (entry: T) => string,
  limit: number,
  cursor: string | undefined,
): { readonly page: readonly T[]; readonly next: string | null } {
  const start = cursor === undefined ? 0 : all.findIndex((entry) => keyOf(entry) === cursor) + 1;
  if (cursor !== undefined && start === 0) {
    const problem = "is not a `next` that this list gave, or the list has changed";
    throw new Problem(400, "bad-request", `query/cursor ${problem}.`, {
      fields: [{ field: "query/cursor", problem }],
      whatToDo: "Begin again without cursor.",
    });
  }
  const page = all.slice(start, start + limit);
  return { page, next: start + limit < all.length && page.length > 0 ? keyOf(page.at(-1)!) : null };
}
