import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { near, spans } from "../engine/queries/clock.ts";
import { compileQuery } from "../engine/queries/compile-query.ts";
import { EvidenceStore } from "../engine/queries/evidence-store.ts";
import { parseDuration, parseLiteral, parseTime } from "../engine/queries/literals.ts";
import { sameMachine } from "../engine/queries/same-value.ts";
import { textEquals } from "../engine/queries/text-match.ts";
import { truthName } from "../engine/queries/truth.ts";
import { tableDeclaration } from "../engine/tables/index.ts";
import { evaluateRules } from "../engine/verdicts/evaluate-rules.ts";
import { clock, type EvidenceText, evidence, type Row } from "./support/evidence.ts";
import { ask, compiled, outcomes, ruleText } from "./support/rule-text.ts";

/** What a query makes of each row: true, unknown, or nothing for a row it does not select. */
function selected(from: string, block: Record<string, unknown>, rows: readonly Row[], more: EvidenceText = {}): Record<number, string> {
  const problems: string[] = [];
  const query = compileQuery("q", { from, ...block }, new Map([["q", tableDeclaration(from)!]]), ["q"], (path, code, message) =>
    problems.push(`${path.join(".")} ${code} ${message}`),
  );
  expect(problems).toEqual([]);
  const items = new EvidenceStore(evidence({ rows: { [from]: rows }, ...more })).items(query!.selection);
  return Object.fromEntries(Array.from({ length: items.count }, (_, item) => [items.first[item]!, truthName(items.truth[item]!)]));
}

/** Whether one cell of a column satisfies a predicate. */
function holds(from: string, where: Record<string, unknown>, cells: Row): string {
  return selected(from, { where }, [cells])[0] ?? "false";
}

describe("literals", () => {
  it.each([
    ["90s", 90],
    ["200ms", 0.2],
    ["2m", 120],
    ["1h", 3600],
    ["1.5s", 1.5],
    ["10us", 0.00001],
    [3, 3],
    ["7d", 604_800],
  ])("reads the duration %s as %d seconds", (raw, seconds) => expect(parseDuration(raw)).toBeCloseTo(seconds, 9));
  it.each(["", "s", "1 week", "-1s", -1, null, {}, "1e3s", Number.NaN])("refuses the duration %j", (raw) =>
    expect(parseDuration(raw)).toBeNull(),
  );
  it("reads a time as UTC, to the nanosecond", () => {
    expect(parseTime("2013-01-06T09:53:40.765Z")).toBe(1357466020765000000n);
    expect(parseTime("2013-01-06")).toBe(1357430400000000000n);
    expect(parseTime("2013-01-06 09:53")).toBe(1357465980000000000n);
    expect(parseTime("yesterday")).toBeNull();
  });
  it.each([
    ["integer", undefined, "0x274c", 10060],
    ["integer", "bytes", "16KiB", 16_384],
    ["integer", "bytes", "2MB", 2_000_000],
    ["port", undefined, 3389, 3389],
    ["number", undefined, 0.5, 0.5],
  ] as const)("reads a literal of a %s column in %s: %s", (type, unit, raw, value) =>
    expect(parseLiteral({ type, about: "", ...(unit ? { unit } : {}) }, raw)).toEqual({ value }),
  );
  it.each([
    ["port", 65_536],
    ["port", -1],
    ["integer", 1.5],
    ["integer", "ten"],
    ["boolean", "yes"],
    ["text", 7034],
    ["duration", "soon"],
    ["frames", 1],
  ] as const)("refuses in a %s column: %s", (type, raw) => expect(parseLiteral({ type, about: "" }, raw)).toHaveProperty("problem"));
});

