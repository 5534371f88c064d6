import { type Static, Type } from "typebox";

const words = (description: string) => Type.String({ minLength: 1, description });

/** `tests/cases/<id>/<variant>/expect.yaml`: what must be said of the `bundle/` beside it. */
export const expectationSchema = Type.Object(
  {
    about: words("What the bundle shows and why the verdict follows, in a sentence"),
    origin: words(
      "Where the bundle comes from: hand-written, a generator with its seed, the case's own article, a public source with its licence",
    ),
    verdict: Type.Union(
      [Type.Literal("matched"), Type.Literal("ruled_out"), Type.Literal("inconclusive"), Type.Literal("not_applicable")],
      {
        description: "Of the rule the folder is named after",
      },
    ),
    cites: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String({ pattern: "^.+ (frame|line|record) [1-9]\\d*$" }), { minItems: 1 }), {
        description: "Citations each piece of evidence must have, among others: `server.txt frame 10717`",
      }),
    ),
    summary: Type.Optional(words("Text the summary must hold")),
    collect: Type.Optional(Type.Array(words("Recipe id"), { minItems: 1, description: "Recipes the finding must ask for" })),
    also: Type.Optional(Type.Array(words("Rule id"), { minItems: 1, description: "Other rules that rightly match this bundle" })),
  },
  { additionalProperties: false },
);

export type Expectation = Static<typeof expectationSchema>;
