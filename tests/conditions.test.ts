import fc from "fast-check";
import { Engine } from "json-rules-engine";
import { describe, expect, it } from "vitest";
import { FALSE, TRUE, type Truth, UNKNOWN } from "../engine/queries/truth.ts";
import { type Condition, evaluateCondition, parseCondition, polarities } from "../engine/rules/condition.ts";
import { decide } from "../engine/rules/evaluate.ts";

const NAMES = ["a", "b", "c", "d", "x_one", "x_two"];
const VERDICT = { [FALSE]: "ruled_out", [UNKNOWN]: "inconclusive", [TRUE]: "matched" } as const;

function parsed(text: string, names: readonly string[] = NAMES): Condition {
  const { condition, problems } = parseCondition(text, names);
  expect(problems).toEqual([]);
  return condition!;
}

/** Strong Kleene tables written out, so that the engine's arithmetic is held against something else. */
const AND: Readonly<Record<string, Truth>> = { "00": 0, "01": 0, "02": 0, "10": 0, "11": 1, "12": 1, "20": 0, "21": 1, "22": 2 };
const OR: Readonly<Record<string, Truth>> = { "00": 0, "01": 1, "02": 2, "10": 1, "11": 1, "12": 2, "20": 2, "21": 2, "22": 2 };
const NOT: readonly Truth[] = [2, 1, 0];

type Sentence = { readonly text: string; readonly value: (truths: ReadonlyMap<string, Truth>) => Truth };

const sentence: fc.Arbitrary<Sentence> = fc.letrec<{ sentence: Sentence }>((tie) => ({
  sentence: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...NAMES).map((name): Sentence => ({ text: name, value: (truths) => truths.get(name)! })),
    tie("sentence").map((part): Sentence => ({ text: `not (${part.text})`, value: (truths) => NOT[part.value(truths)]! })),
    fc.tuple(tie("sentence"), tie("sentence")).map(
      ([left, right]): Sentence => ({
        text: `(${left.text} and ${right.text})`,
        value: (truths) => AND[`${left.value(truths)}${right.value(truths)}`]!,
      }),
    ),
    fc.tuple(tie("sentence"), tie("sentence")).map(
      ([left, right]): Sentence => ({
        text: `((${left.text}) or (${right.text}))`,
        value: (truths) => OR[`${left.value(truths)}${right.value(truths)}`]!,
      }),
    ),
  ),
})).sentence;

const truths = fc
  .tuple(...NAMES.map(() => fc.constantFrom<Truth>(0, 1, 2)))
  .map((list) => new Map(NAMES.map((name, index) => [name, list[index]!])));

describe("a condition line", () => {
  it.each<[string, Condition]>([
    ["a", { kind: "leaf", name: "a", negated: false }],
    [
      "a or b and not c",
      {
        kind: "any",
        parts: [
          { kind: "leaf", name: "a", negated: false },
          {
            kind: "all",
            parts: [
              { kind: "leaf", name: "b", negated: false },
              { kind: "leaf", name: "c", negated: true },
            ],
          },
        ],
      },
    ],
    [
      "NOT (a AND b)",
      {
        kind: "any",
        parts: [
          { kind: "leaf", name: "a", negated: true },
          { kind: "leaf", name: "b", negated: true },
        ],
      },
    ],
    [
      "1 of x_*",
      {
        kind: "any",
        parts: [
          { kind: "leaf", name: "x_one", negated: false },
          { kind: "leaf", name: "x_two", negated: false },
        ],
      },
    ],
    [
      "not 1 of x_*",
      {
        kind: "all",
        parts: [
          { kind: "leaf", name: "x_one", negated: true },
          { kind: "leaf", name: "x_two", negated: true },
        ],
      },
    ],
    ["all of x_*, a", { kind: "all", parts: ["x_one", "x_two", "a"].map((name) => ({ kind: "leaf" as const, name, negated: false })) }],
  ])("%s", (text, condition) => expect(parsed(text)).toEqual(condition));

  it("counts for `2 of a, b, c`", () => {
    const condition = parsed("2 of a, b, c");
    for (const [a, b, c] of [
      [2, 2, 0],
      [2, 1, 0],
      [1, 1, 0],
      [2, 0, 0],
      [0, 0, 2],
      [2, 2, 1],
    ] as const) {
      const list: readonly Truth[] = [a, b, c];
      const count = (least: Truth) => list.filter((one) => one >= least).length;
      expect(evaluateCondition(condition, (name) => list["abc".indexOf(name)]!)).toBe(count(2) >= 2 ? 2 : count(1) >= 2 ? 1 : 0);
    }
  });

  it.each([
    ["", 0, "bad-condition"],
    ["a and", 5, "bad-condition"],
    ["a b", 2, "bad-condition"],
    ["(a or b", 0, "bad-condition"],
    ["a)", 1, "bad-condition"],
    ["a and ()", 6, "empty-group"],
    ["3 of x_*", 0, "bad-condition"],
    ["0 of x_*", 0, "bad-condition"],
    ["1 of y_*", 5, "empty-group"],
    ["a == 1", 2, "bad-condition"],
    [`${"(".repeat(100)}a${")".repeat(100)}`, 64, "bad-condition"],
  ])("%j is refused at %i: %s", (text, offset, code) =>
    expect(parseCondition(text, NAMES)).toMatchObject({ condition: null, problems: [{ offset, code }] }),
  );

  it("reports every unknown name of a line, with what may have been meant", () =>
    expect(parseCondition("aa and x_onee or c", NAMES).problems).toEqual([
      { offset: 0, code: "unknown-name", message: 'no evidence is called "aa" (did you mean a?)' },
      { offset: 7, code: "unknown-name", message: 'no evidence is called "x_onee" (did you mean x_one?)' },
    ]));

  it("refuses more combinations than it would write out", () => {
    const many = Array.from({ length: 20 }, (_, i) => `n${i}`);
    expect(parseCondition("10 of n*", many).problems[0]!.message).toMatch(/more than 256 combinations/);
    expect(parseCondition("19 of n*", many).problems).toEqual([]);
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", " ", "(", ")", ",", "*", "1", "of ", "not ", "and ", "or ", "x_"), maxLength: 40 }),
        (text) => {
          const { condition, problems } = parseCondition(text, NAMES);
          expect(condition === null).toBe(problems.length > 0);
        },
      ),
      { seed: 5, numRuns: 3000 },
    );
  });

  it("knows how it uses each name", () =>
    expect(Object.fromEntries(polarities(parsed("a and not b and (c or not c)")))).toEqual({ a: "positive", b: "negative", c: "mixed" }));
});