describe("predicates", () => {
  const crash = {
    event_id: 7034,
    provider: "Service Control Manager",
    text: "The Remote Desktop Services service terminated unexpectedly.",
    data: ["TermService", "3"],
    level: "error",
  } as const;
  it.each<[Record<string, unknown>, string]>([
    [{ event_id: 7034 }, "true"],
    [{ event_id: [7031, 7034] }, "true"],
    [{ event_id: 7031 }, "false"],
    [{ "event_id|neq": [7031, 7034] }, "false"],
    [{ "event_id|neq": 7031 }, "true"],
    [{ "event_id|gte": 7034, "event_id|lt": 7035 }, "true"],
    [{ provider: "service control manager" }, "true"],
    [{ "provider|cased": "service control manager" }, "false"],
    [{ provider: "Service*" }, "true"],
    [{ provider: "Service ?ontrol Manager" }, "true"],
    [{ "text|contains": "remote desktop" }, "true"],
    [{ "text|contains": ["nothing", "REMOTE"] }, "true"],
    [{ "text|contains|all": ["Remote", "nothing"] }, "false"],
    [{ "text|contains|all": ["Remote", "terminated"] }, "true"],
    [{ "text|startswith": "the remote" }, "true"],
    [{ "text|endswith": "UNEXPECTEDLY." }, "true"],
    [{ "text|re": "Desktop .* terminated" }, "true"],
    [{ "text|re": "desktop" }, "false"],
    [{ "text|re|i": "desktop" }, "true"],
    [{ data: "termservice" }, "true"],
    [{ "data|contains": "term" }, "true"],
    [{ data: "Term" }, "false"],
    [{ level: "ERROR" }, "true"],
    [{ "message|exists": false }, "true"],
    [{ message: null }, "true"],
    [{ "message|contains": "Remote" }, "unknown"],
    [{ "message|neq": "Remote" }, "unknown"],
    [{ message: ["Remote", null] }, "true"],
    [{ event_id: 7034, message: "x" }, "unknown"],
    [{ event_id: 1, message: "x" }, "false"],
  ])("%j on a crash event is %s", (where, truth) => expect(holds("events", where, crash)).toBe(truth));

  it.each<[Record<string, unknown>, string]>([
    [{ server_ip: "10.7.3.187" }, "true"],
    [{ server_ip: "10.7.3.188" }, "false"],
    [{ "server_ip|cidr": "10.7.0.0/16" }, "true"],
    [{ "server_ip|cidr": ["192.168.0.0/16", "10.8.0.0/13"] }, "false"],
    [{ "client_ip|cidr": "10.0.0.0/8" }, "unknown"],
    [{ client_ip: "10.0.107.58" }, "unknown"],
    [{ client_ip: "client1" }, "true"],
    [{ client_ip: "client2" }, "false"],
    [{ "duration|gte": "1s", "duration|lt": "2m" }, "true"],
    [{ "client_mss|gt|fieldref": "server_mss" }, "true"],
    [{ "server_ip|fieldref": "client_ip" }, "unknown"],
    [{ "orig_bytes|gte|fieldref": "resp_bytes" }, "unknown"],
    [{ established: true }, "true"],
    [{ "history|contains|cased": "r" }, "true"],
  ])("%j on a connection is %s", (where, truth) =>
    expect(
      holds("tcp_connections", where, {
        server_ip: "10.7.3.187",
        client_ip: "CLIENT1.contoso.com",
        duration: 85.4,
        client_mss: 1460,
        server_mss: 1380,
        established: true,
        history: "ShADadr",
        orig_bytes: 10,
      }),
    ).toBe(truth),
  );

  it("selects a row for any of several maps, with the best truth", () =>
    expect(
      selected("events", { where: [{ event_id: 1 }, { event_id: 2, message: "x" }] }, [
        { event_id: 1 },
        { event_id: 2 },
        { event_id: 2, message: "X" },
        { event_id: 3 },
      ]),
    ).toEqual({ 0: "true", 1: "unknown", 2: "true" }));

  it("matches wildcards in linear time, with Sigma's escapes", () => {
    expect(textEquals("a*b?d", false)("aXXbcd")).toBe(true);
    expect(textEquals("\\*", false)("*")).toBe(true);
    expect(textEquals("\\*", false)("x")).toBe(false);
    expect(textEquals("C:\\Windows\\*", false)("c:\\windows\\System32")).toBe(false);
    expect(textEquals("C:\\Windows\\\\*", false)("c:\\windows\\System32")).toBe(true);
    expect(textEquals("C:\\Windows", false)("c:\\windows")).toBe(true);
    expect(textEquals(`${"*".repeat(50)}b`, false)("a".repeat(50_000))).toBe(false);
  });

  it("agrees with a backtracking matcher on wildcards", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 }),
        fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }),
        (pattern, text) => {
          const reference = new RegExp(`^${pattern.replace(/\*+/g, ".*").replaceAll("?", ".")}$`);
          expect(textEquals(pattern, true)(text)).toBe(reference.test(text));
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("answers from an index what reading every row answers", () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ event_id: i % 7 === 0 ? null : i % 5, provider: i % 3 === 0 ? "A" : "B" }));
    const few = selected("events", { where: { event_id: 3, provider: "a" } }, rows.slice(0, 60));
    const many = selected("events", { where: { event_id: 3, provider: "a" } }, rows);
    expect(Object.fromEntries(Object.entries(many).filter(([row]) => Number(row) < 60))).toEqual(few);
    expect(Object.values(many).filter((truth) => truth === "unknown").length).toBe(15);
  });
});

