import { type Static, Type } from "typebox";

// Every object stays open: fields may be added, and a reader must pass over those it does not know.

const SIDES = [Type.Literal("client"), Type.Literal("server")] as const;
const side = Type.Union([...SIDES, Type.Null()], { description: "End of the session; null for either, or where nothing tells" });
const captureSide = Type.Union([...SIDES, Type.Literal("middle"), Type.Null()], {
  description: "Where it was captured; null where nothing tells",
});
const count = (description: string) => Type.Integer({ minimum: 0, description });
const text = (description: string) => Type.String({ description });
const texts = (description: string) => Type.Array(Type.String(), { description });
const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256 over the bundle's files, lower-case hexadecimal" });

const verdictName = Type.Union([
  Type.Literal("matched"),
  Type.Literal("ruled_out"),
  Type.Literal("inconclusive"),
  Type.Literal("not_applicable"),
  Type.Literal("error"),
]);

const warning = Type.Object({
  code: text("Stable name, `<format>.<what>` or `source.<what>`"),
  text: text("What went wrong, in words"),
  at: count("First frame, line or record concerned; 0 for the whole source"),
  count: count("How often"),
});

const source = Type.Object({
  path: text("Path inside the bundle"),
  format: text(
    "Format id; `unrecognised` if nothing claimed it, `refused` if it was not opened, `empty` for an empty file, `zip`, `tar`, `gz` or `tar.gz` for an archive, `bundle-yaml` for the bundle's description",
  ),
  also: Type.Optional(texts("Further formats found in the same text")),
  bytes: count("Size"),
  side: captureSide,
  host: Type.Union([Type.Array(Type.String()), Type.Null()], { description: "Addresses and names of the machine it speaks for" }),
  rows: Type.Record(Type.String(), count("Rows"), { description: "Rows it gave, by table" }),
  packets: Type.Optional(count("Packets read, where it is a capture")),
  warnings: Type.Array(warning),
});

const citation = Type.Object({
  source: text("Path of the source"),
  unit: Type.Union([Type.Literal("frame"), Type.Literal("line"), Type.Literal("record")]),
  at: Type.Integer({ minimum: 1, description: "Number, from 1, as the tool shows it that opens the source" }),
  text: text("The frame as a packet list shows it, the line, or the record's gist"),
});

const evidence = Type.Object({
  name: text("Its name in the rule"),
  about: text("What it looks for"),
  outcome: Type.Union([Type.Literal("true"), Type.Literal("false"), Type.Literal("unknown")]),
  rows: count("Rows that satisfy it"),
  citations: Type.Array(citation),
  notes: texts("Assumptions the outcome rests on, and why it is unknown where it is"),
  lead: Type.Optional(
    Type.Literal(false, {
      description: "Being true it speaks for nothing: the bundle merely does not show such a row, or the rule denies it",
    }),
  ),
});

const missing = Type.Object({
  table: text("Table that nothing in the bundle could fill"),
  side,
  collect: texts("Recipes that gather it"),
  why: text("What is missing, and why what is there does not do"),
});

// Kind-specific facts stand beside the two that every resolution has.
const resolution = Type.Intersect([
  Type.Object({ kind: text("update, registry, firewall …"), text: text("What to change") }),
  Type.Record(Type.String(), Type.Unknown()),
]);

const ladder = Type.Object(
  {
    title: text("What is drawn"),
    points: Type.Array(
      Type.Object({
        source: text("Path of the source"),
        side: captureSide,
        client: text("Client's address and port as seen there"),
        server: text("Server's address and port as seen there"),
      }),
      {
        minItems: 1,
        maxItems: 2,
        description: "Capture points, client side first",
      },
    ),
    steps: Type.Array(
      Type.Object({
        frames: Type.Array(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]), {
          description: "Frame number at each point; null where it was not seen there",
        }),
        time: Type.Number({ description: "Seconds since the first step, on the first point's clock" }),
        from: Type.Union([...SIDES]),
        text: text("The packet as a packet list shows it"),
        mark: Type.Union([
          Type.Literal("lost"),
          Type.Literal("foreign"),
          Type.Literal("retransmission"),
          Type.Literal("cited"),
          Type.Null(),
        ]),
      }),
    ),
  },
  { description: "Frames of one session in order of time" },
);

const finding = Type.Object({
  rule: text("Rule id"),
  title: text("Title of the case"),
  level: Type.Union([
    Type.Literal("informational"),
    Type.Literal("low"),
    Type.Literal("medium"),
    Type.Literal("high"),
    Type.Literal("critical"),
  ]),
  verdict: verdictName,
  summary: text("What was found, with the values of this bundle"),
  evidence: Type.Array(evidence),
  missing: Type.Array(missing),
  resolutions: Type.Array(resolution),
  verify: texts("How to tell that the fix worked"),
  filters: texts("Wireshark display filters for the cited sessions"),
  ladder: Type.Union([ladder, Type.Null()]),
  article: text("Article id, `<area>/<id>`"),
  reason: Type.Optional(text("Why, for `not_applicable` and `error`")),
});

/** JSON Schema (2020-12) of the report; `report.ts` gives the same shape to the compiler, and a test holds the two together. */
export const reportSchema = Type.Object(
  {
    report: Type.Literal(1, { description: "Version of this document's format" }),
    engine: Type.Object({
      version: text("Version of Casebook"),
      rules: Type.Object({
        count: count("Rules asked"),
        digest: Type.String({ pattern: "^sha256:[0-9a-f]{64}$", description: "Over the texts of all rules" }),
      }),
      data_as_of: text("Newest date in the reference data, `2026-11-20`; empty if it has none"),
    }),
    bundle: Type.Object({ name: text("Name of the folder, archive or file"), sha256, sources: Type.Array(source) }),
    findings: Type.Array(finding, {
      description: "Every rule that matched, and every inconclusive one with evidence that points to it; with `--all`, every rule",
    }),
    verdicts: Type.Object(
      {
        matched: count("Rules"),
        ruled_out: count("Rules"),
        inconclusive: count("Rules"),
        not_applicable: count("Rules"),
        error: count("Rules"),
      },
      { description: "How many rules came to each verdict, all of them counted" },
    ),
    collect: Type.Array(Type.Object({ recipe: text("Recipe id"), title: text("Its title"), side, for: texts("Rules it would decide") }), {
      description: "Recipes to run, those that would settle most first",
    }),
    competing: Type.Array(
      Type.Object({
        rules: texts("Rules that each explain the symptom"),
        symptom: text("What they all explain"),
        settled_by: text("What separates them"),
      }),
      { description: "Where several findings explain one symptom" },
    ),
  },
  {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Casebook report",
    description: "What `casebook match --format json` prints",
  },
);

export type ReportDocument = Static<typeof reportSchema>;
