import { type Static, type TSchema, Type } from "typebox";
import { modifiers, otherModifiers } from "../queries/modifiers.ts";
import type { Column, TableDeclaration } from "../tables/table.ts";

/** The one declaration of a rule file: types, linter, editor schema and documentation follow from it. */

const strict = { additionalProperties: false } as const;
const name = "^[a-z][a-z0-9_]*$";
const duration = "^\\d+(\\.\\d+)?\\s*(us|ms|s|m|min|h|d)$";

const words = (description: string) => Type.String({ minLength: 1, description });
const list = <T extends TSchema>(item: T, description: string) => Type.Array(item, { minItems: 1, description });
const Duration = Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: duration })], {
  description: "Seconds, or 200ms, 1s, 2m, 1h",
});
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Operand = Type.Union([Scalar, Type.Array(Scalar, { minItems: 1 })]);
const Where = Type.Record(Type.String(), Operand, { description: "column|modifier: value, all of which must hold", minProperties: 1 });
const Reference = Type.String({ pattern: "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$", description: "evidence.column" });
const Join = Type.Record(Type.String(), Type.Union([Reference, Type.Array(Reference, { minItems: 1 }), Type.Null()]), {
  minProperties: 1,
  description:
    "column: evidence.column, all of which must be equal; a list of columns means any of them; null means that the cell is not known",
});
const Near = Type.Union([
  Duration,
  Type.Object(
    {
      within: Duration,
      order: Type.Optional(
        Type.Union([Type.Literal("after"), Type.Literal("before")], { description: "This row comes after, or before, the other" }),
      ),
      column: Type.Optional(words("Time column of this table; its declared one if left out")),
    },
    strict,
  ),
]);

const Evidence = Type.Object(
  {
    about: words("What it looks for, in words; shown in the report"),
    from: Type.Optional(words("Table")),
    of: Type.Optional(words("Another evidence name, of whose rows this one must be")),
    where: Type.Optional(
      Type.Union([Where, Type.Array(Where, { minItems: 1 })], { description: "Predicates; a list of maps means any of them" }),
    ),
    group: Type.Optional(
      Type.Union([words("Column"), list(words("Column"), "Columns")], {
        description: "Rows with equal cells in these columns are taken together",
      }),
    ),
    having: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()]), {
        minProperties: 1,
        description: "count|gte: 3, distinct(column)|gte: 2, min(column), max(column), sum(column)",
      }),
    ),
    within: Type.Optional(Duration),
    join: Type.Optional(
      Type.Union([Join, Type.Array(Join, { minItems: 1 })], {
        description: "Rows of other evidence this one belongs to; a list of maps means any of them",
      }),
    ),
    near: Type.Optional(
      Type.Record(Type.String(), Near, { minProperties: 1, description: "other, or other.time_column: how near in time" }),
    ),
    sequence: Type.Optional(
      Type.Array(Type.String(), { minItems: 2, description: "Evidence names whose rows follow each other in this order" }),
    ),
    expect: Type.Optional(
      Type.Union(
        [
          Type.Literal("some"),
          Type.Literal("none"),
          Type.Literal("unseen"),
          Type.Object({ at_least: Type.Integer({ minimum: 1 }) }, strict),
        ],
        {
          description:
            "some (default), none (absence, which has to be earned), unseen (the bundle shows none, whether or not it could), or { at_least: n }",
        },
      ),
    ),
    alternative_to: Type.Optional(
      Type.Union([words("Evidence name"), list(words("Evidence name"), "Evidence names")], {
        description: "Other evidence of the same thing: where the bundle could show that and not this, this counts as not found",
      }),
    ),
    cite: Type.Optional(
      Type.Union([words("Column"), list(words("Column"), "Columns")], {
        description: "Citation columns to show; row is the row's own place",
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, description: "Most citations to show" })),
  },
  strict,
);

const kb = Type.String({ pattern: "^KB\\d{5,8}$" });
const port = Type.String({ pattern: "^\\d{1,5}(-\\d{1,5})?$", description: "50000, or 50000-59999" });
const resolution = <K extends string, F extends Record<string, TSchema>>(kind: K, facts: F) =>
  Type.Object(
    {
      kind: Type.Literal(kind),
      text: words("What to do, in a sentence"),
      ...facts,
      kb: Type.Optional(kb),
      url: Type.Optional(words("Where it is described")),
      risk: Type.Optional(words("What may go wrong")),
      restart: Type.Optional(Type.Boolean({ description: "Takes effect after a restart" })),
    },
    strict,
  );