describe("one machine under several names", () => {
  it.each<[string[], string[], string]>([
    [["10.0.0.1", "SERVER1"], ["10.0.0.1"], "true"],
    [["SERVER1"], ["server1.contoso.com"], "true"],
    [["server1.contoso.com"], ["server1.fabrikam.com"], "false"],
    [["10.0.0.1"], ["10.0.0.2"], "false"],
    [["10.0.0.1"], ["SERVER1"], "unknown"],
    [["10.0.0.1", "SERVER1"], ["SERVER2"], "false"],
    [["10.0.0.1"], ["10.0.0"], "unknown"],
  ])("%j and %j: %s", (a, b, truth) => expect(truthName(sameMachine(a, b))).toBe(truth));
});

describe("nearness of times", () => {
  const at = clock("09:53:40.765");
  it("takes clocks of one zone as they are", () => {
    expect(near(clock("09:55:40"), at, 120, "any", true)).toEqual({ truth: 2, shift: 0 });
    expect(near(clock("09:55:41"), at, 120, "any", true).truth).toBe(0);
    expect(near(clock("09:53:39"), at, 120, "after", true).truth).toBe(0);
    expect(near(clock("09:53:39"), at, 120, "before", true).truth).toBe(2);
  });
  it("accepts whole quarter hours between clocks of unknown zones, up to 14 hours, and says so", () => {
    expect(near(clock("08:54:40"), at, 120, "any", false)).toEqual({ truth: 2, shift: -3600 });
    expect(near(clock("08:54:40"), at, 120, "after", false)).toEqual({ truth: 2, shift: -3600 });
    expect(near(clock("08:54:40"), at, 30, "any", false).truth).toBe(0);
    expect(near(clock("23:53:40"), at, 120, "any", false)).toEqual({ truth: 2, shift: 50_400 });
    expect(near(at + 14n * 3600n * 1_000_000_000n + 900n * 1_000_000_000n, at, 10, "any", false).truth).toBe(0);
  });
  it("agrees with trying every quarter hour", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -60_000, max: 60_000 }),
        fc.integer({ min: 0, max: 2000 }),
        fc.constantFrom("any", "after", "before"),
        (apart, within, order) => {
          const fits = (x: number) =>
            order === "after" ? x >= 0 && x <= within : order === "before" ? x <= 0 && -x <= within : Math.abs(x) <= within;
          const any = Array.from({ length: 113 }, (_, i) => apart - (i - 56) * 900).some(fits);
          expect(near(at + BigInt(apart) * 1_000_000_000n, at, within, order as "any", false).truth).toBe(any ? 2 : 0);
        },
      ),
      { seed: 2, numRuns: 2000 },
    );
  });
  it("covers a span wholly or in part", () => {
    const hour = { from: clock("09:00:00"), to: clock("10:00:00") };
    expect(spans(hour, { from: clock("09:10:00"), to: clock("09:20:00") }, true, true)).toBe(true);
    expect(spans(hour, { from: clock("09:50:00"), to: clock("10:10:00") }, true, true)).toBe(false);
    expect(spans(hour, { from: clock("09:50:00"), to: clock("10:10:00") }, false, true)).toBe(true);
    expect(spans(hour, { from: clock("09:50:00"), to: clock("10:10:00") }, true, false)).toBe(true);
    expect(spans(hour, { from: clock("12:00:00"), to: clock("12:10:00") }, false, true)).toBe(false);
  });
});

