import { describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { createSha256 } from "../engine/bytes/sha256.ts";
import { MAX_LINE_CHARACTERS, readLines } from "../engine/bytes/text.ts";
import { analyseSource } from "../engine/derive/analyse-source.ts";
import { events as declaration } from "../engine/tables/host-tables.ts";
import { Table } from "../engine/tables/table.ts";

const event = (record: number) =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager'/><EventID Qualifiers='49152'>7034</EventID><Level>2</Level><TimeCreated SystemTime='2024-03-12T09:00:00.000000000Z'/><EventRecordID>${record}</EventRecordID><Channel>System</Channel><Computer>srv</Computer></System><EventData><Data Name='param1'>Remote Desktop Services</Data><Data Name='param2'>${record}</Data></EventData></Event>`;

async function numbered(text: string): Promise<{ lines: [number, number][]; cut: number; whole: string }> {
  const lines: [number, number][] = [];
  let whole = "";
  const bytes = new TextEncoder().encode(text);
  const { cutLines } = await readLines(
    memorySource(bytes),
    "utf-8",
    (some, first) => {
      for (const [index, line] of some.entries()) lines.push([first + index, line.length]);
      whole += some.join("");
    },
    async () => {},
  );
  return { lines, cut: cutLines, whole };
}

describe("a whole log on one line of XML, as the Event Viewer saves it", () => {
  const COUNT = 6000;
  const log = `<?xml version="1.0" encoding="utf-8"?>\r\n<Events>${Array.from({ length: COUNT }, (_, index) => event(index + 1)).join("")}</Events>\r\nlast\r\n`;

  it("comes in pieces under one number, nothing lost, and the lines behind it keep theirs", async () => {
    expect(log.length).toBeGreaterThan(2 * MAX_LINE_CHARACTERS);
    const { lines, cut, whole } = await numbered(log);
    expect(cut).toBe(0);
    expect(whole).toBe(log.replaceAll("\r\n", ""));
    expect([...new Set(lines.map(([number]) => number))]).toEqual([1, 2, 3]);
    expect(lines.at(-1)).toEqual([3, 4]);
    expect(Math.max(...lines.map(([, length]) => length))).toBeLessThan(MAX_LINE_CHARACTERS);
  });

  it("gives every event", async () => {
    const bytes = new TextEncoder().encode(log);
    const file = { path: "System.xml", size: bytes.length, open: async () => memorySource(bytes) };
    const job = { files: [{ source: 0, file, hints: {} }], segments: false, hash: false };
    const [result] = await analyseSource(job, { createHasher: createSha256, progress: async () => {} });
    expect(result!.formats).toEqual(["event-xml"]);
    const events = result!.parts.find((part) => part.table === "events")!;
    expect(events.length).toBe(COUNT);
    expect(result!.warnings).toEqual([]);
    const record = new Table(declaration, [events]).reader("record_id");
    expect(Array.from({ length: COUNT }, (_, row) => record(row))).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  });

  it("is cut where it has no markup to cut it at", async () => {
    const { lines, cut } = await numbered(`${"x".repeat(MAX_LINE_CHARACTERS + 10)}\nnext\n`);
    expect(cut).toBe(1);
    expect(lines).toEqual([
      [1, MAX_LINE_CHARACTERS],
      [2, 4],
    ]);
  });
});
