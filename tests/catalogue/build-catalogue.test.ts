import { describe, expect, it } from "vitest";
import { articleLinkAddress, referenceAddress } from "../../engine/catalogue/addresses.ts";
import { buildCatalogue, type CatalogueTexts, type ReadRule } from "../../engine/catalogue/build-catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { firstParagraph, plainText } from "../../engine/catalogue/plain-text.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { isMap } from "../../engine/queries/problem.ts";
import type { KnowledgeText } from "../../engine/rules/compile-knowledge.ts";
import { ruleText } from "../support/rule-text.ts";

const shipped = await loadCatalogue();

const REFUSED = `
  refused:
    about: Refused
    from: tcp_connections
    where: { server_port: 3389, conn_state: REJ }`;

function file(folder: string, id: string, text: string, extension = "yaml"): KnowledgeText {
  return { id, path: `${folder}/${id}.${extension}`, text };
}

function texts(parts: Partial<CatalogueTexts>): CatalogueTexts {
  return { rules: [], recipes: [], articles: [], references: [], digest: "sha256:0", dataAsOf: "2026-01-01", version: "1.2.3", ...parts };
}

const rule = (id: string, evidence = REFUSED, condition = "refused") =>
  file("rules", `rds/${id}`, ruleText(evidence, condition).replace("id: a-case", `id: ${id}`));

const article = (body: string, front = "id: case\ntitle: A case\nproducts: [any]\nupdated: 2026-01-02") =>
  file("kb/articles", "test/case", `---\n${front}\n---\n${body}`, "md");

const only = (parts: Partial<CatalogueTexts>) => {
  const catalogue = buildCatalogue(texts(parts));
  return { ...catalogue, document: catalogue.cases[0]! };
};

describe("whoever listens while the catalogue is built", () => {
  it("hears every rule with what its file holds, the broken ones among them", () => {
    const heard: ReadRule[] = [];
    const broken = file("rules", "rds/broken", "id: broken\ncondition: [");
    buildCatalogue(texts({ rules: [rule("a"), broken] }), (one) => heard.push(one));
    expect(heard.map(({ file: { id }, data, rule: { defect } }) => [id, isMap(data) && data.id, defect === null])).toEqual([
      ["rds/a", "a", true],
      ["rds/broken", false, false],
    ]);
  });
});

