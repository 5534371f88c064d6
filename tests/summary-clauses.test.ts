import { describe, expect, it } from "vitest";
import { parseSummary, renderSummary, type TemplateValues } from "../engine/rules/template.ts";
import { declareTable, type Value } from "../engine/tables/table.ts";

const events = declareTable({
  name: "events",
  shownBy: "log",
  about: "Events",
  columns: { text: { type: "text", about: "What it says" } },
});

/** The summary as a finding shows it where `rows` were found, and what is wrong with its text. */
function shown(text: string, rows: Readonly<Record<string, readonly Value[]>>): { line: string; problems: string[] } {
  const problems: string[] = [];
  const tables = new Map([
    ["crash", events],
    ["warning", events],
  ]);
  const summary = parseSummary(text, tables as never, ["summary"], (_, code, __, point) => problems.push(`${code} at ${point?.offset}`));
  const column = events.columns.text!;
  const values: TemplateValues = {
    found: (evidence) => (rows[evidence] ?? []).length > 0,
    count: (evidence) => (rows[evidence] ?? []).length,
    cell: (evidence) => ({ value: rows[evidence]?.[0] ?? null, column }),
    cells: (evidence) => ({ values: (rows[evidence] ?? []).filter((value) => value !== null), column }),
  };
  return { line: renderSummary(summary, values), problems };
}

describe("a clause of a summary", () => {
  const text = "It stopped[; {crash.count|crash} ({crash.text})][; {warning.count|warning}]";

  it("is shown where all it names was found and is known", () => {
    expect(shown(text, { crash: ["7034"], warning: ["a", "b"] }).line).toBe("It stopped; 1 crash (7034); 2 warnings");
    expect(shown(text, { warning: ["a"] }).line).toBe("It stopped; 1 warning");
    expect(shown(text, { crash: [null] }).line).toBe("It stopped");
  });

  it("is examined as the rest is", () => {
    expect(shown("Bad[ {crush.text}] {crash.time}", {}).problems).toEqual(["unknown-name at 6", "unknown-column at 20"]);
  });
});
