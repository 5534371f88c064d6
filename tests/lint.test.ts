import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exponentialRegex } from "../engine/node/regex-safety.ts";
import { type LintContext, lintRules } from "../engine/rules/lint.ts";
import { modifierMeanings, ruleSchemaJson } from "../engine/rules/schema.ts";
import { tableDeclarations } from "../engine/tables/index.ts";

const ROOT = join(import.meta.dirname, "..");

const context: LintContext = {
  tables: tableDeclarations,
  articles: new Set(["test/a-case"]),
  recipes: [
    { id: "event-log", title: "", gathers: [{ table: "events" }] },
    {
      id: "packet-capture",
      title: "",
      gathers: [
        { table: "tcp_connections", side: "client" },
        { table: "tcp_connections", side: "server" },
      ],
    },
    { id: "netstat", title: "", gathers: [{ table: "sockets" }] },
  ],
  testSides: new Map([["a-case", new Set(["matched", "ruled_out", "inconclusive"])]]),
  unsafeRegex: exponentialRegex,
};

const GOOD = `id: a-case
title: A case
status: test
level: medium
symptoms: [Something is wrong]
evidence:
  crash:
    about: the service crashed
    from: events
    where: { event_id: 7034, text|contains: [Remote Desktop] }
  reset:
    about: a connection was reset
    from: tcp_connections
    where:
      - { server_port: 3389, conn_state: RSTR }
      - { server_port: 3389, conn_state: REJ }
    near: { crash: 2m }
  gone:
    about: nothing listens
    from: sockets
    where: { local_port: 3389 }
    join: { host: reset.server_ip }
    expect: none
condition: crash and reset and gone
summary: "{reset.server_ip} crashed at {crash.time}"
resolutions:
  - { kind: update, kb: KB2621440, text: Reinstall it }
verify: [It works]
article: test/a-case
`;

/** Marks in a test where a diagnostic is expected. */
const HERE = "¦";

/** The good rule with one text replaced by another, and the places marked in that. */
function changed(from: string, to: string): { readonly text: string; readonly places: string[] } {
  expect(GOOD).toContain(from);
  const marked = GOOD.replace(from, () => to);
  const places: string[] = [];
  let text = marked;
  for (let at = text.indexOf(HERE); at >= 0; at = text.indexOf(HERE)) {
    text = text.slice(0, at) + text.slice(at + 1);
    const before = text.slice(0, at).split("\n");
    places.push(`${before.length}:${before.at(-1)!.length + 1}`);
  }
  return { text, places };
}

/** Diagnostics as `line:column code`. */
function lint(text: string): string[] {
  return lintRules([{ path: "rules/test/a-case.yaml", text }], context).map(({ line, column, code }) => `${line}:${column} ${code}`);
}

function messages(from: string, to: string): string[] {
  return lintRules([{ path: "a-case.yaml", text: GOOD.replace(from, () => to) }], context).map(({ message }) => message);
}

describe("a rule without fault", () => {
  it("has nothing to report", () => expect(lintRules([{ path: "rules/test/a-case.yaml", text: GOOD }], context)).toEqual([]));
});