const resolutionKinds = [
  Type.Object(
    {
      kind: Type.Literal("update"),
      kb,
      text: words("What to do, in a sentence"),
      product: Type.Optional(words("Product id")),
      url: Type.Optional(words("Where it is described")),
      risk: Type.Optional(words("What may go wrong")),
      restart: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  resolution("registry", {
    key: words("HKLM\\…"),
    value: words("Value name"),
    type: Type.Union(["REG_DWORD", "REG_QWORD", "REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ", "REG_BINARY"].map((one) => Type.Literal(one))),
    data: words("Data, as text"),
  }),
  resolution("firewall", {
    protocol: Type.Union([Type.Literal("tcp"), Type.Literal("udp")]),
    ports: list(port, "Ports"),
    direction: Type.Union([Type.Literal("inbound"), Type.Literal("outbound"), Type.Literal("both")]),
  }),
  ...(["configuration", "driver", "service", "certificate", "contact", "investigate"] as const).map((kind) => resolution(kind, {})),
] as const;
type ResolutionFile = Static<(typeof resolutionKinds)[number]>;
/** Told apart by `kind`, so that an error is about the kind that was meant. */
const Resolution = Type.Unsafe<ResolutionFile>({
  type: "object",
  required: ["kind"],
  discriminator: { propertyName: "kind" },
  oneOf: resolutionKinds,
});

const version = Type.String({ pattern: "^\\d+(\\.\\d+)*$", description: "Dotted version; in quotes, for 1.10 is not 1.1" });
const Product = Type.Object(
  {
    product: Type.Optional(words("Product id; * stands for any text")),
    from: Type.Optional(version),
    before: Type.Optional(version),
  },
  { ...strict, minProperties: 1 },
);

export const ruleFileSchema = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", description: "The file's name" }),
    title: words("The case in a sentence"),
    status: Type.Union(
      ["experimental", "test", "stable", "deprecated"].map((one) => Type.Literal(one)),
      { description: "As in Sigma" },
    ),
    level: Type.Union(
      ["informational", "low", "medium", "high", "critical"].map((one) => Type.Literal(one)),
      { description: "As in Sigma" },
    ),
    products: Type.Optional(list(words("Product id"), "Products it is found on; for readers and search")),
    applies_to: Type.Optional(
      list(
        Type.Union([words("Product id; * stands for any text"), Product]),
        "Products and versions it can only be found on: a bundle known to be of others is not_applicable",
      ),
    ),
    symptoms: list(words("What a person notices"), "Cases that share one compete"),
    references: Type.Optional(list(words("URL"), "Further reading")),
    falsepositives: Type.Optional(list(words("What looks alike"), "What may look like this and is not")),
    evidence: Type.Record(Type.String({ pattern: name }), Evidence, { minProperties: 1, description: "What to look for, by name" }),
    condition: words("Evidence names with and, or, not, brackets, `1 of x*`, `all of x*`, `2 of a, b, c`"),
    summary: words("One line with {evidence.column} filled in; [...] is left out where what it names was not found"),
    resolutions: list(Resolution, "What to change"),
    verify: list(words("How to tell that it worked"), "How to tell that it worked"),
    filter: Type.Optional(
      Type.Union([words("Wireshark display filter"), list(words("Wireshark display filter"), "Wireshark display filters")], {
        description: "With {evidence.column} filled in",
      }),
    ),
    ladder: Type.Optional(words("Evidence name whose session is drawn")),
    article: Type.String({ pattern: "^[a-z0-9-]+/[a-z0-9-]+$", description: "kb/articles/<area>/<id>, without .md" }),
    related: Type.Optional(list(words("Rule id"), "Cases to compare")),
    yields_to: Type.Optional(
      list(
        words("Rule id"),
        "More particular cases: where one of them matches on the same frames, lines or records, this one is ruled out in its favour",
      ),
    ),
  },
  strict,
);

/** The JSON Schema of a rule file (draft 2020-12), with the names of tables and columns, so that editors complete them. */
export function ruleSchemaJson(tables: readonly TableDeclaration[]): Record<string, unknown> {
  const schema = JSON.parse(JSON.stringify(ruleFileSchema)) as {
    properties: { evidence: { patternProperties: Record<string, Record<string, unknown>> } } & Record<string, unknown>;
  };
  const [pattern, evidence] = Object.entries(schema.properties.evidence.patternProperties)[0]!;
  const properties = evidence.properties as Record<string, Record<string, unknown>>;
  properties.from = { enum: tables.map((table) => table.name), description: "Table" };
  schema.properties.evidence.patternProperties[pattern] = {
    ...evidence,
    oneOf: [{ required: ["from"] }, { required: ["of"] }, { required: ["sequence"] }],
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    allOf: tables.map((table) => ({ if: { properties: { from: { const: table.name } }, required: ["from"] }, then: tableSchema(table) })),
  };
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Casebook rule", ...schema };
}

/** What the columns of one table allow in `where`, `join`, `group` and `cite`. */
function tableSchema(table: TableDeclaration): Record<string, unknown> {
  const columns = Object.entries(table.columns);
  const names = columns.map(([column]) => column);
  const citing = [
    "row",
    ...columns.filter(([, { type }]) => type === "frame" || type === "frames" || type === "citations").map(([column]) => column),
  ];
  const where = {
    type: "object",
    properties: Object.fromEntries(
      columns.map(([column, declaration]) => [column, { description: about(declaration), ...valueSchema(declaration) }]),
    ),
    patternProperties: { [`^(${names.join("|")})\\|`]: true },
    additionalProperties: false,
  };
  const join = { type: "object", propertyNames: { enum: names } };
  const oneOrMore = (schema: object) => ({ anyOf: [schema, { type: "array", items: schema }] });
  return {
    properties: { where: oneOrMore(where), join: oneOrMore(join), group: oneOrMore({ enum: names }), cite: oneOrMore({ enum: citing }) },
  };
}

function about(column: Column): string {
  return `${column.about} (${column.type}${column.unit ? `, ${column.unit}` : ""})`;
}

function valueSchema(column: Column): object {
  if (column.type !== "enum") return {};
  const value = { enum: [...column.values!, null] };
  return { anyOf: [value, { type: "array", items: value }] };
}

/** Every modifier and what it means, for documentation. */
export const modifierMeanings: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(modifiers).map(([word, { about: meaning }]) => [word, meaning])),
  ...otherModifiers,
};
