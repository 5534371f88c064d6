import { type TSchema, Type } from "typebox";
import { ID_PATTERN } from "../ids.ts";

/** Words that several schemas are made of. */
export const id = (description: string) => Type.String({ pattern: ID_PATTERN, description });
export const text = (description: string) => Type.String({ description });
export const time = (description: string) => Type.String({ format: "date-time", description: `${description}; RFC 3339, UTC` });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const oneOf = <const V extends string[]>(values: readonly [...V], description: string) =>
  Type.Enum<V>(values, { type: "string", description });

export const idParams = (what: string) =>
  Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: `Id of the ${what}` }) });

export const idempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ pattern: "^[\\x21-\\x7e]{1,255}$", description: "Repeating a request with the same key has no further effect" }),
  ),
});

/** Paging by the last row of the page before. */
export const cursor = Type.Optional(Type.String({ maxLength: 300, description: "`next` of the page before; none for the first page" }));
export const limit = (standard: number, most: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: standard, description: "Most entries of a page" }));
export const next = orNull(text("`cursor` of the next page; null on the last"));

/** RFC 3339, UTC, milliseconds. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function instantOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : instant(milliseconds);
}