describe("groups", () => {
  const syn = (client: string, second: number, server: string | null = "10.0.0.1"): Row => ({
    client_ip: client,
    server_ip: server,
    conn_state: "S0",
    start: clock("09:00:00") + BigInt(second) * 1_000_000_000n,
    syn_count: 2,
  });
  const whole = { coverage: [{ table: "tcp_connections", host: ["10.0.0.1"] }] };

  it("counts rows with equal cells", () =>
    expect(
      selected("tcp_connections", { group: "server_ip", having: { "count|gte": 3 } }, [
        syn("a", 0),
        syn("b", 1),
        syn("c", 2),
        syn("d", 3, "10.0.0.2"),
      ]),
    ).toEqual({ 0: "true" }));

  it("counts what is different, and sums", () => {
    const rows = [syn("10.9.0.1", 0), syn("10.9.0.1", 1), syn("10.9.0.2", 2)];
    expect(selected("tcp_connections", { group: "server_ip", having: { "distinct(client_ip)|gte": 3 } }, rows, whole)).toEqual({});
    expect(selected("tcp_connections", { group: "server_ip", having: { "distinct(client_ip)": 2 } }, rows, whole)).toEqual({ 0: "true" });
    expect(selected("tcp_connections", { having: { "sum(syn_count)|gt": 5 } }, rows)).toEqual({ 0: "true" });
    expect(selected("tcp_connections", { having: { "max(start)|lt": "2013-01-06T09:00:03Z" } }, rows, whole)).toEqual({ 0: "true" });
    expect(selected("tcp_connections", { having: { "min(start)|gte": "2013-01-06T09:00:01Z" } }, rows, whole)).toEqual({});
  });

  it("knows no upper bound where rows may be missing", () => {
    const rows = [syn("a", 0), syn("b", 1)];
    expect(selected("tcp_connections", { having: { "count|lte": 3 } }, rows, whole)).toEqual({ 0: "true" });
    expect(
      selected("tcp_connections", { having: { "count|lte": 3 } }, rows, {
        coverage: [{ table: "tcp_connections", complete: false, why: "cut" }],
      }),
    ).toEqual({ 0: "unknown" });
    expect(selected("tcp_connections", { having: { "count|lte": 3 } }, rows)).toEqual({ 0: "unknown" });
    expect(selected("tcp_connections", { having: { "count|lte": 1 } }, rows)).toEqual({});
  });

  it("leaves a count open that hangs on unknown cells", () => {
    const rows = [syn("a", 0), { ...syn("b", 1), conn_state: null }];
    expect(selected("tcp_connections", { where: { conn_state: "S0" }, having: { "count|gte": 2 } }, rows)).toEqual({ 0: "unknown" });
    expect(selected("tcp_connections", { group: "server_ip", having: { "count|gte": 1 } }, [syn("a", 0, null)])).toEqual({ 0: "unknown" });
  });

  it("slides a window over time, for any place it may start", () => {
    const burst = { where: { conn_state: "S0" }, group: "server_ip", having: { "count|gte": 3 }, within: "10s" };
    expect(
      selected(
        "tcp_connections",
        burst,
        [0, 9, 18, 27].map((second) => syn("a", second)),
      ),
    ).toEqual({});
    expect(
      selected(
        "tcp_connections",
        burst,
        [0, 20, 25, 30, 60].map((second) => syn("a", second)),
      ),
    ).toEqual({ 1: "true" });
    expect(
      selected(
        "tcp_connections",
        burst,
        [...[0, 1, 2], ...[50, 51, 52]].map((second) => syn("a", second)),
      ),
    ).toEqual({ 0: "true", 3: "true" });
    expect(selected("tcp_connections", burst, [{ ...syn("a", 0), start: null }, syn("a", 1), syn("a", 2)])).toEqual({ 0: "unknown" });
  });

  it("agrees with trying every window", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            second: fc.integer({ min: 0, max: 60 }),
            client: fc.constantFrom("a", "b", "c"),
            syns: fc.integer({ min: 0, max: 9 }),
          }),
          { maxLength: 14 },
        ),
        fc.constantFrom("count|gte", "distinct(client_ip)|gte", "sum(syn_count)|gte", "max(syn_count)|gte", "min(syn_count)|gte"),
        fc.integer({ min: 1, max: 8 }),
        (rows, having, bound) => {
          const measure = (some: typeof rows): number =>
            having.startsWith("count")
              ? some.length
              : having.startsWith("distinct")
                ? new Set(some.map((row) => row.client)).size
                : having.startsWith("sum")
                  ? some.reduce((sum, row) => sum + row.syns, 0)
                  : having.startsWith("max")
                    ? Math.max(...some.map((row) => row.syns))
                    : Math.min(...some.map((row) => row.syns));
          const expected = rows.some(
            ({ second }) => measure(rows.filter((row) => row.second >= second && row.second <= second + 10)) >= bound,
          );
          const got = selected(
            "tcp_connections",
            { having: { [having]: bound }, within: "10s" },
            rows.map((row) => ({ ...syn(row.client, row.second), syn_count: row.syns })),
            whole,
          );
          expect(Object.values(got).includes("true")).toBe(expected);
        },
      ),
      { seed: 3, numRuns: 1000 },
    );
  });
});

