import { Type } from "typebox";
import type { VerdictName } from "../../engine/report/report.ts";
import { reportSchema } from "../../engine/report/schema.ts";
import { Problem } from "../problem.ts";
import { FORMATS } from "../reports/formats.ts";
import { count, id, oneOf, orNull, text } from "./fields.ts";

const { $schema: _, ...ownReport } = reportSchema as typeof reportSchema & { $schema?: string };
export const reportBodySchema = { ...ownReport, $id: "Report" };

export const VERDICT_NAMES = ["matched", "ruled_out", "inconclusive", "not_applicable", "error"] as const satisfies readonly VerdictName[];
const SWITCH = Type.Optional(
  Type.String({ enum: ["", "true", "false", "1", "0"], description: "Tell every rule, not only those worth telling" }),
);

export const reportQuery = Type.Object(
  {
    format: Type.Optional(oneOf(FORMATS, "Format, whatever `Accept` says")),
    verdict: Type.Optional(
      Type.String({ maxLength: 200, description: `Only findings of these verdicts, separated by commas: ${VERDICT_NAMES.join(", ")}` }),
    ),
    all: SWITCH,
  },
  { additionalProperties: false },
);

export function isOn(given: string | undefined): boolean {
  return given !== undefined && given !== "false" && given !== "0";
}

/** The verdicts of `?verdict=`; null for any. */
export function readVerdicts(given: string | undefined): ReadonlySet<VerdictName> | null {
  if (given === undefined) return null;
  const names = given.split(",").map((name) => name.trim().toLowerCase());
  return new Set(
    names.map((name) => {
      const verdict = VERDICT_NAMES.find((one) => one === name);
      if (verdict) return verdict;
      const problem = `must be one or several of ${VERDICT_NAMES.join(", ")}`;
      throw new Problem(400, "bad-request", `query/verdict ${problem}.`, {
        fields: [{ field: "query/verdict", problem }],
        whatToDo: "Separate several with commas, or leave it out for every finding worth telling.",
      });
    }),
  );
}

const outcome = oneOf(["true", "false", "unknown"], "What it came to");

export const explanationSchema = Type.Object(
  {
    id: id("Id of the report"),
    rule: text("Rule id"),
    verdict: oneOf(VERDICT_NAMES, "Its verdict"),
    queries: Type.Array(Type.Ref("QueryExplanation"), { description: "Empty for a rule that could not be asked" }),
  },
  { $id: "Explanation", description: "Why a rule came to its verdict" },
);

export const queryExplanationSchema = Type.Object(
  {
    name: text("Its name in the rule"),
    about: text("What it looks for"),
    table: text("Table it reads"),
    outcome,
    considered: count("Rows of the table"),
    funnels: Type.Array(
      Type.Array(
        Type.Object({
          predicate: text("What a row has to fulfil"),
          left: count("Rows left"),
          unknown: count("Of these, those with a cell that is not known"),
        }),
      ),
      { description: "For each alternative, what each predicate left" },
    ),
    selected: count("Rows it selects by itself"),
    perhaps: count("Of these, those that hang on cells that are not known"),
    joined: count("Rows that belong together with the rest of the evidence"),
    nearest: orNull(
      Type.Object({
        citation: orNull(
          Type.Object({
            source: text("Path of the source"),
            unit: oneOf(["frame", "line", "record"], "What is counted"),
            at: count("Its number"),
          }),
        ),
        passed: count("Predicates it fulfils"),
        failed: Type.Array(
          Type.Object({ predicate: text("Asked for"), column: text("Column"), cell: text("What it holds"), truth: outcome }),
        ),
      }),
    ),
    notes: Type.Array(Type.String(), { description: "Assumptions, and why it is unknown where it is" }),
  },
  { $id: "QueryExplanation", description: "One evidence query: what it considered and what was left" },
);
