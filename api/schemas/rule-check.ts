import { Type } from "typebox";
import { reportSchema } from "../../engine/report/schema.ts";
import { count, orNull, text } from "./fields.ts";

/** Longest rule, in characters; the longest of those that come with Casebook has some 8000. */
const MAX_RULE = 256 * 1024;
/** Most cases whose test bundles a rule is tried on at once. */
const MAX_CASES = 20;

export const ruleCheckRequest = Type.Object(
  {
    rule: Type.String({ minLength: 1, maxLength: MAX_RULE, description: "The rule, YAML" }),
    bundle: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Id of a stored bundle to try it on" })),
    cases: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: MAX_CASES,
        description: "Ids of cases on whose test bundles to try it",
      }),
    ),
  },
  { additionalProperties: false },
);

export const ruleCheckSchema = Type.Object(
  {
    rule: orNull(text("Id the rule states")),
    problems: Type.Array(
      Type.Object({
        line: count("Line, from 1"),
        column: count("Column, from 1"),
        code: text("Kind of problem"),
        message: text("What is wrong"),
      }),
      { description: "Everything that is wrong with it, as casebook rules lint says it" },
    ),
    trials: Type.Array(
      Type.Object({
        name: text("Name of the bundle, or `<case>/<variant>`"),
        finding: reportSchema.properties.findings.items,
        explanation: Type.Array(Type.Ref("QueryExplanation")),
        matched: Type.Array(Type.String(), { description: "Rules that match this bundle, the submitted one included" }),
        differences: orNull(Type.Array(Type.String(), { description: "How the report differs from what the test expects" })),
      }),
      { description: "What it says of each bundle; none where its problems keep it from being asked" },
    ),
  },
  { $id: "RuleCheck", description: "What came of a submitted rule" },
);