describe("absence", () => {
  const listener = ruleText(
    `
  refused: { about: refused, from: tcp_connections, where: { server_port: 3389, conn_state: REJ } }
  no_listener: { about: no listener, from: sockets, where: { protocol: tcp, local_port: 3389, state: LISTENING }, join: { host: refused.server_ip }, expect: none }`,
    "refused and no_listener",
  );
  const refused = { server_ip: "10.7.3.187", server_port: 3389, conn_state: "REJ" };
  const other = { host: ["10.7.3.187"], protocol: "tcp", local_port: 80, state: "LISTENING" };
  const netstat = { table: "sockets", source: 1, host: ["10.7.3.187"] };
  const capture = { table: "tcp_connections" };
  const verdict = async (rows: EvidenceText["rows"], coverage: EvidenceText["coverage"] = [capture, netstat]) => {
    const outcome = await ask(listener, evidence({ rows: { tcp_connections: [refused], sockets: [other], ...rows }, coverage }));
    return [outcome.verdict, outcomes(outcome).no_listener];
  };

  it("is earned by a list of that machine that was read whole", async () => expect(await verdict({})).toEqual(["matched", "true"]));
  it("is refuted by one row", async () =>
    expect(await verdict({ sockets: [other, { ...other, local_port: 3389 }] })).toEqual(["ruled_out", "false"]));
  it("is open while a state cannot be read", async () =>
    expect(await verdict({ sockets: [{ ...other, local_port: 3389, state: null }] })).toEqual(["inconclusive", "unknown"]));
  it("is not earned by a list of another machine", async () =>
    expect(await verdict({}, [capture, { ...netstat, host: ["10.7.3.9"] }])).toEqual(["inconclusive", "unknown"]));
  it("is not earned by a list of nobody knows which machine", async () =>
    expect(await verdict({}, [capture, { ...netstat, host: null }])).toEqual(["inconclusive", "unknown"]));
  it("is not earned by a list that was cut off", async () =>
    expect(await verdict({}, [capture, { ...netstat, complete: false, why: "cut off" }])).toEqual(["inconclusive", "unknown"]));
  it("is not earned by a list of UDP only, but is by one of TCP only", async () => {
    expect(await verdict({}, [capture, { ...netstat, only: { protocol: ["udp"] } }])).toEqual(["inconclusive", "unknown"]);
    expect(await verdict({}, [capture, { ...netstat, only: { protocol: ["tcp"] } }])).toEqual(["matched", "true"]);
  });
  it("is not earned without any list", async () => expect(await verdict({ sockets: [] }, [capture])).toEqual(["inconclusive", "unknown"]));
  it("cites the ends of the list that proves it", async () => {
    const outcome = await ask(
      listener,
      evidence({
        rows: { tcp_connections: [refused], sockets: [3, 4, 5].map((at) => ({ ...other, at, source: 1 })) },
        coverage: [capture, netstat],
      }),
    );
    expect(outcome.evidence[1]).toMatchObject({
      provenBy: [1],
      rows: 0,
      citations: [
        { source: 1, at: 3 },
        { source: 1, at: 5 },
      ],
    });
  });
  it("is false with the evidence it hangs on, and unknown with it", async () => {
    expect(await verdict({ tcp_connections: [{ ...refused, conn_state: "SF" }] })).toEqual(["ruled_out", "false"]);
    expect(await verdict({ tcp_connections: [] }, [netstat])).toEqual(["inconclusive", "unknown"]);
  });

  it("need not be earned where it is only about what the bundle shows", async () => {
    const rule = ruleText(
      `
  refused: { about: refused, from: tcp_connections, where: { server_port: 3389, conn_state: REJ } }
  no_crash: { about: no crash in sight, from: events, where: { event_id: 7034 }, expect: unseen }`,
      "refused and no_crash",
    );
    const ask2 = async (events: NonNullable<EvidenceText["rows"]>[string], entries: EvidenceText["coverage"] = [capture]) =>
      (await ask(rule, evidence({ rows: { tcp_connections: [refused], events }, coverage: entries }))).verdict;
    expect(await ask2([])).toBe("matched");
    expect(await ask2([{ event_id: 7036 }], [capture, { table: "events" }])).toBe("matched");
    expect(await ask2([{ event_id: 7034 }])).toBe("ruled_out");
    expect(await ask2([{ event_id: null }])).toBe("inconclusive");
    // That something is not seen is no lead.
    const other = evidence({ rows: { tcp_connections: [{ ...refused, conn_state: null }] }, coverage: [capture] });
    expect(await ask(rule, other)).toMatchObject({ verdict: "inconclusive", finding: false });
    expect((await ask(rule, evidence({ rows: { tcp_connections: [] }, coverage: [] }))).verdict).toBe("inconclusive");
  });

  it("is no lead where the rule denies what was found", async () => {
    const rule = ruleText(
      `
  refused: { about: refused, from: tcp_connections, where: { server_port: 3389, conn_state: REJ } }
  other: { about: another event, from: events, where: { event_id: 7036 } }
  crash: { about: a crash, from: events, where: { event_id: 7034 } }`,
      "refused or (crash and not other)",
    );
    const rows = { tcp_connections: [{ ...refused, conn_state: null }], events: [{ event_id: 7036 }] };
    const about = evidence({ rows, coverage: [capture, { table: "events" }] });
    expect(await ask(rule, about)).toMatchObject({ verdict: "inconclusive", finding: false });
    const [quick] = await evaluateRules([compiled(rule)], about, { all: false });
    expect(quick).toMatchObject({ verdict: "inconclusive", finding: false });
  });

  it("has to be earned under `not` as well", async () => {
    const rule = ruleText(
      "  answered: { about: answered, from: tcp_connections, where: { server_ip: 10.0.0.1, established: true } }",
      "not answered",
    );
    const rows = { tcp_connections: [{ server_ip: "10.0.0.2", established: true }] };
    expect((await ask(rule, evidence({ rows, coverage: [{ table: "tcp_connections", host: ["10.0.0.1"] }] }))).verdict).toBe("matched");
    expect(
      (await ask(rule, evidence({ rows, coverage: [{ table: "tcp_connections", host: ["10.0.0.1"], complete: false }] }))).verdict,
    ).toBe("inconclusive");
    expect((await ask(rule, evidence({ rows }))).verdict).toBe("inconclusive");
  });

  it("asks for the time it is about", async () => {
    const rule = ruleText(
      `
  reset: { about: reset, from: tcp_connections, where: { reset_by: server } }
  no_crash: { about: no crash, from: events, where: { event_id: 7034 }, near: { reset.end: 2m }, expect: none }`,
      "reset and no_crash",
    );
    const rows = { tcp_connections: [{ reset_by: "server", end: clock("09:53:40") }] };
    const log = { table: "events", source: 1, from: clock("09:00:00"), to: clock("10:00:00") };
    const ask2 = async (entry: object, zonesKnown = [true, true]) =>
      (await ask(rule, evidence({ rows, coverage: [capture, { ...log, ...entry }], zonesKnown }))).verdict;
    expect(await ask2({})).toBe("matched");
    expect(await ask2({ to: clock("09:54:00") })).toBe("inconclusive");
    expect(await ask2({ from: null, to: null })).toBe("inconclusive");
    expect(await ask2({ from: clock("11:50:00"), to: clock("13:00:00") })).toBe("inconclusive");
    expect(await ask2({ from: clock("11:50:00"), to: clock("13:00:00") }, [true, false])).toBe("matched");
  });

  it("leaves a missing row unknown where no source speaks for that side", async () => {
    const rule = ruleText("  seen: { about: seen, from: tcp_connections, where: { side: server, server_port: 443 } }", "seen");
    const rows = { tcp_connections: [{ side: "client", server_port: 443 }] };
    expect((await ask(rule, evidence({ rows, coverage: [{ table: "tcp_connections", side: "client" }] }))).verdict).toBe("inconclusive");
    expect((await ask(rule, evidence({ rows, coverage: [{ table: "tcp_connections", side: "server" }] }))).verdict).toBe("ruled_out");
  });
});

