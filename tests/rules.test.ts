import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions, notApplicable } from "../engine/rules/applies.ts";
import { compileRule, compileRuleData, compiles } from "../engine/rules/compile.ts";
import { formatDuration, formatTime } from "../engine/rules/template.ts";
import { YamlSource } from "../engine/rules/yaml-source.ts";
import { evaluateRules } from "../engine/verdicts/evaluate-rules.ts";
import { explain } from "../engine/verdicts/explain.ts";
import { collectPlan, competing, ranked } from "../engine/verdicts/ranking.ts";
import { clock, evidence, type Row, table } from "./support/evidence.ts";
import { ask, compiled, ruleText } from "./support/rule-text.ts";

const refusedRule = ruleText(
  `
  refused: { about: a connection refused at once, from: tcp_connections, where: { server_port: 3389, conn_state: REJ } }
  crash: { about: the service crashed, from: events, where: { event_id: 7034 } }`,
  "refused and crash",
  'summary: "{{{refused.server_ip}}} refused {refused.count}, crash at {crash.time}"\nfilter: ["ip.addr eq {refused.server_ip}", "frame.time eq {crash.time}"]\nladder: refused',
);
const refused: Row = { server_ip: "10.7.3.187", server_port: 3389, conn_state: "REJ", first_frame: 61714, reset_frame: 61717, at: 61714 };
const crash: Row = { event_id: 7034, time: clock("08:54:40"), source: 1, at: 41 };
const recipes = [
  { id: "event-log-system", title: "", gathers: [{ table: "events" }] },
  { id: "netstat", title: "", gathers: [{ table: "sockets" }] },
  {
    id: "packet-capture",
    title: "",
    gathers: [
      { table: "tcp_connections", side: "client" as const },
      { table: "tcp_connections", side: "server" as const },
    ],
  },
];