describe("a decision", () => {
  it("equals strong Kleene logic, by json-rules-engine and by itself", async () => {
    const cases = fc.sample(fc.tuple(sentence, truths), { seed: 6, numRuns: 1500 });
    const candidates = cases.map(([{ text }, outcomes]) => ({ condition: parsed(text), outcomes }));
    const decisions = await decide(candidates);
    for (const [index, [{ text, value }, outcomes]] of cases.entries()) {
      const expected = value(outcomes);
      expect([text, evaluateCondition(candidates[index]!.condition, (name) => outcomes.get(name)!)]).toEqual([text, expected]);
      expect([text, decisions[index]]).toEqual([text, { verdict: VERDICT[expected] }]);
    }
  });

  it("comes in the order of the candidates, however many there are", async () => {
    const candidates = Array.from({ length: 500 }, (_, index) => ({
      condition: parsed("a"),
      outcomes: new Map([["a", (index % 3) as Truth]]),
    }));
    expect(await decide(candidates)).toEqual(candidates.map((_, index) => ({ verdict: VERDICT[(index % 3) as Truth] })));
    expect(await decide([])).toEqual([]);
  });
});

describe("traps of json-rules-engine, designed out", () => {
  const leaf = (name: string, negated = false): Condition => ({ kind: "leaf", name, negated });
  const outcomes = (entries: Record<string, Truth>) => new Map(Object.entries(entries));

  it("a missing fact is that candidate's error, not a match and not the run's end", async () => {
    // On its own the engine takes `notEqual` on a missing fact for true where it does not reject the run.
    const naked = new Engine([{ conditions: { all: [{ fact: "gone", operator: "notEqual", value: "true" }] }, event: { type: "fired" } }], {
      allowUndefinedFacts: true,
    });
    expect((await naked.run()).events).toHaveLength(1);
    const decisions = await decide([
      { condition: leaf("a"), outcomes: outcomes({ a: TRUE }) },
      { condition: leaf("gone", true), outcomes: outcomes({ a: TRUE }) },
      { condition: leaf("a", true), outcomes: outcomes({ a: TRUE }) },
    ]);
    expect(decisions).toMatchObject([
      { verdict: "matched" },
      { verdict: "error", reason: expect.stringContaining("gone") },
      { verdict: "ruled_out" },
    ]);
  });

  it("an empty group is an error, though the engine takes it for true", async () => {
    const naked = new Engine([{ conditions: { any: [] }, event: { type: "fired" } }]);
    expect((await naked.run()).events).toHaveLength(1);
    const empty: Condition = { kind: "any", parts: [] };
    expect(
      await decide([
        { condition: empty, outcomes: outcomes({}) },
        { condition: leaf("a"), outcomes: outcomes({ a: UNKNOWN }) },
      ]),
    ).toMatchObject([{ verdict: "error" }, { verdict: "inconclusive" }]);
  });

  it("overlapping runs do not lose each other's rules", async () => {
    const runs = Array.from({ length: 20 }, (_, index) =>
      decide([{ condition: leaf("a"), outcomes: outcomes({ a: (index % 3) as Truth }) }]),
    );
    expect((await Promise.all(runs)).flat()).toEqual(runs.map((_, index) => ({ verdict: VERDICT[(index % 3) as Truth] })));
  });

  it("names with a dot, a path or a prototype's key are plain names", async () => {
    const names = ["__proto__", "constructor", "$.a", "a.b", "toString"];
    const decisions = await decide(names.map((name) => ({ condition: leaf(name), outcomes: new Map([[name, TRUE as Truth]]) })));
    expect(decisions).toEqual(names.map(() => ({ verdict: "matched" })));
  });

  it("unknown never counts as false under not", async () =>
    expect(await decide([{ condition: leaf("a", true), outcomes: outcomes({ a: UNKNOWN }) }])).toEqual([{ verdict: "inconclusive" }]));

  it("results hold no facts", async () =>
    expect(JSON.stringify(await decide([{ condition: leaf("a"), outcomes: outcomes({ a: TRUE }) }]))).toBe('[{"verdict":"matched"}]'));
});