describe("rows that belong together", () => {
  const joined = ruleText(
    `
  reset: { about: reset, from: tcp_connections, where: { conn_state: RSTR } }
  refused: { about: refused, from: tcp_connections, where: { conn_state: REJ }, join: { server_ip: reset.server_ip } }
  crash: { about: crash, from: events, where: { event_id: 7034 }, near: { reset.end: 1m } }`,
    "reset and refused and crash",
    'summary: "{reset.server_ip} {refused.count} {crash.time}"',
  );
  const reset = (server: string, time: string, at: number): Row => ({ conn_state: "RSTR", server_ip: server, end: clock(time), at });
  const refused = (server: string, at: number): Row => ({ conn_state: "REJ", server_ip: server, at });
  const crash = (time: string): Row => ({ event_id: 7034, time: clock(time), source: 1 });
  const ground = {
    coverage: [
      { table: "tcp_connections", host: ["10.0.0.1", "10.0.0.2"] },
      { table: "events", source: 1, from: clock("00:00:00"), to: clock("23:59:59") },
    ],
  };

  it("takes all evidence from one incident", async () => {
    const rows = {
      tcp_connections: [reset("10.0.0.1", "09:00:00", 1), reset("10.0.0.2", "10:00:00", 2), refused("10.0.0.2", 3), refused("10.0.0.2", 4)],
      events: [crash("10:00:30")],
    };
    const outcome = await ask(joined, evidence({ rows, ...ground }));
    expect(outcome).toMatchObject({ verdict: "matched", summary: "10.0.0.2 2 2013-01-06 10:00:30" });
    expect(outcome.evidence[0]!.citations).toEqual([{ source: 0, unit: "frame", at: 2 }]);
    expect(outcome.evidence[1]!.citations.map(({ at }) => at)).toEqual([3, 4]);
  });
  it("does not match on pieces of different incidents", async () => {
    const rows = {
      tcp_connections: [reset("10.0.0.1", "09:00:00", 1), reset("10.0.0.2", "10:00:00", 2), refused("10.0.0.1", 3)],
      events: [crash("10:00:30")],
    };
    expect((await ask(joined, evidence({ rows, ...ground }))).verdict).toBe("ruled_out");
  });
  it("is unknown where the cell it is joined on is not known", async () => {
    const rows = {
      tcp_connections: [reset("10.0.0.1", "09:00:00", 1), { conn_state: "REJ", server_ip: null }],
      events: [crash("09:00:01")],
    };
    expect(outcomes(await ask(joined, evidence({ rows, ...ground })))).toEqual({ reset: "true", refused: "unknown", crash: "true" });
  });
  it("says what it assumed of clocks whose zone is not stated", async () => {
    const rows = { tcp_connections: [reset("10.0.0.1", "09:00:00", 1), refused("10.0.0.1", 2)], events: [crash("08:00:30")] };
    const outcome = await ask(joined, evidence({ rows, ...ground, zonesKnown: [true, false] }));
    expect(outcome.verdict).toBe("matched");
    expect(outcome.evidence[2]!.notes).toEqual(["a time zone is not stated; the clocks are taken to differ by 1 h 0 min"]);
  });
  it("counts rows for at_least within one incident", async () => {
    const rule = ruleText(
      "  a: { about: a, from: tcp_connections, where: { conn_state: RSTR } }\n  b: { about: b, from: tcp_connections, where: { conn_state: REJ }, join: { server_ip: a.server_ip }, expect: { at_least: 2 } }",
      "a and b",
    );
    const one = evidence({
      rows: { tcp_connections: [reset("10.0.0.1", "09:00:00", 1), refused("10.0.0.1", 2), refused("10.0.0.2", 3)] },
      ...ground,
    });
    expect((await ask(rule, one)).verdict).toBe("ruled_out");
  });
  it("refines the rows of other evidence with `of`", async () => {
    const rule = ruleText(
      "  a: { about: a, from: tcp_connections, where: { conn_state: RSTR } }\n  b: { about: b, of: a, where: { server_port: 3389 } }",
      "a and b",
      'summary: "{a.server_ip}"',
    );
    const rows = {
      tcp_connections: [
        reset("10.0.0.1", "09:00:00", 1),
        { ...reset("10.0.0.2", "09:00:00", 2), server_port: 3389 },
        { conn_state: "SF", server_port: 3389 },
      ],
    };
    expect(await ask(rule, evidence({ rows, ...ground }))).toMatchObject({ verdict: "matched", summary: "10.0.0.2" });
    expect(await ask(rule, evidence({ rows: { tcp_connections: rows.tcp_connections.toSpliced(1, 1) }, ...ground }))).toMatchObject({
      verdict: "inconclusive",
    });
    const port443 = rows.tcp_connections.toSpliced(1, 1).map((row) => ({ server_port: 443, ...row }));
    expect(await ask(rule, evidence({ rows: { tcp_connections: port443 }, ...ground }))).toMatchObject({ verdict: "ruled_out" });
  });
  it("takes a way of joining that is there, whatever came of the other", async () => {
    const rule = ruleText(
      `
  a: { about: a, from: tcp_connections, where: { conn_state: RSTR } }
  b: { about: b, from: tcp_connections, where: { conn_state: REJ } }
  c: { about: c, from: sockets, where: { local_port: 3389 }, join: { host: [a.server_ip, b.server_ip] }, expect: none }`,
      "(a or b) and c",
    );
    const rows = {
      tcp_connections: [reset("10.0.0.1", "09:00:00", 1), refused("10.0.0.2", 2)],
      sockets: [{ host: ["10.0.0.1"], local_port: 3389 }],
    };
    const lists = { coverage: [...ground.coverage, { table: "sockets", host: ["10.0.0.1"] }, { table: "sockets", host: ["10.0.0.2"] }] };
    expect(outcomes(await ask(rule, evidence({ rows, ...lists })))).toEqual({ a: "false", b: "true", c: "true" });
  });
  it("finds a consistent choice wherever a brute-force search finds one", async () => {
    const rule = ruleText(
      `
  a: { about: a, from: events, where: { event_id: 1 } }
  b: { about: b, from: events, where: { event_id: 2 }, join: { channel: a.channel } }
  c: { about: c, from: events, where: { event_id: 3 }, join: { provider: b.provider } }
  d: { about: d, from: events, where: { event_id: 4 }, join: { channel: a.channel, provider: b.provider }, expect: none }`,
      "a and b and c and d",
    );
    const row = fc.record({
      event_id: fc.integer({ min: 1, max: 4 }),
      channel: fc.constantFrom("x", "y", "z"),
      provider: fc.constantFrom("p", "q", "r"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        const of = (id: number) => rows.filter((one) => one.event_id === id);
        const expected = of(1).some((a) =>
          of(2).some(
            (b) =>
              b.channel === a.channel &&
              of(3).some((c) => c.provider === b.provider) &&
              !of(4).some((d) => d.channel === a.channel && d.provider === b.provider),
          ),
        );
        const { verdict } = await ask(rule, evidence({ rows: { events: rows }, coverage: [{ table: "events" }] }));
        expect(verdict).toBe(expected ? "matched" : "ruled_out");
      }),
      { seed: 4, numRuns: 400 },
    );
  });
});