describe("a verdict", () => {
  it("matches, cites, and fills in its texts", async () => {
    const outcome = await ask(
      refusedRule,
      evidence({
        rows: { tcp_connections: [refused, { ...refused, at: 61720, first_frame: 61720, reset_frame: 61721 }], events: [crash] },
      }),
    );
    expect(outcome).toMatchObject({
      verdict: "matched",
      summary: "{10.7.3.187} refused 2, crash at 2013-01-06 08:54:40",
      filters: ["ip.addr eq 10.7.3.187", "frame.time eq 2013-01-06 08:54:40"],
      ladder: { table: "tcp_connections", row: 0 },
      share: 1,
      finding: true,
    });
    expect(
      outcome.evidence.map(({ name, outcome: truth, rows, citations }) => [
        name,
        truth,
        rows,
        citations.map(({ source, at }) => `${source}:${at}`),
      ]),
    ).toEqual([
      ["refused", "true", 2, ["0:61714", "0:61717", "0:61720", "0:61721"]],
      ["crash", "true", 1, ["1:41"]],
    ]);
  });

  it("names the evidence that would decide, why it lacks, and the recipe that gathers it", async () => {
    const outcome = await ask(refusedRule, evidence({ rows: { tcp_connections: [refused] }, recipes }));
    expect(outcome).toMatchObject({
      verdict: "inconclusive",
      finding: true,
      share: 0.5,
      summary: "Possible: a connection refused at once. Not known: the service crashed",
      missing: [{ table: "events", side: null, collect: ["event-log-system"], why: "an export of the event log" }],
      filters: ["ip.addr eq 10.7.3.187"],
    });
  });

  it("asks once for the side that was not captured, whichever table it would fill", async () => {
    const rule = ruleText(
      "  sent: { about: sent, from: tcp_connections, where: { side: client } }\n  lost: { about: lost, from: lost_segments, where: { kind: data } }\n  seen: { about: seen, from: tcp_connections, where: { side: server } }",
      "sent and (lost or seen)",
    );
    const outcome = await ask(
      rule,
      evidence({ rows: { tcp_connections: [{ side: "client" }] }, coverage: [{ table: "tcp_connections", side: "client" }], recipes }),
    );
    expect(outcome.missing.map(({ table: name, side, collect }) => [name, side, collect])).toEqual([
      ["lost_segments", "server", ["packet-capture"]],
    ]);
  });

  it("does not ask for evidence that would change nothing", async () => {
    const rule = ruleText(
      "  a: { about: a, from: tcp_connections, where: { conn_state: REJ } }\n  b: { about: b, from: sip_records, where: { status: 504 } }\n  c: { about: c, from: sockets, where: { local_port: 1 } }",
      "(a or b) and c",
    );
    const outcome = await ask(rule, evidence({ rows: { tcp_connections: [refused] }, recipes }));
    expect(outcome.missing.map((one) => one.table)).toEqual(["sockets"]);
  });

  describe("about a machine known by a name only", () => {
    const joined = (alternatives: string) =>
      ruleText(
        `
  refused: { from: tcp_connections, where: { conn_state: REJ } }
  crash: { from: events, where: { event_id: 7034 }, join: ${alternatives} }`,
        "refused and crash",
      );
    const named = (host: readonly string[]) => evidence({ rows: { tcp_connections: [refused], events: [{ ...crash, host }] } });
    const sameOrNameless = joined("[{ host: refused.server_ip }, { host: null }]");

    it("takes it for the same one where the rule takes nameless rows, and says so", async () => {
      const outcome = await ask(sameOrNameless, named(["TS07"]));
      expect(outcome.verdict).toBe("matched");
      expect(outcome.evidence[1]!.notes).toEqual(["nothing in the bundle says which address TS07 has; it is taken to be the same machine"]);
    });

    it("assumes nothing where an address ties it, or tells it apart", async () => {
      const tied = await ask(sameOrNameless, named(["10.7.3.187", "TS07"]));
      expect([tied.verdict, tied.evidence[1]!.notes]).toEqual(["matched", []]);
      expect((await ask(sameOrNameless, named(["10.7.3.99", "TS08"]))).verdict).not.toBe("matched");
    });

    it("leaves it open where the rule asks for the same machine", async () => {
      expect((await ask(joined("{ host: refused.server_ip }"), named(["TS07"]))).verdict).toBe("inconclusive");
    });
  });

  it("does not take a source for a witness that is blind to what is asked, and says why", async () => {
    const rule = ruleText(`\n  stall: { from: tcp_stalls, where: { "ack_delay|gte": 100ms } }`, "stall");
    const whole = { table: "tcp_stalls" };
    expect((await ask(rule, evidence({ coverage: [whole] }))).verdict).toBe("ruled_out");
    const outcome = await ask(rule, evidence({ coverage: [whole, { ...whole, blind: "no lengths are shown" }] }));
    expect(outcome.verdict).toBe("inconclusive");
    expect(outcome.missing[0]!.why).toContain("no lengths are shown");
    expect(
      (
        await ask(
          rule,
          evidence({
            coverage: [
              { ...whole, source: 1 },
              { ...whole, blind: "no lengths are shown" },
            ],
          }),
        )
      ).verdict,
    ).toBe("ruled_out");
  });

  it("says which cell is not known", async () => {
    const outcome = await ask(refusedRule, evidence({ rows: { tcp_connections: [{ ...refused, conn_state: null }], events: [crash] } }));
    expect(outcome.missing).toMatchObject([{ table: "tcp_connections", why: "a packet capture that shows: Zeek's conn_state" }]);
  });

  it("says what is against it", async () => {
    const outcome = await ask(refusedRule, evidence({ rows: { tcp_connections: [{ ...refused, conn_state: "SF" }], events: [crash] } }));
    expect(outcome).toMatchObject({ verdict: "ruled_out", finding: false, summary: "Not found: a connection refused at once" });
  });

  it("is an error of that rule alone where a rule is broken", async () => {
    const broken = compileRule("id: broken\nevidence: { a: { from: nowhere } }\ncondition: a\n", "broken.yaml").rule;
    const rules = [broken, compiled(refusedRule), compileRule("- not\n- a map", "list.yaml").rule, compileRule("id: [", "yaml.yaml").rule];
    const verdicts = await evaluateRules(rules, evidence({ rows: { tcp_connections: [refused], events: [crash] } }));
    expect(verdicts.map(({ rule, verdict }) => [rule.id, verdict])).toEqual([
      ["broken", "error"],
      ["a-case", "matched"],
      ["list", "error"],
      ["yaml", "error"],
    ]);
    expect(verdicts[0]!.reason).toMatch(/^broken\.yaml:2:\d+: unknown-table no table is called "nowhere"/);
  });

  it("does not apply where every machine is known to be something else", async () => {
    const rule = refusedRule.replace("evidence:", "applies_to: [{ product: windows-*, from: '6.0' }]\nevidence:");
    const verdict = async (hosts: Row[]) =>
      (await ask(rule, evidence({ rows: { hosts, tcp_connections: [refused], events: [crash] } }))).verdict;
    expect(await verdict([{ product: "windows-xp", version: "5.1.2600" }])).toBe("not_applicable");
    expect(
      await verdict([
        { product: "windows-xp", version: "5.1.2600" },
        { product: "windows-server-2008-r2", version: "6.1.7601" },
      ]),
    ).toBe("matched");
    expect(await verdict([{ product: null, version: null }])).toBe("matched");
    expect(await verdict([])).toBe("matched");
  });

  it("compares versions by number and not by text", () => {
    expect(compareVersions("10.0.20348.10", "10.0.20348.9")).toBe(1);
    expect(compareVersions("6.1", "6.1.0")).toBe(0);
    expect(compareVersions("5.2.3790", "6.0")).toBe(-1);
    const hosts = table("hosts", [{ product: "windows-server-2003", version: "5.2.3790" }]);
    expect(notApplicable([{ product: null, from: "6.0", before: null }], hosts)).toBe(
      "the bundle is about windows-server-2003 5.2.3790; the case is about any product from 6.0",
    );
  });
});

