import type { TSchema } from "typebox";
import type { Column, TableDeclaration } from "../../engine/tables/table.ts";
import { type Html, html } from "../html.ts";
import { anchorLink } from "./copyable.ts";

/** Makes markup of a declaration's text. */
export type Say = (text: string) => Html;

/** One table with its columns, each with an address of its own: `#tcp_connections.conn_state`. */
export function declaredTable({ name, about, host, time, side, columns }: TableDeclaration, say: Say): Html {
  const roles = [
    ["machine", host],
    ["time", time],
    ["side", side],
  ].flatMap(([role, column]) => (column === undefined ? [] : [html`${role} <code>${column}</code>`]));
  return html`<section class="entry" id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title"><code>${name}</code>${anchorLink(name, name)}</h2>
<div class="entry-body"><p>${say(about)}</p>
${roles.length > 0 && html`<p class="note">Columns with a role: ${roles.map((role, index) => html`${index > 0 && ", "}${role}`)}</p>`}
<div class="scroll" role="region" aria-label="Columns of ${name}" tabindex="0"><table class="declared"><thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${Object.entries(columns).map(([column, declaration]) => columnRow(`${name}.${column}`, column, declaration, say))}</tbody></table></div>
</div></section>
`;
}

function columnRow(id: string, name: string, { type, unit, about, values, comparison }: Column, say: Say): Html {
  return html`<tr id="${id}"><th scope="row"><a class="term" href="#${id}"><code>${name}</code></a></th><td>${type}${unit && html`, ${unit}`}</td><td>${say(about)}${
    values && html` One of ${values.map((value, index) => html`${index > 0 && ", "}<code>${value}</code>`)}.`
  }${comparison && html` Null without a capture of the other end (<code>${comparison}</code>).`}</td></tr>
`;
}

/** A schema as far as documentation reads it. */
interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly patternProperties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
}

/** Every field of a rule file, with those of evidence blocks and of each kind of resolution. */
export function ruleFields(schema: TSchema, say: Say): Html {
  const rule = schema as Described;
  const { evidence, resolutions } = rule.properties ?? {};
  const block = Object.values(evidence?.patternProperties ?? {})[0];
  return html`${fieldTable("Fields of a rule", "rule", rule, say)}
${block && html`<h3>Evidence</h3>${fieldTable("Fields of an evidence block", "evidence", block, say)}`}
${resolutionGroups(resolutions?.items?.oneOf ?? []).map(
  ({ names, kind }) =>
    html`<h3>Resolution ${names.map((name, index) => html`${index > 0 && ", "}<code>${name}</code>`)}</h3>${fieldTable(`Fields of a resolution of kind ${names.join(", ")}`, `resolution-${names[0]}`, kind, say)}`,
)}`;
}

/** Kinds with the same fields are told once. */
function resolutionGroups(kinds: readonly Described[]): { names: string[]; kind: Described }[] {
  const groups = Map.groupBy(kinds, ({ properties = {} }) => Object.keys(properties).join());
  return [...groups.values()].map((group) => ({ names: group.map(({ properties }) => String(properties?.kind?.const)), kind: group[0]! }));
}

function fieldTable(label: string, prefix: string, { properties = {}, required = [] }: Described, say: Say): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="declared"><thead><tr><th scope="col">Field</th><th scope="col">Holds</th><th scope="col">Meaning</th></tr></thead>
<tbody>${Object.entries(properties).map(
    ([name, field]) =>
      html`<tr id="${prefix}.${name}"><th scope="row"><a class="term" href="#${prefix}.${name}"><code>${name}</code></a></th><td>${holds(field)}${required.includes(name) && html`<br><strong>required</strong>`}</td><td>${say(field.description ?? field.items?.description ?? "")}</td></tr>
`,
  )}</tbody></table></div>`;
}

/** What a field holds, in a word or two. */
function holds(field: Described): string {
  const alternatives = field.anyOf ?? field.oneOf;
  if (field.const !== undefined) return String(field.const);
  if (field.enum) return field.enum.map(String).join(", ");
  if (alternatives?.every((one) => one.const !== undefined)) return alternatives.map((one) => String(one.const)).join(", ");
  if (alternatives) return [...new Set(alternatives.map(holds))].join(" or ");
  if (field.type === "array") return field.items?.oneOf ? "list of maps" : `list of ${plural(field.items ? holds(field.items) : "values")}`;
  if (field.type === "object") return "map";
  return field.type === "string" ? "text" : (field.type ?? "value");
}

function plural(what: string): string {
  return /^(text|map|number|integer)$/.test(what) ? `${what}s` : what;
}
