import { withArticle } from "../queries/absence.ts";
import type { EvidenceStore } from "../queries/evidence-store.ts";
import type { Query } from "../queries/selection.ts";
import { TRUE, UNKNOWN } from "../queries/truth.ts";
import type { Recipe, RuleBody } from "../rules/rule.ts";
import { formatTime } from "../rules/template.ts";
import { tableDeclaration } from "../tables/index.ts";
import type { TableDeclaration, Value } from "../tables/table.ts";
import type { Scene } from "./best-scene.ts";
import type { Found } from "./describe.ts";
import { type CaptureSide, decisiveUnknowns, missingSides, recipesFor } from "./missing.ts";
import type { MissingEvidence } from "./verdict.ts";

/** What a person would have to submit for an inconclusive rule to be decided, each once. */
export function missingEvidence(
  { queries, condition }: RuleBody,
  scene: Scene,
  found: ReadonlyMap<string, Found>,
  recipes: readonly Recipe[],
  store: EvidenceStore,
): MissingEvidence[] {
  const missing = new Map<string, MissingEvidence>();
  const lone = loneSession(found);
  const sought = decisiveUnknowns(condition, scene.outcomes).flatMap((name) => roots(name, queries, found));
  for (const name of new Set(sought)) {
    for (const member of queries.get(name)!.sequence?.members ?? [name]) {
      const query = queries.get(member)!;
      const declaration = soughtIn(query, store.view(query.selection.table).table.declaration);
      const compares = declaration.comparesSidesOf !== undefined;
      const sides = compares && lone ? [opposite(lone.side)] : missingSides(query, declaration, store);
      for (const side of sides) {
        const key = `${compares ? "captures" : declaration.name} ${side}`;
        if (missing.has(key)) continue;
        const { why: reason, need } = found.get(name)!;
        const why = compares && lone ? otherCapture(lone, store) : (wholeSide(declaration, side) ?? (need || reason));
        const wanted = query.selection.pins.map(({ values }) => values);
        missing.set(key, { table: declaration.name, side, collect: recipesFor(declaration, side, recipes, wanted), why });
      }
    }
  }
  // The capture of the other end, asked for as such, need not be asked for once more as a capture of that side.
  const captures = new Set([...missing.values()].map(({ table, side }) => `${tableDeclaration(table)?.comparesSidesOf} ${side}`));
  return [...missing.values()].filter(({ table, side }) => side === null || !captures.has(`${table} ${side}`));
}

/** The table that would tell: that of the rows, or the one on which a column of theirs rests. */
function soughtIn({ selection, of }: Query, declaration: TableDeclaration): TableDeclaration {
  if (of === null) return declaration;
  for (const { column } of selection.alternatives.flat()) {
    const { comparison, toldBy } = declaration.columns[column] ?? {};
    const told = comparison ?? toldBy;
    if (told !== undefined) return tableDeclaration(told)!;
  }
  return declaration;
}

/** A session of the scene that is seen from one side only. */
interface LoneSession {
  readonly side: CaptureSide;
  readonly clientIp: Value;
  readonly clientPort: Value;
  readonly serverIp: Value;
  readonly serverPort: Value;
  readonly time: Value;
}

/** The session the evidence found rests on, if all of it was seen from one side. */
function loneSession(found: ReadonlyMap<string, Found>): LoneSession | null {
  let lone: LoneSession | null = null;
  for (const { query, truth, items, chosen } of found.values()) {
    if (truth !== TRUE || !items || items.view.table.declaration.side === undefined) continue;
    const { declaration } = items.view.table;
    for (const item of chosen) {
      const cell = (column: string | undefined) =>
        column && declaration.columns[column] ? items.view.reader(column)(items.first[item]!) : null;
      // A capture that does not show where it was taken is where the rule takes it to be; or where what went unanswered was sent.
      const side = cell(declaration.side) ?? pinnedSide(query) ?? cell("from");
      if (side !== "client" && side !== "server") continue;
      if (lone && lone.side !== side) return null;
      lone ??= {
        side,
        clientIp: cell("client_ip"),
        clientPort: cell("client_port"),
        serverIp: cell("server_ip"),
        serverPort: cell("server_port"),
        time: cell(declaration.time),
      };
    }
  }
  return lone;
}

function pinnedSide({ selection }: Query): CaptureSide | null {
  const sides = new Set(selection.pins.map(({ side }) => side).filter((side) => side !== null));
  const [side] = sides;
  return sides.size === 1 && (side === "client" || side === "server") ? side : null;
}

function opposite(side: CaptureSide): CaptureSide {
  return side === "client" ? "server" : "client";
}

/** `a packet capture taken at the server 192.0.2.9 that covers …`. */
function otherCapture({ side, clientIp, clientPort, serverIp, serverPort, time }: LoneSession, store: EvidenceStore): string {
  const other = opposite(side);
  const machine = other === "server" ? serverIp : clientIp;
  const session = [clientIp, clientPort, serverIp, serverPort].includes(null)
    ? "the session"
    : `the session ${clientIp}:${clientPort} to ${serverIp}:${serverPort}`;
  const from = typeof time === "bigint" ? ` (from ${formatTime(time)} on the ${side}'s clock)` : "";
  const others = store.view("captures").table.length > 1;
  return `a packet capture taken at the ${other}${machine === null ? "" : ` ${machine}`} over the same minutes: ${session}${from} is seen from the ${side}'s side only${others ? "; no other capture of the bundle covers it" : ""}`;
}

/** The capture that a comparison of two lacks, in words; null where it is not one side that lacks. */
function wholeSide(declaration: TableDeclaration, side: CaptureSide | null): string | null {
  const compared = tableDeclaration(declaration.comparesSidesOf ?? "");
  return compared && side ? `${withArticle(compared.shownBy)} taken at the ${side} over the same minutes` : null;
}

/** The evidence to gather so that one becomes known: itself, or what it refers to where it is unknown only for that. */
function roots(name: string, queries: RuleBody["queries"], found: ReadonlyMap<string, Found>): readonly string[] {
  if (found.get(name)!.need !== "") return [name];
  const parents = queries.get(name)!.parents.filter((parent) => found.get(parent)!.truth === UNKNOWN);
  return parents.length > 0 ? parents.flatMap((parent) => roots(parent, queries, found)) : [name];
}
