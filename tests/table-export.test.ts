import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvHeader, tableAsCsv, tableAsJson, tableAsJsonLines } from "../engine/report/table-export.ts";
import { declareTable, Table, TableBuilder, type Value } from "../engine/tables/table.ts";

const declaration = declareTable({
  shownBy: "test",
  name: "sample",
  about: "One row of everything.",
  columns: {
    time: { type: "time", about: "When" },
    port: { type: "port", about: "Port" },
    text: { type: "text", about: "Words" },
    names: { type: "texts", about: "Names" },
    frames: { type: "frames", about: "Frames" },
    places: { type: "citations", about: "Anywhere" },
    seen: { type: "boolean", about: "Seen" },
  },
});
const paths = ["client.txt", "a b.txt"];

function table(...rows: Readonly<Record<string, Value>>[]): Table {
  const builder = new TableBuilder(declaration);
  for (const [index, row] of rows.entries()) builder.append(row, index + 5);
  return new Table(declaration, [builder.build(0, "line")]);
}

const full = {
  time: 1_357_635_280_123_456_789n,
  port: 3389,
  text: 'says "hello",\r\nand goes',
  names: ["TS1", "ts1.example"],
  frames: [61714, 61717],
  places: [{ source: 1, unit: "frame" as const, at: 7 }],
  seen: false,
};

describe("JSON Lines", () => {
  it("gives each row with its origin, times twice, 64-bit numbers as text", () => {
    expect(
      [...tableAsJsonLines(table(full), paths)]
        .join("")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        cited_source: "client.txt",
        cited_unit: "line",
        cited_at: 5,
        time: "2013-01-08T08:54:40.123456789Z",
        time_ns: "1357635280123456789",
        port: 3389,
        text: 'says "hello",\r\nand goes',
        names: ["TS1", "ts1.example"],
        frames: [61714, 61717],
        places: [{ source: "a b.txt", unit: "frame", at: 7 }],
        seen: false,
      },
    ]);
  });

  it("writes what is not known as null", () => {
    const [line] = [...tableAsJsonLines(table({}), paths)];
    expect(JSON.parse(line!)).toMatchObject({ time: null, time_ns: null, port: null, seen: null });
  });

  it("is one JSON array in the json form, empty or not, however long", () => {
    expect([...tableAsJson(table(), paths)].join("")).toBe("[]\n");
    const many = table(...Array.from({ length: 3000 }, (_, index) => ({ port: index, text: "line\nbreak" })));
    const pieces = [...tableAsJson(many, paths)];
    expect(pieces.length).toBeGreaterThan(4);
    expect(JSON.parse(pieces.join(""))).toHaveLength(3000);
  });
});

describe("CSV", () => {
  it("follows RFC 4180 and keeps cells as they stand", () => {
    expect([...tableAsCsv(table(full, { text: "=1+1" }), paths)].join("")).toBe(
      [
        "cited_source,cited_unit,cited_at,time,time_ns,port,text,names,frames,places,seen",
        'client.txt,line,5,2013-01-08T08:54:40.123456789Z,1357635280123456789,3389,"says ""hello"",\r\nand goes",TS1; ts1.example,61714 61717,a b.txt#frame:7,false',
        "client.txt,line,6,,,,=1+1,,,,",
        "",
      ].join("\r\n"),
    );
  });

  it("can be read back, whatever the cells hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", ",", '"', "\r", "\n", " ", "é") }), { maxLength: 5 }), (texts) => {
        const rows = readCsv([...tableAsCsv(table(...texts.map((text) => ({ text }))), paths)].join(""));
        const column = csvHeader(declaration).indexOf("text");
        expect(rows.slice(1).map((row) => row[column])).toEqual(texts);
      }),
      { seed: 20260102 },
    );
  });
});

/** A reader by the grammar of RFC 4180, independent of the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, quoted] = [[] as string[], "", false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ",") {
      row.push(field);
      field = "";
    } else if (character === "\r" && text[at + 1] === "\n") {
      rows.push([...row, field]);
      [row, field] = [[], ""];
      at++;
    } else field += character;
  }
  return rows;
}