describe("an answer in bounded time", () => {
  it("gives up where everything joins everything, and says so", async () => {
    const rule = ruleText(
      `
  a: { about: a, from: events, where: { event_id: 1 } }
  b: { about: b, from: events, where: { event_id: 2 }, near: { a: 1d } }
  c: { about: c, from: events, where: { event_id: 3 }, near: { a: 1d, b: 1d } }`,
      "a and b and c",
    );
    const rows = Array.from({ length: 3000 }, (_, i) => ({ event_id: 1 + (i % 2), time: clock("09:00:00") + BigInt(i) }));
    const outcome = await ask(
      rule,
      evidence({
        rows: { events: [...rows, { event_id: 3, time: 0n }] },
        coverage: [{ table: "events", from: 0n, to: clock("23:00:00") }],
      }),
    );
    expect(outcome.verdict).toBe("inconclusive");
    expect(outcome.missing[0]!.why).toBe("there are more combinations of rows than can be compared");
  });

  it("stops at the first incident where all is found", async () => {
    const rule = ruleText(
      "  a: { about: a, from: events, where: { event_id: 1 } }\n  b: { about: b, from: events, where: { event_id: 1 }, join: { provider: a.provider } }",
      "a and b",
    );
    const rows = Array.from({ length: 20_000 }, () => ({ event_id: 1, provider: "x" }));
    expect((await ask(rule, evidence({ rows: { events: rows } }))).verdict).toBe("matched");
  });
});

