import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipv4Text, parsePlainIpv4 } from "../engine/bytes/address.ts";
import type { Emit } from "../engine/formats/format.ts";
import { netstat } from "../engine/formats/netstat.ts";
import { declareTable, Table, TableBuilder, type Value } from "../engine/tables/table.ts";

const things = declareTable({
  name: "things",
  shownBy: "test",
  about: "One thing.",
  columns: {
    text: { type: "text", about: "Text" },
    ip: { type: "ip", about: "Address or name" },
    port: { type: "port", about: "Port" },
    integer: { type: "integer", about: "Whole number" },
    number: { type: "number", about: "Number" },
    boolean: { type: "boolean", about: "Yes or no" },
    time: { type: "time", about: "When" },
    texts: { type: "texts", about: "Texts" },
    host: { type: "host", about: "Machine" },
  },
});

type Cells = Record<keyof typeof things.columns, Value>;

const ipv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(ipv4Text);
const rows: fc.Arbitrary<Cells[]> = fc.array(
  fc.record({
    text: fc.option(fc.oneof(fc.constantFrom("", "one", "two"), fc.string({ unit: "binary" }), fc.constant("\ud800 alone"))),
    ip: fc.option(fc.oneof(ipv4, fc.constantFrom("0.0.0.0", "255.255.255.255", "::1", "server1", "010.0.0.1", "1.2.3", ""))),
    port: fc.option(fc.integer({ min: 0, max: 65_535 })),
    integer: fc.option(fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constantFrom(-1, 2 ** 31, 2 ** 32))),
    number: fc.option(fc.double({ noNaN: true }).map((value) => value + 0)),
    boolean: fc.option(fc.boolean()),
    time: fc.option(fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }))),
    texts: fc.option(fc.array(fc.string())),
    host: fc.option(fc.array(fc.string())),
  }),
  { maxLength: 60 },
);

function built(list: readonly Partial<Cells>[]): Table {
  const builder = new TableBuilder(things);
  for (const [index, cells] of list.entries()) builder.append(cells, index + 1);
  return new Table(things, [builder.build(0, "line")]);
}

describe("rows that are kept in typed columns", () => {
  it("are read as they were written, whatever the cells hold", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const table = built(list);
        for (const [row, cells] of list.entries()) {
          for (const [column, value] of Object.entries(cells)) expect(table.value(row, column)).toEqual(value);
          expect(table.citation(row)).toEqual({ source: 0, unit: "line", at: row + 1 });
        }
      }),
    );
  });

  it("keep a value of another kind than their column's, and what came before it", () => {
    const table = built([{ text: "a", integer: 1, ip: "10.0.0.1" }, { text: 5, integer: "many", ip: 7 }, { text: null }]);
    expect(["text", "integer", "ip"].map((column) => [0, 1, 2].map((row) => table.value(row, column)))).toEqual([
      ["a", 5, null],
      [1, "many", null],
      ["10.0.0.1", 7, null],
    ]);
  });

  it("keep each different text once, IPv4 addresses in four bytes, and numbers and times without an object each", () => {
    const list = Array.from({ length: 5000 }, (_, row) => ({
      text: row % 2 === 0 ? "ESTABLISHED" : "TIME_WAIT",
      ip: ipv4Text(row * 7919),
      integer: row,
      time: BigInt(row) * 1_000_000_000n,
    }));
    const { columns } = built(list).parts[0]!;
    expect(columns.text).toMatchObject({ kind: "texts", dictionary: ["", "ESTABLISHED", "TIME_WAIT"] });
    expect(columns.ip).toMatchObject({ kind: "addresses", dictionary: ["", "ESTABLISHED", "TIME_WAIT"] });
    expect(columns.integer).toMatchObject({ kind: "numbers" });
    expect(columns.time).toMatchObject({ kind: "times" });
    const bytes = Object.values(columns).flatMap((column) => Object.values(column).filter((value) => ArrayBuffer.isView(value)));
    expect(bytes.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)).toBeLessThan(60 * list.length);
  });
});

describe("IPv4 text as it is written", () => {
  it("is read back, and any other text is not", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => parsePlainIpv4(ipv4Text(address)) === address));
    for (const text of [
      "",
      ".",
      "1.2.3",
      "1.2.3.",
      "1.2.3.4.",
      "1.2.3.4.5",
      "01.2.3.4",
      "1.2.3.256",
      "1..2.3",
      "1.2.3.4 ",
      "a.b.c.d",
      "1.2.3.-4",
    ])
      expect(parsePlainIpv4(text), text).toBeNull();
  });
});

describe("a listing longer than is held back", () => {
  it("gives every row with its owner, and the machine as far as it was known", () => {
    const found: { values: Readonly<Record<string, Value | undefined>>; at: number }[] = [];
    const ignore = () => {};
    const emit: Pick<Emit, "row" | "anomaly" | "coverage" | "host"> = {
      row: (_, values, at) => found.push({ values, at }),
      anomaly: ignore,
      coverage: ignore,
      host: ignore,
    };
    const reader = netstat.reader(emit as Emit, {});
    const count = 100_003;
    for (let n = 0; n < count; n++) {
      reader.line(`  TCP    10.0.0.1:${1024 + (n % 60_000)}    10.1.2.3:443    ESTABLISHED    ${n}`, 2 * n + 1);
      reader.line(n === count - 1 ? "  Dnscache" : " [svc.exe]", 2 * n + 2);
    }
    reader.end();
    expect(found).toHaveLength(count);
    for (const row of [0, 50_000, 100_000])
      expect(found[row]).toEqual({
        at: 2 * row + 1,
        values: {
          host: ["10.0.0.1"],
          protocol: "tcp",
          local_ip: "10.0.0.1",
          local_port: 1024 + (row % 60_000),
          remote_ip: "10.1.2.3",
          remote_port: 443,
          state: "ESTABLISHED",
          process_id: row,
          process: "svc.exe",
        },
      });
    expect(found.filter(({ values }) => values.process !== "svc.exe").map(({ at }) => at)).toEqual([2 * count - 1]);
  });
});
