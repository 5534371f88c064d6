import { Type } from "typebox";
import type { ReferenceKind } from "../../engine/catalogue/catalogue.ts";
import { caseListSchema, documentSchemas, referenceTableSchemas } from "../../engine/catalogue/document-schema.ts";
import { cursor, limit, next, oneOf, text } from "./fields.ts";

const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
const STATUSES = ["experimental", "test", "stable", "deprecated"] as const;
export const KINDS = ["updates", "ports", "registry", "errors", "events"] as const satisfies readonly ReferenceKind[];

/** What the server adds to the catalogue's lists: paging. */
export const casePageSchema = Type.Object(
  { ...caseListSchema.properties, next },
  { $id: "CasePage", description: "Cases that fit, a page of them; `count` is of all that fit" },
);

/** A table of reference data; entries are those of its kind. */
export const referencePageSchema = Type.Object(
  {
    kind: oneOf(KINDS, "Kind of entries"),
    as_of: text("Newest date of its entries; empty if there are none"),
    count: Type.Integer({ minimum: 0, description: "Entries of this kind" }),
    entries: Type.Array(Type.Union(["Update", "Port", "RegistryValue", "ErrorCode", "Event"].map((name) => Type.Ref(name))), {
      description: "In order of id",
    }),
    next,
  },
  { $id: "ReferencePage", description: "Reference data of one kind, a page of it" },
);

/** The catalogue's documents, without the whole tables, which the server pages. */
export const catalogueSchemas = documentSchemas.filter(
  ({ $id }) => $id !== caseListSchema.$id && !Object.values(referenceTableSchemas).some((table) => table.$id === $id),
);

export const caseQuery = Type.Object(
  {
    area: Type.Optional(text("Only of this area")),
    product: Type.Optional(text("Only about this product")),
    protocol: Type.Optional(text("Only about this protocol")),
    level: Type.Optional(oneOf(LEVELS, "Only of this level")),
    status: Type.Optional(oneOf(STATUSES, "Only of this status")),
    table: Type.Optional(text("Only such whose evidence reads this table")),
    limit: limit(100, 1000),
    cursor,
  },
  { additionalProperties: false },
);