describe("the prefilter", () => {
  const predicate = fc.constantFrom(
    "event_id: 1",
    "event_id: 2",
    "event_id: 3",
    "provider: p",
    "provider: q",
    "level: error",
    "message: null",
    "text|contains: x",
  );
  const block = fc.record({
    from: fc.constantFrom("events", "events", "sockets", "sip_records", "tcp_connections"),
    where: predicate,
    expect: fc.constantFrom("some", "some", "none", "{ at_least: 2 }"),
    join: fc.constantFrom(null, "host: a.host", "host: [a.host, b.host]"),
    near: fc.constantFrom(null, null, "a: 10s"),
  });
  const WHERE: Readonly<Record<string, string>> = {
    events: "",
    sockets: "local_port: 80",
    sip_records: "status: 504",
    tcp_connections: "server_port: 80",
  };
  const evidenceText = (
    name: string,
    one: { from: string; where: string; expect: string; join: string | null; near: string | null },
    first: boolean,
  ) => {
    const parts = [
      `about: ${name}`,
      `from: ${first ? "events" : one.from}`,
      `where: { ${first || one.from === "events" ? one.where : WHERE[one.from]} }`,
      `expect: ${first ? "some" : one.expect}`,
    ];
    const names = name === "b" ? one.join?.replace("[a.host, b.host]", "a.host") : one.join;
    if (!first && names) parts.push(`join: { ${one.from === "tcp_connections" ? names.replace("host:", "server_ip:") : names} }`);
    if (!first && one.near && one.from !== "sockets") parts.push(`near: { ${one.near} }`);
    return `  ${name}: { ${parts.join(", ")} }`;
  };
  const condition = fc.constantFrom(
    "a and b and c",
    "a and (b or c)",
    "a or b or c",
    "a and not b and c",
    "(a or not c) and b",
    "not a and not b and not c",
    "2 of a, b, c",
  );
  const rule = fc.tuple(block, block, block, condition).map(([a, b, c, text]) => {
    const [second, third] = [
      evidenceText("b", c.join?.includes("b.host") ? { ...b, expect: "some", from: "sockets" } : b, false),
      evidenceText("c", c, false),
    ];
    return ruleText([evidenceText("a", a, true), second, third].join("\n"), text);
  });
  const event = fc.record({
    event_id: fc.constantFrom(1, 2, 3, null),
    provider: fc.constantFrom("p", "q", null),
    level: fc.constantFrom("error", "warning", null),
    message: fc.constantFrom("m", null),
    text: fc.constantFrom("x", "y", null),
    host: fc.constantFrom(["10.0.0.1"], ["SRV"], null),
    time: fc.integer({ min: 0, max: 30 }).map((second) => clock("09:00:00") + BigInt(second) * 1_000_000_000n),
  });
  const covers = fc.array(
    fc.record({
      table: fc.constantFrom("events", "sockets", "tcp_connections"),
      host: fc.constantFrom(["10.0.0.1"], ["SRV"], null),
      complete: fc.boolean(),
      from: fc.constantFrom(null, clock("08:00:00")),
      to: fc.constantFrom(clock("10:00:00")),
    }),
    { maxLength: 4 },
  );
  const bundle = fc.tuple(
    fc.array(event, { maxLength: 6 }),
    fc.array(fc.record({ local_port: fc.constantFrom(80, 81), host: fc.constantFrom(["10.0.0.1"], null) }), { maxLength: 2 }),
    covers,
  );

  it("answers what the full evaluation answers", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(rule, bundle, async (text, [events, sockets, coverage]) => {
        const compiledRule = compiled(text);
        const input = evidence({ rows: { events, sockets }, coverage });
        const [quick] = await evaluateRules([compiledRule], input);
        const [full] = await evaluateRules([compiledRule], input, { all: true });
        expect(quick!.verdict).toBe(full!.verdict);
        expect(quick!.finding).toBe(full!.finding);
        if (quick!.finding) expect(quick).toEqual(full);
        seen.add(`${quick!.verdict} ${quick!.detailed}`);
      }),
      { seed: 7, numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(["inconclusive false", "inconclusive true", "matched true", "ruled_out false", "ruled_out true"]);
  });

  it("decides rules about what the bundle does not have without looking at rows together", async () => {
    const rules = [
      compiled(ruleText("  a: { about: a, from: sip_records, where: { status: 504 } }", "a")),
      compiled(ruleText("  a: { about: a, from: events, where: { event_id: 9 } }", "a")),
    ];
    const outcomes = await evaluateRules(rules, evidence({ rows: { events: [crash] }, coverage: [{ table: "events", source: 1 }] }));
    expect(outcomes.map(({ verdict, detailed }) => [verdict, detailed])).toEqual([
      ["inconclusive", false],
      ["ruled_out", false],
    ]);
  });
});