describe("what is wrong is said with its place", () => {
  it.each<[string, string, string, string, ...string[]]>([
    ["a key given twice", "level: medium", "level: medium\n¦level: high", "yaml"],
    ["an unknown key", "level: medium", "level: medium\n¦severity: high", "schema"],
    ["an unknown key of evidence", "    from: events", "    ¦form: x\n    from: events", "schema"],
    ["a word that is not in a list", "level: medium", "level: ¦awful", "schema"],
    ["a number for a text", "title: A case", "title: ¦7", "schema"],
    ["an unknown kind of resolution", "kind: update", "kind: ¦pray", "schema"],
    ["a resolution without its facts", "{ kind: update, kb: KB2621440", "¦{ kind: registry, key: HKLM", "schema"],
    ["a KB number of another shape", "KB2621440", "¦'2621440'", "schema"],
    ["an expectation of another shape", "expect: none", "expect: { at_least: ¦0 }", "schema"],
    ["an id that is not the file's name", "id: a-case", "id: ¦b-case", "file-name", "missing-test"],
    ["an unknown table", "from: sockets", "from: ¦socket", "unknown-table"],
    ["an unknown column", "local_port: 3389", "¦local_prt: 3389", "unknown-column"],
    ["a prototype's key for a column", "local_port: 3389", "¦constructor: 3389", "unknown-column"],
    ["an unknown modifier", "text|contains:", "¦text|includes:", "unknown-modifier"],
    ["two modifiers that exclude each other", "text|contains:", "¦text|contains|startswith:", "unknown-modifier"],
    ["a text test of a number", "event_id: 7034", "¦event_id|contains: '70'", "impossible-comparison"],
    ["an order of texts", "event_id: 7034", "¦provider|gt: A", "impossible-comparison"],
    ["a number for a text column", "event_id: 7034", "message: ¦7034", "impossible-comparison"],
    ["a port there is not", "local_port: 3389", "local_port: ¦70000", "impossible-comparison"],
    ["a value the column never has", "conn_state: REJ", "conn_state: ¦REFUSED", "impossible-comparison"],
    ["a value in a list the column never has", "conn_state: REJ", "conn_state: [REJ, ¦RJ]", "impossible-comparison"],
    ["a comparison of two columns of different kinds", "event_id: 7034", "event_id|gt|fieldref: ¦provider", "impossible-comparison"],
    ["a column to compare with that is not there", "event_id: 7034", "event_id|gt|fieldref: ¦record", "unknown-column"],
    ["a group by an unknown column", "    near: { crash: 2m }", "    group: ¦server\n    having: { count|gte: 2 }", "unknown-column"],
    ["an aggregate there is not", "    near: { crash: 2m }", "    having: { ¦average(duration)|gte: 2 }", "schema"],
    ["a sum of what cannot be summed", "    near: { crash: 2m }", "    having: { ¦sum(conn_state)|gte: 2 }", "impossible-comparison"],
    [
      "a join of a group on a column it is not grouped by",
      "    near: { crash: 2m }",
      "    group: client_ip\n    having: { count|gte: 2 }",
      "ungrouped-column",
    ],
    ["a duration that is none", "near: { crash: 2m }", "near: { crash: ¦soon }", "schema"],
    ["columns that cannot be equal", "host: reset.server_ip", "host: ¦reset.server_port", "impossible-comparison"],
    ["a join to an unknown name", "host: reset.server_ip", "host: ¦resett.server_ip", "unknown-name"],
    ["a join to an unknown column", "host: reset.server_ip", "host: ¦reset.server", "unknown-column"],
    ["a join to itself", "host: reset.server_ip", "host: ¦gone.host", "unknown-name"],
    ["nearness to an unknown name", "near: { crash: 2m }", "near: { ¦crush: 2m }", "unknown-name"],
    ["nearness of what has no time", "join: { host: reset.server_ip }", "near: { ¦reset: 2m }", "no-time"],
    ["an unknown name in the condition", "crash and reset and gone", "crash and reset and ¦gon", "unknown-name"],
    ["an unknown name in a quoted condition", "crash and reset and gone", '"crash and reset and ¦gon"', "unknown-name"],
    ["a condition that does not parse", "crash and reset and gone", "crash and ¦(reset and gone", "bad-condition"],
    ["an empty group in the condition", "crash and reset and gone", "crash and reset and gone and ¦()", "empty-group"],
    ["an empty group of values", "[Remote Desktop]", "¦[]", "empty-group"],
    ["an empty group of predicates", "where: { local_port: 3389 }", "where: ¦{}", "empty-group"],
    [
      "an unknown name in the summary",
      '"{reset.server_ip} crashed at {crash.time}"',
      '"{reset.server_ip} crashed at {¦crush.time}"',
      "unknown-name",
    ],
    [
      "an unknown column in the summary",
      '"{reset.server_ip} crashed at {crash.time}"',
      '"{reset.server_ip} crashed at {¦crash.when}"',
      "unknown-column",
    ],
    ["absence shown in the summary", '"{reset.server_ip} crashed at {crash.time}"', '¦"{gone.local_port}"', "join-to-absence"],
    ["an expression RE2 does not have", "text|contains: [Remote Desktop]", "text|re: ¦'(a)\\1'", "bad-regex"],
    ["an expression others choke on", "text|contains: [Remote Desktop]", "text|re: ¦'^(a+)+$'", "unsafe-regex"],
    ["an article that is not there", "article: test/a-case", "article: ¦test/b-case", "missing-article"],
    ["a table nobody can gather", "from: events", "from: ¦sip_records", "missing-recipe"],
  ])("%s", (_, from, to, ...codes) => {
    const { text, places } = changed(from, to);
    const found = lint(text);
    for (const code of codes) expect(found).toContainEqual(places.length > 0 ? `${places[0]} ${code}` : expect.stringContaining(code));
  });

  it.each<[string, string, string, string]>([
    ["a missing key", "title: A case\n", "", "1:1 schema"],
    ["text that is not YAML", "[Something is wrong]", "[Something is wrong", "6:1 yaml"],
    ["evidence that bears on nothing", "crash and reset and gone", "crash and reset", "18:3 unused-evidence"],
    ["a join to absence", "near: { crash: 2m }", "join: { server_ip: gone.host }", "11:3 join-to-absence"],
    ["a circle", "    from: events\n", "    from: events\n    near: { reset: 2m }\n", "7:3 cycle"],
    ["absence on no machine in particular", "    join: { host: reset.server_ip }\n", "", "22:13 unearnable-absence"],
  ])("%s", (_, from, to, expected) => expect(lint(changed(from, to).text)).toContain(expected));

  it("in no other words than it needs", () => {
    for (const [from, to] of [
      ["level: medium", "level: awful"],
      ["kind: update", "kind: pray"],
      ["KB2621440", "'2621440'"],
      ["expect: none", "expect: { at_least: 0 }"],
      ["near: { crash: 2m }", "near: { crash: soon }"],
      ["[Remote Desktop]", "[]"],
    ] as const)
      expect(lint(GOOD.replace(from, to))).toHaveLength(1);
    expect(messages("from: sockets", "from: socket")).toEqual(['no table is called "socket" (did you mean sockets?)']);
    expect(messages("conn_state: REJ", "conn_state: REFUSED")[0]).toMatch(/^conn_state: "REFUSED" is not one of S0, S1/);
    expect(messages("level: medium", "level: awful")).toEqual(["must be one of informational, low, medium, high, critical"]);
    expect(messages("text|contains: [Remote Desktop]", "text|re: '^(a+)+$'")).toEqual([
      expect.stringMatching(/^may need exponential time/),
    ]);
  });

  it("everything at once, never only the first", () => {
    const text = GOOD.replace("level: medium", "level: awful")
      .replace("event_id: 7034", "event: 7034")
      .replace("conn_state: REJ", "conn_state: RJ")
      .replace("crash and reset and gone", "crash and nothing")
      .replace("test/a-case", "test/b-case");
    expect(lint(text)).toEqual([
      "4:8 schema",
      "10:14 unknown-column",
      "16:42 impossible-comparison",
      "24:22 unknown-name",
      "29:10 missing-article",
    ]);
  });

  it("over all files, and ids they share", () => {
    const found = lintRules(
      [
        { path: "rules/a/a-case.yaml", text: GOOD },
        { path: "rules/b/a-case.yaml", text: GOOD },
      ],
      context,
    );
    expect(found).toEqual([
      { file: "rules/b/a-case.yaml", line: 1, column: 5, code: "duplicate-id", message: "rules/a/a-case.yaml has the id a-case too" },
    ]);
  });

  it("with the rules they name that are not there", () => {
    const other = GOOD.replace("id: a-case", "id: b-case").replace("article:", "related: [a-case]\nyields_to: [c-case]\narticle:");
    const found = lintRules(
      [
        { path: "a-case.yaml", text: GOOD },
        { path: "b-case.yaml", text: other },
      ],
      { ...context, testSides: null },
    );
    expect(found).toEqual([{ file: "b-case.yaml", line: 30, column: 13, code: "unknown-rule", message: 'no rule is called "c-case"' }]);
  });

  it("with the test sides a case lacks", () => {
    const half = { ...context, testSides: new Map([["a-case", new Set(["matched"])]]) };
    expect(lintRules([{ path: "a-case.yaml", text: GOOD }], half)).toMatchObject([
      { code: "missing-test", message: "tests/cases/a-case has no bundle that expects ruled_out, inconclusive" },
    ]);
  });

  it.each([
    "",
    "7",
    "- a",
    "null",
    "id: [",
    "evidence: 1",
    "evidence: {a: 1}",
    "evidence: {a: {from: events, where: [1, null, []]}}",
    "\u0000",
    "? {a: b}\n: c",
  ])("in any text: %j", (text) => expect(lintRules([{ path: "a-case.yaml", text }], context).length).toBeGreaterThan(0));

  it("wherever the text is cut off", () => {
    for (let end = 0; end < GOOD.length; end += 7)
      for (const { line, column } of lintRules([{ path: "a-case.yaml", text: GOOD.slice(0, end) }], context))
        expect([line > 0, column > 0]).toEqual([true, true]);
  });
});

