import { Type } from "typebox";
import { FACETS } from "../../engine/catalogue/search-facets.ts";
import { count, oneOf, orNull, text } from "./fields.ts";

const KINDS = ["case", "recipe", "update", "port", "registry", "error", "event", "area", "product", "page"] as const;
const texts = (description: string) => Type.Array(Type.String(), { description });

export const entrySchema = Type.Object(
  {
    address: text("Path of its page on the site, relative to the site's root"),
    kind: oneOf(KINDS, "What it is"),
    title: text("Title"),
    text: text("One or two sentences"),
    facets: Type.Object({
      area: Type.Optional(text("Area")),
      product: Type.Optional(texts("Products")),
      protocol: Type.Optional(texts("Protocols")),
      level: Type.Optional(text("Level")),
      evidence: Type.Optional(texts("Tables its evidence reads")),
    }),
  },
  { $id: "Entry", description: "Something in the knowledge base that has an address" },
);

const marked = (description: string) =>
  Type.Object(
    {
      text: text("Text"),
      marks: Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2, maxItems: 2 }), {
        description: "Ranges of what was found, in UTF-16 units: start and end",
      }),
    },
    { description },
  );
const relation = oneOf(["itself", "within", "related"], "What was asked for itself, a range that holds it, or another face of it");
const facetCounts = Type.Object(
  Object.fromEntries(
    FACETS.map((facet) => [facet, Type.Array(Type.Object({ value: text("Value"), count: count("Hits it would leave") }))]),
  ),
  { description: "By facet, what the hits could be narrowed to" },
);

export const searchResultSchema = Type.Object(
  {
    query: text("What was searched for"),
    hits: Type.Array(
      Type.Object({
        entry: Type.Ref("Entry"),
        title: marked("Its title, with what was found"),
        snippet: marked("The sentence that shows most of what was found"),
        is: Type.Optional(text("What it is, where the query is a notation of it: `Winsock error 10060 = 0x274C`")),
        relation: Type.Optional(relation),
      }),
      { description: "Exact matches first, then by how well they fit" },
    ),
    total: count("All hits there are"),
    facets: facetCounts,
    corrected: Type.Array(Type.Object({ word: text("Word that nothing holds"), as: texts("Spellings looked for in its place") })),
    ignored: texts("Words that were not looked for: too common, or too many"),
    loosened: Type.Boolean({ description: "A quoted phrase stands nowhere as such; entries that have its words are given" }),
    next_offset: orNull(Type.Integer({ minimum: 1, description: "`offset` of the next page; null on the last" })),
  },
  { $id: "SearchResult", description: "What was found" },
);

export const lookUpSchema = Type.Object(
  {
    term: text("What was looked up"),
    matches: Type.Array(Type.Object({ entry: Type.Ref("Entry"), is: text("What it is, in a few words"), relation }), {
      description: "Best first; none where nothing has that notation",
    }),
  },
  { $id: "LookUp", description: "What a notation leads to" },
);

const chosen = (what: string) => Type.Optional(Type.String({ maxLength: 500, description: `Only ${what}; several separated by commas` }));

export const searchQuery = Type.Object(
  {
    q: Type.String({
      maxLength: 500,
      description: 'Words, all of which have to be found; "phrases"; codes, ports, KB numbers, versions in any notation',
    }),
    kind: chosen("of this kind"),
    area: chosen("of this area"),
    product: chosen("about this product"),
    protocol: chosen("about this protocol"),
    level: chosen("of this level"),
    evidence: chosen("whose evidence reads this table"),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: "Most hits" })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 0, description: "Hits to leave out at the beginning" })),
  },
  { additionalProperties: false },
);