describe("the same evidence", () => {
  it("gives the same outcomes for one rule alone and among others, again and again", async () => {
    const texts = [
      refusedRule,
      refusedRule.replace("refused and crash", "refused or crash"),
      refusedRule.replace("refused and crash", "not refused and crash"),
    ];
    const rules = texts.map((text, index) => compiled(text.replace("id: a-case", `id: case-${index}`)));
    const input = evidence({ rows: { tcp_connections: [refused], events: [crash] } });
    const together = await evaluateRules(rules, input, { all: true });
    for (const [index, rule] of rules.entries()) expect((await evaluateRules([rule], input, { all: true }))[0]).toEqual(together[index]);
    expect(await evaluateRules(rules, input, { all: true })).toEqual(together);
  });

  it("gives the same rule from YAML and from JSON", () => {
    const data = {
      id: "a-case",
      title: "t",
      evidence: { a: { about: "a", from: "events", where: { "event_id|gte": 7 } } },
      condition: "a",
      summary: "{a.count}",
    };
    const shape = (rule: unknown) =>
      JSON.stringify(rule, (key, value: unknown) =>
        key === "body" && value ? { ...value, queries: [...(value as { queries: Map<string, unknown> }).queries] } : value,
      );
    expect(shape(compileRule(JSON.stringify(data), "x.json").rule)).toBe(shape(compileRuleData(data, "x.json").rule));
  });

  it("goes into knowledge packs only if its regular expressions compile, which are not looked at again there", () => {
    const rule = (pattern: string) => `id: a-case
title: t
evidence: { a: { about: "a", from: events, where: { "message|re": "${pattern}" } } }
condition: a
summary: "{a.count}"
`;
    expect(compiles(new YamlSource(rule("a+b"), "x.yaml"))).toBe(true);
    const broken = new YamlSource(rule("a(b"), "x.yaml");
    expect(compiles(broken)).toBe(false);
    expect(compileRuleData(broken.data, "x.yaml").diagnostics).toEqual([]);
  });
});

describe("a rule file", () => {
  it("never makes the compiler throw, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.object({
          maxDepth: 4,
          key: fc.constantFrom(
            "id",
            "evidence",
            "condition",
            "from",
            "of",
            "where",
            "join",
            "near",
            "sequence",
            "group",
            "having",
            "within",
            "expect",
            "a",
            "b",
            "events",
            "event_id",
            "time|gte",
            "a.time",
            "count",
            "cite",
            "summary",
            "filter",
            "__proto__",
          ),
          values: [
            fc.constantFrom("events", "a", "b", "a.time", "a.event_id", "none", "10s", "{a.count}", "a and b"),
            fc.integer(),
            fc.constant(null),
            fc.boolean(),
          ],
        }),
        (data) => {
          const { rule, diagnostics } = compileRuleData(data, "x.yaml");
          expect(rule.body === null).toBe(rule.defect !== null);
          if (rule.defect) expect(diagnostics.length).toBeGreaterThan(0);
        },
      ),
      { seed: 8, numRuns: 3000 },
    );
  });

  it("does not expand bombs", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x]",
      ..."bcdefgh".split("").map((name, index) => `${name}: &${name} [${Array(8).fill(`*${"abcdefgh"[index]}`).join(", ")}]`),
    ].join("\n");
    expect(compileRule(bomb, "bomb.yaml").diagnostics[0]).toMatchObject({ code: "yaml" });
  });
});