describe("the rules that are shipped", () => {
  const files = globSync("rules/*/*.yaml", { cwd: ROOT }).sort();
  const validate = new Ajv2020({ strict: false, allErrors: true, discriminator: true }).compile(ruleSchemaJson(tableDeclarations));
  it.each(files)("%s says which schema it follows, and follows it", (path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=../rule.schema.json");
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
    expect(lintRules([{ path, text }], { ...context, articles: null, recipes: null, testSides: null })).toEqual([]);
  });
});

describe("the editor's schema", () => {
  const validate = new Ajv2020({ strict: false, discriminator: true }).compile(ruleSchemaJson(tableDeclarations));
  const accepts = (from: string, to: string) => validate(parse(GOOD.replace(from, to)));
  it("knows tables, columns and values", () => {
    expect(accepts("", "")).toBe(true);
    expect(accepts("from: sockets", "from: socket")).toBe(false);
    expect(accepts("local_port: 3389", "local_prt: 3389")).toBe(false);
    expect(accepts("local_port: 3389", "local_prt|gt: 3389")).toBe(false);
    expect(accepts("conn_state: REJ", "conn_state: RJ")).toBe(false);
    expect(accepts("host: reset.server_ip", "hosts: reset.server_ip")).toBe(false);
  });
});

describe("the manual", () => {
  const manual = readFileSync(join(ROOT, "docs/rules.md"), "utf8");
  const examples = [...manual.matchAll(/```yaml\n(id: [\s\S]*?)```/g)].map((match) => match[1]!);
  it("has examples", () => expect(examples.length).toBeGreaterThan(2));
  it.each(examples.map((text) => [/id: (\S+)/.exec(text)![1]!, text]))("shows %s as it can be written", (id, text) =>
    expect(lintRules([{ path: `${id}.yaml`, text }], { ...context, articles: null, recipes: null, testSides: null })).toEqual([]),
  );
  it("explains every modifier and every diagnostic", () => {
    for (const word of Object.keys(modifierMeanings)) expect(manual).toContain(`| \`${word}\` |`);
    const sources = globSync("engine/{queries,rules}/*.ts", { cwd: ROOT })
      .map((path) => readFileSync(join(ROOT, path), "utf8"))
      .join("\n");
    const codes = new Set(
      [
        ...sources.matchAll(
          /"((?:unknown|bad|impossible|empty|missing|unused|unsafe|unearnable|join-to|no-time|ungrouped|file-name|duplicate)[a-z-]*-[a-z]+|cycle|schema|yaml|no-time)"/g,
        ),
      ].map((match) => match[1]!),
    );
    for (const code of codes) expect(manual).toContain(`\`${code}\``);
  });
});
