import { describe, expect, it } from "vitest";
import { compileRule } from "../engine/rules/compile.ts";
import { evaluateRules } from "../engine/verdicts/evaluate-rules.ts";
import { coverage, type EvidenceText, evidence } from "./support/evidence.ts";
import { compiled, ruleText } from "./support/rule-text.ts";

const KEY = "HKLM\\SOFTWARE\\Contoso";
const RULE = ruleText(
  `
  setting: { about: A value, from: registry_values, where: { key: ${KEY}, value: Mode, number: 1 }, alternative_to: [refused] }
  machine: { about: Its Windows, from: hosts, where: { product: windows-7 }, join: { host: setting.host } }
  refused: { about: A refusal, from: tcp_connections, where: { conn_state: REJ }, alternative_to: [setting] }
`,
  "(setting and machine) or refused",
);
const registry = coverage({ table: "registry_values", only: { key: [KEY] } });
const otherKey = coverage({ table: "registry_values", only: { key: ["HKLM\\SOFTWARE\\Other"] } });
const capture = coverage({ table: "tcp_connections" });
const refusal = { tcp_connections: [{ conn_state: "REJ", server_ip: "192.0.2.1" }] };

/** The verdict by the full evaluation; the prefilter must say the same. */
async function verdict(text: EvidenceText): Promise<string> {
  const verdicts = await Promise.all(
    [true, false].map(async (all) => (await evaluateRules([compiled(RULE)], evidence(text), { all }))[0]!.verdict),
  );
  expect(verdicts[1]).toBe(verdicts[0]);
  return verdicts[0]!;
}

describe("evidence of which a bundle holds one kind or the other", () => {
  it("is not found where the kind that is there shows nothing", async () => {
    expect(await verdict({ coverage: [registry] })).toBe("ruled_out");
    expect(await verdict({ coverage: [capture] })).toBe("ruled_out");
    expect(await verdict({ coverage: [capture, registry] })).toBe("ruled_out");
    expect(await verdict({ coverage: [capture, otherKey] })).toBe("ruled_out");
  });

  it("is not known where neither could be shown", async () => {
    expect(await verdict({ coverage: [coverage({ table: "events" })] })).toBe("inconclusive");
    expect(await verdict({ coverage: [otherKey] })).toBe("inconclusive");
  });

  it("counts where it is found, whichever kind it is", async () => {
    expect(await verdict({ rows: refusal, coverage: [capture] })).toBe("matched");
    expect(await verdict({ rows: refusal, coverage: [capture, registry] })).toBe("matched");
  });

  it("stays open where a row was found and what belongs to it is not known", async () => {
    const rows = { registry_values: [{ key: KEY, value: "Mode", number: 1, host: ["a"] }] };
    expect(await verdict({ rows, coverage: [registry] })).toBe("inconclusive");
    expect(await verdict({ rows, coverage: [registry, capture] })).toBe("inconclusive");
  });

  it("may be unseen only beside what was found", () => {
    const codes = (condition: string) => {
      const blocks = "\n  other: { about: x, from: tcp_connections }\n  no_event: { about: x, from: events, expect: unseen }\n";
      return compileRule(ruleText(blocks, condition), "a-case.yaml").diagnostics.map((one) => one.code);
    };
    expect(codes("other and no_event")).toEqual([]);
    for (const condition of ["no_event", "other or no_event", "other and not no_event"])
      expect(codes(condition)).toContain("unearnable-absence");
  });

  it.each([
    ["unknown-name", "refused: { about: x, from: tcp_connections, alternative_to: nobody }", "refused"],
    ["unearnable-absence", "refused: { about: x, from: tcp_connections, alternative_to: other }", "other and not refused"],
    [
      "unearnable-absence",
      "refused: { about: x, from: sockets, where: { host: a }, expect: none, alternative_to: other }",
      "refused and other",
    ],
    ["schema", "refused: { about: x, from: tcp_connections, join: { server_ip: other.server_ip }, alternative_to: other }", "refused"],
  ])("is an error (%s) where it cannot be so: %s", (code, block, condition) => {
    const text = ruleText(`\n  other: { about: x, from: tcp_connections }\n  ${block}\n`, condition);
    expect(compileRule(text, "a-case.yaml").diagnostics.map((one) => one.code)).toContain(code);
  });
});