describe("sequences", () => {
  const rule = ruleText(
    `
  syn: { about: syn, from: events, where: { event_id: 1 } }
  reset: { about: reset, from: events, where: { event_id: 2 } }
  error: { about: error, from: events, where: { event_id: 3 } }
  order: { about: in order, sequence: [syn, reset, error], within: 10s }`,
    "order",
  );
  const event = (event_id: number, second: number, more: object = {}): Row => ({
    event_id,
    time: clock("09:00:00") + BigInt(second) * 1_000_000_000n,
    ...more,
  });
  const verdict = async (rows: readonly Row[], zonesKnown = [true, true]) =>
    (await ask(rule, evidence({ rows: { events: rows }, coverage: [{ table: "events" }, { table: "events", source: 1 }], zonesKnown })))
      .verdict;

  it("needs its rows in order and within the time", async () => {
    expect(await verdict([event(1, 0), event(2, 4), event(3, 10)])).toBe("matched");
    expect(await verdict([event(1, 0), event(2, 4), event(3, 11)])).toBe("ruled_out");
    expect(await verdict([event(1, 0), event(3, 4), event(2, 5)])).toBe("ruled_out");
    expect(await verdict([event(1, 0), event(1, 8), event(2, 9), event(3, 12)])).toBe("matched");
    expect(await verdict([event(1, 0), event(2, 4)])).toBe("ruled_out");
  });
  it("does not guess the order of clocks it cannot compare", async () => {
    const rows = [event(1, 0), event(2, 4, { source: 1 }), event(3, 5)];
    expect(await verdict(rows)).toBe("matched");
    expect(await verdict(rows, [true, false])).toBe("inconclusive");
    expect(await verdict([event(1, 0), event(2, 4, { time: null }), event(3, 5)])).toBe("inconclusive");
  });
});
