import { ORIGIN_COLUMNS } from "../engine/report/table-export.ts";
import type { Column, TableDeclaration } from "../engine/tables/table.ts";

/** `docs/tables.md`: every table and column, for whoever writes a rule or reads an export. */
export function tableDocs(declarations: readonly TableDeclaration[]): string {
  const contents = declarations.map(({ name, about }) => `* [\`${name}\`](#${name}): ${cell(about)}`);
  return `# Tables

What evidence is turned into, and what rules ask. Written by \`npm run gen\` from the declarations in \`engine/tables/\`.

A cell that is not known is null, and a question about it is *unknown* rather than false. \`time\` columns count nanoseconds since
1970-01-01 UTC, \`duration\` columns seconds. \`host\` is every address and name of one machine, and equals any of them. \`frame\`,
\`frames\` and \`citations\` say where the evidence stands, numbered from 1.

${contents.join("\n")}

${declarations.map(section).join("\n")}
## Exports

\`casebook tables <path> <table>\` starts every row with these columns, and follows each \`time\` column with \`<column>_ns\`.

${columnTable(ORIGIN_COLUMNS)}
`;
}

function section({ name, about, host, time, side, columns }: TableDeclaration): string {
  const roles = [host && `machine: \`${host}\``, time && `time: \`${time}\``, side && `side: \`${side}\``].filter(Boolean);
  return `## ${name}

${about}${roles.length > 0 ? ` (${roles.join(", ")})` : ""}

${columnTable(columns)}
`;
}

function columnTable(columns: Readonly<Record<string, Column>>): string {
  const rows = Object.entries(columns).map(([name, { type, unit, about, values }]) => {
    const meaning = `${cell(about)}${values ? `. One of ${values.map((value) => `\`${value}\``).join(", ")}` : ""}`;
    return `| \`${name}\` | ${type}${unit ? `, ${unit}` : ""} | ${meaning} |`;
  });
  return ["| column | type | meaning |", "|---|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