describe("an explanation", () => {
  it("tells the rows left after each predicate and the nearest miss", async () => {
    const rule = compiled(
      ruleText("  a: { about: a, from: tcp_connections, where: { server_port: 3389, conn_state: REJ, duration|lt: 1s } }", "a"),
    );
    const rows = [
      { server_port: 3389, conn_state: "SF", duration: 0.5, at: 7 },
      { server_port: 3389, conn_state: "RSTR", duration: 20, at: 9 },
      { server_port: 80, conn_state: "REJ", duration: null, at: 11 },
    ];
    expect(explain(rule, evidence({ rows: { tcp_connections: rows } }))).toMatchObject([
      {
        name: "a",
        outcome: "false",
        considered: 3,
        funnels: [
          [
            { predicate: "server_port: 3389", left: 2, unknown: 0 },
            { predicate: "conn_state: REJ", left: 0 },
            { predicate: "duration|lt: 1s", left: 0 },
          ],
        ],
        nearest: { citation: { at: 7 }, passed: 2, failed: [{ predicate: "conn_state: REJ", cell: "SF", truth: "false" }] },
      },
    ]);
  });
});

describe("a report's order", () => {
  const rule = (id: string, level: string, condition: string, symptom: string) =>
    compiled(
      refusedRule
        .replace("id: a-case", `id: ${id}`)
        .replace("level: medium", `level: ${level}`)
        .replace("condition: refused and crash", `condition: ${condition}`)
        .replace("Something is wrong", symptom),
    );
  const input = evidence({ rows: { tcp_connections: [refused] }, recipes });
  const rules = [
    rule("z-low", "low", "refused or crash", "s"),
    rule("b-waits", "critical", "refused and crash", "s"),
    rule("a-out", "critical", "crash and not refused", "t"),
    rule("c-high", "high", "refused or crash", "t"),
  ];

  it("is matched by level, then inconclusive, then the rest", async () =>
    expect(ranked(await evaluateRules(rules, input)).map(({ rule: { id }, verdict }) => `${id} ${verdict}`)).toEqual([
      "c-high matched",
      "z-low matched",
      "b-waits inconclusive",
      "a-out ruled_out",
    ]));

  it("says which findings compete and what would settle it", async () =>
    expect(competing(await evaluateRules(rules, input))).toEqual([
      { rules: ["z-low", "b-waits"], symptom: "s", settled_by: "an export of the event log would decide b-waits" },
      {
        rules: ["c-high", "z-low", "b-waits"],
        symptom: "They rest on the same frames, lines or records",
        settled_by: "an export of the event log would decide b-waits",
      },
    ]));

  it("plans what to collect, what settles most first", async () =>
    expect(collectPlan(await evaluateRules(rules, input))).toEqual([{ recipe: "event-log-system", side: null, for: ["b-waits"] }]));
});

describe("values in sentences", () => {
  it.each([
    [0.0005, "0.5 ms"],
    [0.190589, "191 ms"],
    [20.809, "20.81 s"],
    [130, "2 min 10 s"],
    [4200, "1 h 10 min"],
    [0, "0 ms"],
  ])("%d seconds are %s", (seconds, words) => expect(formatDuration(seconds)).toBe(words));
  it("shows a time to the millisecond where it has one", () => {
    expect(formatTime(clock("09:53:40.765"))).toBe("2013-01-06 09:53:40.765");
    expect(formatTime(clock("08:54:40"))).toBe("2013-01-06 08:54:40");
    expect(formatTime(-1n)).toBe("1969-12-31 23:59:59.999");
    expect(formatTime(10n ** 30n)).toBe("(not known)");
  });
});