describe("the shipped catalogue", () => {
  it("has every case with its article and nothing to complain of", () => {
    expect(shipped.problems).toEqual([]);
    expect(shipped.cases.map(({ id }) => id)).toEqual(shipped.cases.map(({ id }) => id).toSorted());
    for (const { id, sections, updated, evidence, collect } of shipped.cases) {
      expect([id, sections.length, evidence.length > 0, collect.length > 0]).toEqual([id, 7, true, true]);
      expect(updated).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it("tells what a case rests on", () => {
    const document = shipped.cases.find(({ id }) => id === "rdp-listener-gone")!;
    expect(document).toMatchObject({
      area: "rds",
      level: "high",
      products: ["windows-server-2008-r2", "windows-7"],
      protocols: ["rdp", "tcp"],
      collect: ["packet-capture", "tcpip-driver-trace", "netstat", "event-log-system"],
      condition: "(turned_away or no_endpoint) and no_listener and service_crash",
    });
    expect(document.evidence.map(({ name, table, expect: expected }) => [name, table, expected])).toEqual([
      ["turned_away", "tcp_connections", "some"],
      ["no_endpoint", "driver_events", "some"],
      ["no_listener", "sockets", "none"],
      ["service_crash", "events", "some"],
    ]);
    expect(document.evidence[0]!.where[0]).toEqual([
      "server port is 3389",
      "connection state is RSTR or RSTRH",
      "sender of the first RST is server",
      "duration at least 1 s",
    ]);
    expect(document.evidence[3]!.belongs).toEqual([
      "host is the server IP of turned_away; or host is not known",
      "time is within 2 min of the end of turned_away",
    ]);
  });

  it("shows a block as its author wrote it, comments and hexadecimal numbers included", () => {
    const block = shipped.cases.find(({ id }) => id === "iphttps-server-unreachable")!.evidence[0]!;
    expect(block.source).toMatch(
      /^timed_out:\n {2}about: .*\n {2}from: httpstunnel_interfaces\n {2}where:\n {4}- \{ role: client, last_error: 0x274c \}/,
    );
    expect(block.where[0]).toContain("last error is 0x274c");
    const crash = shipped.cases.find(({ id }) => id === "rdp-listener-gone")!.evidence.at(-1)!;
    expect(crash.source).toContain("\n    # Display names of the service by language");
    expect(crash.source).toMatch(/near: \{ turned_away\.end: 2m \}$/);
  });

  it("knows what competes: two cases with one symptom", () => {
    const rivals = new Map(shipped.cases.map(({ id, competes_with }) => [id, competes_with]));
    expect(rivals.get("tcp-peer-mss-below-536")).toContain("tcp-segments-lost-in-transit");
    expect(rivals.get("tcp-segments-lost-in-transit")).toContain("tcp-peer-mss-below-536");
  });

  it("names with a recipe the cases that ask for it", () => {
    for (const { id, cases } of shipped.recipes)
      expect(cases).toEqual(shipped.cases.filter(({ collect }) => collect.includes(id)).map((one) => one.id));
    expect(shipped.recipes.find(({ id }) => id === "sipstack-trace")!.cases).toContain("lync-edge-front-end-5061-reset-in-path");
  });
});

describe("what is broken", () => {
  it("does not stop the rest, and is told with its place", () => {
    const { cases, problems } = buildCatalogue(
      texts({
        rules: [
          rule("b-good"),
          file("rules", "rds/a-broken", "id: [\n"),
          rule("c-unknown-column", REFUSED.replace("server_port", "server_prot")),
          file("rules", "rds/d-lacking", "id: d-lacking\n"),
        ],
        articles: [article("## Symptom\n\nSo it is.\n")],
      }),
    );
    expect(cases.map(({ id }) => id)).toEqual(["b-good"]);
    expect([...new Set(problems.map(({ file: path }) => path))]).toEqual([
      "rules/rds/a-broken.yaml",
      "rules/rds/c-unknown-column.yaml",
      "rules/rds/d-lacking.yaml",
    ]);
    expect(problems.find(({ code }) => code === "unknown-column")).toMatchObject({
      line: 13,
      message: expect.stringContaining("server_port"),
    });
  });

  it("is an article that is none: its case has no sections, and no date", () => {
    for (const body of [file("kb/articles", "test/case", "# No front matter\n", "md"), article("", "id: case\ntitle: A case")]) {
      const { document, problems } = only({ rules: [rule("a")], articles: [body] });
      expect([document.sections, document.updated]).toEqual([[], ""]);
      expect(problems.map(({ file: path }) => path)).toContain("kb/articles/test/case.md");
      expect(problems).toContainEqual(expect.objectContaining({ file: "rules/rds/a.yaml", code: "no-article" }));
    }
  });

  it("is a second case of one id", () => {
    const { cases, problems } = buildCatalogue(texts({ rules: [rule("a"), { ...rule("a"), path: "rules/tcp/a.yaml", id: "tcp/a" }] }));
    expect(cases.map(({ id, area }) => [id, area])).toEqual([["a", "rds"]]);
    expect(problems).toContainEqual(expect.objectContaining({ file: "rules/tcp/a.yaml", code: "duplicate-id", line: 1 }));
  });

  it("is an entry of the reference data: the others of its file are there", () => {
    const port = (id: string, more = "service: Something") =>
      `- id: ${id}\n  protocol: tcp\n  ports: "${id.slice(4)}"\n  ${more}\n  about: It is\n  source: A book\n  as_of: 2026-01-01\n`;
    const { references, problems } = buildCatalogue(
      texts({
        references: [
          file("kb/reference", "ports", port("tcp-2") + port("tcp-1") + port("tcp-3", "colour: red") + port("tcp-2")),
          file("kb/reference", "ports/more", port("tcp-4")),
          file("kb/reference", "colours", "- red\n"),
          file("kb/reference", "errors", "red: yes\n"),
          file("kb/reference", "events", "- [\n"),
        ],
      }),
    );
    expect(references.ports.map(({ id }) => id)).toEqual(["tcp-1", "tcp-2", "tcp-4"]);
    expect(references.errors).toEqual([]);
    expect([...new Set(problems.map(({ file: path, line, code }) => `${path}:${line} ${code}`))]).toEqual([
      "kb/reference/colours.yaml:1 unknown-kind",
      "kb/reference/errors.yaml:1 schema",
      "kb/reference/events.yaml:2 yaml",
      "kb/reference/ports.yaml:15 schema",
      "kb/reference/ports.yaml:18 schema",
      "kb/reference/ports.yaml:22 duplicate-id",
    ]);
  });

  it("is a recipe: it is left out", () => {
    const { recipes, problems } = buildCatalogue(
      texts({ recipes: [file("kb/collect", "netstat", "id: netstat\n"), file("kb/collect", "x", "{")] }),
    );
    expect(recipes).toEqual([]);
    expect(problems.map(({ file: path }) => path)).toEqual(expect.arrayContaining(["kb/collect/netstat.yaml", "kb/collect/x.yaml"]));
  });

  it("is never a reason to throw", () => {
    for (const text of [
      "",
      "\u0000",
      "null",
      "[]",
      "&a [*a]",
      "{a: 1, a: 2}",
      "---\n---\n",
      "evidence: 1",
      "x: !!binary 1",
      "a: &a b\nc: *a",
    ]) {
      const whole = texts({
        rules: [file("rules", "x", text)],
        recipes: [file("kb/collect", "x", text)],
        references: [file("kb/reference", "ports", text)],
        articles: [file("kb/articles", "x", text, "md"), file("kb/articles", "y", `---\n${text}\n---\n`, "md")],
      });
      const catalogue = buildCatalogue(whole);
      expect([catalogue.cases, catalogue.recipes, catalogue.references.ports]).toEqual([[], [], []]);
      expect(catalogue.problems.length).toBeGreaterThan(2);
    }
  });
});

describe("an article", () => {
  const sections = (body: string) => only({ rules: [rule("a")], articles: [article(body)] }).document.sections;

  it("is cut at its second-level headings, and nowhere inside code", () => {
    const body =
      "Before.\n\n## Symptom\n\nOne\n\n### Third\n\n```sh\n## no heading\n```\n\n~~~~\n```\n## nor this\n~~~~\n\n## Cause ##\n\nTwo\n";
    expect(sections(body)).toEqual([
      { title: "Symptom", markdown: "One\n\n### Third\n\n```sh\n## no heading\n```\n\n~~~~\n```\n## nor this\n~~~~" },
      { title: "Cause", markdown: "Two" },
    ]);
  });

  it("may have the line ends and the byte order mark of another system", () => {
    const { document } = only({
      rules: [rule("a")],
      articles: [
        {
          ...article(""),
          text: "\uFEFF---\r\nid: case\r\ntitle: A case\r\nproducts: [any]\r\nupdated: 2026-01-02\r\n---\r\n\r\n## Symptom\r\n\r\nOne\r\n",
        },
      ],
    });
    expect([document.updated, document.sections]).toEqual(["2026-01-02", [{ title: "Symptom", markdown: "One" }]]);
  });

  it("is told wrong at its own lines", () => {
    const { problems } = only({
      rules: [rule("a")],
      articles: [article("", "id: case\ntitle: A case\nproducts: [any]\nupdated: yesterday")],
    });
    expect(problems).toContainEqual(expect.objectContaining({ file: "kb/articles/test/case.md", line: 5, code: "schema" }));
  });

  it("links to files of the knowledge base by where they stand on the site", () => {
    expect(articleLinkAddress("../../collect/netstat.yaml")).toBe("collect/netstat/");
    expect(articleLinkAddress("../rds/rdp-listener-gone.md#cause")).toBe("cases/rdp-listener-gone/#cause");
    expect(articleLinkAddress("../../articles/rds/rdp-listener-gone.md")).toBe("cases/rdp-listener-gone/");
    expect(articleLinkAddress("../../reference/ports.yaml#tcp-3389")).toBe("reference/ports/#tcp-3389");
    for (const other of ["https://example.org/a.md", "#cause", "/etc/passwd", "../../../secret", "javascript:alert(1)", "x.md"])
      expect(articleLinkAddress(other)).toBeNull();
  });
});

describe("evidence in plain words", () => {
  const evidence = (block: string, condition = "it") =>
    only({ rules: [rule("a", `\n  it:\n    about: It\n${block}`, condition)], articles: [article("")] }).document.evidence;

  it.each([
    ["tcp_connections", "server_port: 3389", "server port is 3389"],
    ["tcp_connections", "server_port: [80, 443, 8080]", "server port is 80, 443 or 8080"],
    ["tcp_connections", "server_port|neq: [80, 443]", "server port is none of 80 or 443"],
    ["tcp_connections", "duration|gte: 1s", "duration at least 1 s"],
    ["tcp_connections", "idle_max|gt: 2m", "idle max more than 2 min"],
    ["tcp_connections", "idle_max|lt: 90", "idle max less than 90 s"],
    ["tcp_connections", "idle_max|lte: 1d", "idle max at most 1 day"],
    ["tcp_connections", "syn_rtt|gte: 500us", "SYN RTT at least 500 µs"],
    ["tcp_connections", "client_mss|lt: 536", "client MSS less than 536 bytes"],
    ["tcp_connections", "client_mss: 1", "client MSS is 1 byte"],
    ["tcp_connections", "client_mss: 16KiB", "client MSS is 16KiB"],
    ["tcp_connections", "client_retransmissions: 0", "client retransmissions: 0"],
    ["tcp_connections", "client_retransmissions|gte: 3", "client retransmissions at least 3"],
    ["tcp_connections", "established: false", "established: no"],
    ["tcp_connections", "handshake_rtt: null", "handshake RTT is not known"],
    ["tcp_connections", "side: [client, null]", "side of the capture is client or not known"],
    ["tcp_connections", "handshake_rtt|exists: true", "handshake RTT is known"],
    ["tcp_connections", "client_mss|gt|fieldref: server_mss", "client MSS more than the server MSS of the same row"],
    ["tcp_connections", "server_ip|cidr: 10.0.0.0/8", "server IP is in the network 10.0.0.0/8"],
    ["tcp_connections", "process|startswith: RTC", "process starts with “RTC”"],
    ["tcp_connections", "start|gte: 2013-01-06T09:53:40Z", "start at least 2013-01-06T09:53:40Z"],
    ["events", "text|contains: [one, two]", "text contains any of “one” or “two”"],
    ["events", "text|contains|all: [one, two]", "text contains all of “one” and “two”"],
    ["events", "text|contains|cased: One", "text contains “One”, in just these letters"],
    ["events", "text|re: ^a+$", "text matches “^a+$”"],
    ["events", "text|re|i: ^a+$", "text matches “^a+$”, in any case of letters"],
    ["events", "provider: Service*", "provider is like “Service*”"],
    ["events", 'provider: "a\\\\*b"', "provider is “a*b”"],
    ["events", 'text|neq: ["*a*", "*b*"]', "text is like none of “*a*” or “*b*”"],
    ["events", "event_id: [7031, 7034]", "event id is 7031 or 7034"],
    ["lost_segments", "kind: [syn, data]", "kind is SYN or data"],
  ])("%s: %s is told as: %s", (table, predicate, words) => {
    expect(evidence(`    from: ${table}\n    where: { "${predicate.replace(/^([^:]+): /, '$1": ')} }`)[0]!.where).toEqual([[words]]);
  });

  it("tells alternatives apart, and none where there is no predicate", () => {
    expect(evidence("    from: sockets\n    where: [{ local_port: 1 }, { local_port: 2, protocol: udp }]")[0]!.where).toEqual([
      ["local port is 1"],
      ["local port is 2", "protocol is udp"],
    ]);
    expect(evidence("    from: sockets")[0]!.where).toEqual([]);
  });

  it("tells of counting", () => {
    const [block] = evidence(
      "    from: tcp_connections\n    group: [server_ip, server_port]\n    having: { count|gte: 1000, distinct(client_ip)|gte: 50, max(client_mss)|lt: 536 }\n    within: 10s",
    );
    expect(block!.counted).toEqual([
      "rows of the same server IP and server port are taken together",
      "at least 1000 rows",
      "at least 50 different values of client IP",
      "the greatest client MSS is less than 536",
      "all within 10 s",
    ]);
    expect(evidence("    from: sockets\n    expect: { at_least: 3 }")[0]!.expect).toBe("at least 3");
  });

  it("tells what belongs together", () => {
    const more = `    from: tcp_connections
  refused:
    about: Refused
    of: it
    where: { conn_state: REJ }
  event:
    about: Logged
    from: events
    join: [{ host: [it.client_ip, it.server_ip] }, { host: null }]
    near: { it: { within: 10m, order: before }, refused.end: 90 }
  both:
    about: In turn
    sequence: [refused, event]
    within: 30s`;
    const [, refused, event, both] = evidence(more, "refused and event and both");
    expect([refused!.table, refused!.belongs]).toEqual(["tcp_connections", ["it is one of the rows of it"]]);
    expect(event!.belongs).toEqual([
      "host is the client IP of it or the server IP of it; or host is not known",
      "time is at most 10 min before the start of it",
      "time is within 90 s of the end of refused",
    ]);
    expect(both).toMatchObject({ table: null, where: [], belongs: ["refused, then event, in this order within 30 s"] });
  });
});

describe("protocols and recipes of a case", () => {
  const port = `- id: udp-3478\n  protocol: udp\n  ports: "3478"\n  service: STUN\n  speaks: [stun]\n  about: It is\n  source: RFC 8489\n  as_of: 2026-01-01\n`;
  const protocols = (block: string) =>
    only({
      rules: [rule("a", `\n  it:\n    about: It\n${block}`, "it")],
      articles: [article("")],
      references: [file("kb/reference", "ports", port)],
    }).document.protocols;

  it("come from its tables and from the ports it asks for, by their transport", () => {
    expect(protocols("    from: udp_flows\n    where: { server_port: 3478 }")).toEqual(["stun", "udp"]);
    expect(protocols("    from: sockets\n    where: { protocol: udp, local_port: 3478 }")).toEqual(["stun", "udp"]);
    expect(protocols("    from: tcp_connections\n    where: { server_port: 3478 }")).toEqual(["tcp"]);
    expect(protocols("    from: udp_flows\n    where: { server_port|neq: 3478 }")).toEqual(["udp"]);
    expect(protocols("    from: events")).toEqual([]);
  });

  it("ask for captures of both ends where a column is told by comparing them", () => {
    const evidence = `\n  it:\n    about: It\n    from: tcp_connections\n    where: { other_end|neq: [seen, absent] }`;
    const recipe = (id: string, table: string) =>
      file(
        "kb/collect",
        id,
        `id: ${id}\ntitle: ${id}\ngathers: [{ table: ${table} }]\nwindows: any\nelevated: true\nstart: [{ text: Go }]\nbundle: [All]\nlimits: [None]\nprivacy: None\nsource: A book\nas_of: 2026-01-01\n`,
      );
    const recipes = [recipe("both", "session_pairs"), recipe("one", "tcp_connections"), recipe("other", "events")];
    const { document, ...catalogue } = only({ rules: [rule("a", evidence, "it")], articles: [article("")], recipes });
    expect(document.collect).toEqual(["one", "both"]);
    expect(catalogue.recipes.map(({ id, cases, stop }) => [id, cases, stop])).toEqual([
      ["both", ["a"], []],
      ["one", ["a"], []],
      ["other", [], []],
    ]);
  });
});

describe("entries", () => {
  const entries = entriesOf(shipped);

  it("have an address each, and a title and a text", () => {
    const addresses = entries.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const { address, title, text } of entries) {
      expect(address).toMatch(/^(cases|collect|areas|products|reference\/updates)\/[a-z0-9.-]+\/$|^reference\/[a-z]+\/#[a-z0-9._-]+$/);
      expect(`${address} ${title}`).toMatch(/ ./);
      expect(`${address} ${text}`).toMatch(/ .+[^\s]$/);
      expect(text).not.toMatch(/[`*]\w|\]\(|undefined/);
    }
  });

  it("are as many as there are things to find", () => {
    const { updates, ports, registry, errors, events } = shipped.references;
    const things =
      shipped.cases.length + shipped.recipes.length + updates.length + ports.length + registry.length + errors.length + events.length;
    expect(entries.filter(({ kind }) => kind !== "page")).toHaveLength(things);
    expect(entries.find(({ address }) => address === "reference/updates/#kb2737155")).toMatchObject({
      title: "KB2737155: Cumulative update for Lync 2010, October 2012",
      text: "Brings Lync 2010 to 4.0.7577.4356.",
      facets: { product: ["lync-2010"] },
    });
  });

  it("have anchors that no address would have to escape", () => {
    expect(referenceAddress("errors", "0x274C")).toBe("reference/errors/#0x274c");
    expect(referenceAddress("registry", "Ein Wert & mehr")).toBe("reference/registry/#ein-wert-mehr");
  });
});

describe("names and texts", () => {
  it.each([
    ["windows-server-2008-r2", "Windows Server 2008 R2"],
    ["forefront-uag-2010", "Forefront UAG 2010"],
    ["directaccess", "DirectAccess"],
    ["tcp", "TCP"],
    ["", ""],
  ])("%s is called %s", (id, name) => expect(displayName(id)).toBe(name));

  it("are free of Markdown in a snippet", () => {
    expect(plainText("Run `net start` **now**, see [the *list*](x.md) and ![a picture](y.png).\n* one\n2. two\n> three")).toBe(
      "Run net start now, see the list and a picture. one two three",
    );
    expect(plainText("snake_case_name and 2*3*4 and \\*plain\\*")).toBe("snake_case_name and 2*3*4 and *plain*");
    expect(firstParagraph("First\nline.\n\nSecond.")).toBe("First line.");
    for (const other of ["| a |\n|---|", "```\ncode\n```", "# Heading", "* item", "1. item", ""]) expect(firstParagraph(other)).toBe("");
  });
});
