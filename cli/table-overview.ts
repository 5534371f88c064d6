import type { Format } from "../engine/formats/format.ts";
import { printable, quoted } from "../engine/report/printable.ts";
import type { Report, ReportSource } from "../engine/report/report.ts";
import { layoutRow, textWidth } from "../engine/report/text-layout.ts";
import { bundleSize, byteSize } from "../engine/report/wording.ts";
import type { Column, TableDeclaration } from "../engine/tables/table.ts";

const LABEL_WIDTH = 9;

/** What was understood of each source, and all that was not. */
export function sourceOverview(report: Report, width: number): string {
  const blocks = report.bundle.sources.map((source) => sourceBlock(source, width));
  const totals = new Map<string, number>();
  for (const { rows } of report.bundle.sources)
    for (const [table, count] of Object.entries(rows)) totals.set(table, (totals.get(table) ?? 0) + count);
  const total = [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([table, count]) => `${table} ${count}`);
  return `bundle ${printable(report.bundle.name)}   ${bundleSize(report)}\n\n${blocks.join("\n")}\n${total.length > 0 ? `rows in all: ${total.join(", ")}\n` : "no rows in any table\n"}`;
}

function sourceBlock(source: ReportSource, width: number): string {
  const fact = (label: string, text: string) =>
    layoutRow(2, [
      { text: label, width: LABEL_WIDTH },
      { text: quoted(text, 2000), width: width - LABEL_WIDTH - 4 },
    ]);
  const rows = Object.entries(source.rows).map(([table, count]) => `${table} ${count}`);
  const formats = [source.format, ...(source.also ?? [])].join(", ");
  const lines = [
    `${printable(source.path)}   ${formats}, ${byteSize(source.bytes)}`,
    ...(source.side ? fact("side", source.side) : []),
    ...(source.host && source.host.length > 0 ? fact("host", source.host.join(", ")) : []),
    ...(rows.length > 0 ? fact("rows", rows.join(", ")) : []),
    ...source.warnings.flatMap(({ code, text, at, count }) =>
      fact(
        "warning",
        `${text} (${[code, at > 0 ? `at ${at}` : "", count > 1 ? `${count} times` : ""].filter((part) => part !== "").join(", ")})`,
      ),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** All tables with what a row of each is. */
export function tableList(declarations: readonly TableDeclaration[], width: number): string {
  return definitions(
    declarations.map(({ name, about }) => [name, about]),
    width,
  );
}

/** The columns of one table: name, type, meaning. */
export function columnList(declaration: TableDeclaration, origin: Readonly<Record<string, Column>>, width: number): string {
  const describe = (columns: Readonly<Record<string, Column>>) =>
    Object.entries(columns).map(([name, column]) => [name, columnSentence(column)] as const);
  return `${declaration.name}: ${declaration.about}\n\n${definitions(describe(declaration.columns), width)}\nevery exported row starts with\n${definitions(describe(origin), width)}`;
}

/** `integer, bytes. Meaning. One of a, b.` */
export function columnSentence({ type, unit, about, values }: Column): string {
  return `${type}${unit ? `, ${unit}` : ""}. ${about}.${values ? ` One of ${values.join(", ")}.` : ""}`;
}

/** All formats by what a person calls them, with the tables they fill. */
export function formatList(formats: readonly Format[], width: number): string {
  return definitions(
    formats.map(({ id, title, tables }) => [id, `${title}: ${tables.join(", ")}`]),
    width,
  );
}

function definitions(entries: readonly (readonly [string, string])[], width: number): string {
  const nameWidth = Math.max(0, ...entries.map(([name]) => textWidth(name)));
  const lines = entries.flatMap(([name, about]) =>
    layoutRow(2, [
      { text: name, width: nameWidth },
      { text: about, width: Math.max(24, width - nameWidth - 4) },
    ]),
  );
  return `${lines.join("\n")}\n`;
}
