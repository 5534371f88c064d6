import { type TSchema, Type } from "typebox";
import { recipeSchema, referenceSchemas } from "../rules/knowledge-schema.ts";
import { ruleFileSchema } from "../rules/schema.ts";
import type { ReferenceKind } from "./catalogue.ts";

/**
 * The documents of a catalogue as JSON Schemas, each named by its `$id`, for the static API and the server's. Those that are not a file
 * of the knowledge base stay open: fields may be added, and a reader must pass over those it does not know.
 */

const text = (description: string) => Type.String({ description });
const texts = (description: string) => Type.Array(Type.String(), { description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const day = (description: string) => Type.String({ pattern: "^(\\d{4}-\\d{2}-\\d{2})?$", description });
const address = text("Address of its page on the site, relative to the site's own");
const { level, status } = ruleFileSchema.properties;

/** A schema whose name its type knows too. */
type Named<T extends TSchema = TSchema> = T & { readonly $id: string };
const named = <T extends TSchema>(schema: T) => schema as Named<T>;

const evidenceSchema = named(
  Type.Object(
    {
      name: text("Name in the condition"),
      about: text("What it looks for"),
      table: Type.Union([Type.String(), Type.Null()], { description: "Table it reads; null for a sequence of other evidence" }),
      where: Type.Array(Type.Array(Type.String()), {
        description: "What a row has to fulfil, a predicate each in plain words; any of the lists, all of its predicates",
      }),
      belongs: texts("How its rows belong to other evidence, in plain words"),
      counted: texts("How rows are taken together and counted, in plain words"),
      expect: text("`some`, `none`, `unseen`, `at least 3`"),
      source: text("The block as the rule has it, YAML"),
    },
    { $id: "Evidence", description: "One piece of evidence a case rests on" },
  ),
);

const resolutionSchema = named(
  Type.Object(
    {
      kind: text("`update`, `registry`, `firewall`, `configuration`, `driver`, `service`, `certificate`, `contact`, `investigate`"),
      text: text("What to do, in a sentence"),
      kb: Type.Optional(text("Number in the maker's knowledge base, `KB2621440`")),
      product: Type.Optional(text("Product id")),
      key: Type.Optional(text("Registry key")),
      value: Type.Optional(text("Registry value's name")),
      type: Type.Optional(text("Registry value's type")),
      data: Type.Optional(text("Registry value's data, as text")),
      protocol: Type.Optional(text("`tcp` or `udp`")),
      ports: Type.Optional(texts("Ports to open")),
      direction: Type.Optional(text("`inbound`, `outbound` or `both`")),
      url: Type.Optional(text("Where it is described")),
      risk: Type.Optional(text("What may go wrong")),
      restart: Type.Optional(Type.Boolean({ description: "Takes effect after a restart" })),
    },
    { $id: "Resolution", description: "What to change; the facts beside the text depend on the kind" },
  ),
);

const summary = {
  id: text("Id, the name of its rule"),
  area: text("Folder of the rule"),
  title: text("The case in a sentence"),
  status,
  level,
  products: texts("Products it is found on"),
  symptoms: texts("What a person notices"),
  protocols: texts("Protocols it is about"),
  updated: day("Day its article was last revised; empty if it has none"),
};

export const caseSchema = named(
  Type.Object(
    {
      ...summary,
      evidence: Type.Array(Type.Ref("Evidence"), { description: "What it rests on, in the order of the rule" }),
      condition: text("How the evidence decides: names with and, or, not and brackets"),
      summary: text("Line that a finding shows, with {evidence.column} to be filled in"),
      resolutions: Type.Array(Type.Ref("Resolution"), { description: "What to change" }),
      verify: texts("How to tell that it worked"),
      filters: texts("Wireshark display filters, with {evidence.column} to be filled in"),
      falsepositives: texts("What may look like it and is not"),
      references: texts("Further reading"),
      collect: texts("Recipes that gather what its evidence reads"),
      related: texts("Cases to compare"),
      competes_with: texts("Cases that share a symptom with it"),
      yields_to: texts("More particular cases it stands back for"),
      sections: Type.Array(Type.Object({ title: text("Heading"), markdown: text("What stands below it, Markdown without HTML") }), {
        description: "The article in order; links in it are those of the knowledge base's own files",
      }),
    },
    { $id: "Case", description: "One case: rule and article together" },
  ),
);

export const caseSummarySchema = named(
  Type.Object({ ...summary, page: address }, { $id: "CaseSummary", description: "A case as a list names it" }),
);

const knowledge = {
  version: text("Version of Casebook"),
  digest: text("`sha256:…` over the rules"),
  data_as_of: day("Newest date in the reference data"),
};

export const caseListSchema = named(
  Type.Object(
    { ...knowledge, count: count("Cases"), cases: Type.Array(Type.Ref("CaseSummary"), { description: "In order of id" }) },
    { $id: "CaseList", description: "Every case" },
  ),
);

const recipeDocumentSchema = named(
  Type.Object(
    {
      ...recipeSchema.properties,
      stop: Type.Array(recipeSchema.properties.start.items, { description: "As soon as it has been seen; may be empty" }),
      cases: texts("Cases whose evidence it gathers"),
    },
    { $id: "Recipe", description: "How to gather one kind of evidence" },
  ),
);

export const recipeListSchema = named(
  Type.Object(
    { ...knowledge, count: count("Recipes"), recipes: Type.Array(Type.Ref("Recipe"), { description: "In order of id" }) },
    { $id: "RecipeList", description: "Every recipe" },
  ),
);

const REFERENCE_NAMES = {
  updates: ["Update", "An update, or an article of a maker's knowledge base"],
  ports: ["Port", "A port and what listens there"],
  registry: ["RegistryValue", "A registry value"],
  errors: ["ErrorCode", "An error code"],
  events: ["Event", "A Windows event"],
} as const satisfies Record<ReferenceKind, readonly [string, string]>;

/** Schema of one entry, by kind. */
export const referenceEntrySchemas = Object.fromEntries(
  Object.entries(REFERENCE_NAMES).map(([kind, [$id, description]]) => [
    kind,
    { ...referenceSchemas[kind as ReferenceKind].items, $id, description },
  ]),
) as unknown as Readonly<Record<ReferenceKind, Named>>;

/** Schema of a table, by kind: `{ kind, as_of, count, entries }`. */
export const referenceTableSchemas = Object.fromEntries(
  Object.entries(REFERENCE_NAMES).map(([kind, [name]]) => [
    kind,
    Type.Object(
      {
        kind: Type.Literal(kind),
        as_of: day("Newest date of its entries; empty if there are none"),
        count: count("Entries"),
        entries: Type.Array(Type.Ref(name), { description: "In order of id" }),
      },
      { $id: `${name}Table`, description: `Reference data: ${kind}` },
    ),
  ]),
) as unknown as Readonly<Record<ReferenceKind, Named>>;

/** Every schema, those others refer to first. */
export const documentSchemas: readonly Named[] = [
  evidenceSchema,
  resolutionSchema,
  caseSchema,
  caseSummarySchema,
  caseListSchema,
  recipeDocumentSchema,
  recipeListSchema,
  ...Object.values(referenceEntrySchemas),
  ...Object.values(referenceTableSchemas),
];
