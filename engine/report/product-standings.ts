import type { BundleEvidence } from "../derive/evidence.ts";
import type { Update } from "../rules/knowledge-schema.ts";
import { compareVersions, updatesBehind } from "../rules/updates-behind.ts";
import { isComparable } from "../tables/product-names.ts";
import { productVersions } from "../tables/product-versions.ts";
import { Table, type TablePart, type Value } from "../tables/table.ts";

const STANDING = ["updates_behind", "at_kb", "at_title", "newest_version", "newest_kb", "newest_title"] as const;
type Cells = Record<(typeof STANDING)[number], Value>;
const UNKNOWN: Cells = { updates_behind: null, at_kb: null, at_title: null, newest_version: null, newest_kb: null, newest_title: null };

/**
 * The evidence with each build of `product_versions` compared with the updates of the reference data. `updates` is called only if there
 * are builds to compare.
 */
export function withStandings(evidence: BundleEvidence, updates: () => readonly Update[]): BundleEvidence {
  const table = evidence.tables.get(productVersions.name);
  if (!table || table.length === 0) return evidence;
  const known = updates();
  const memory = new Map<string, Cells>();
  const compared = (product: string, version: string): Cells => {
    const key = `${product} ${version}`;
    const cells = memory.get(key) ?? standing(known, product, version);
    memory.set(key, cells);
    return cells;
  };
  const parts = new Map(table.parts.map((part) => [part, withCells(part, compared)]));
  return {
    ...evidence,
    parts: evidence.parts.map((part) => parts.get(part) ?? part),
    tables: new Map([...evidence.tables, [productVersions.name, new Table(productVersions, [...parts.values()])]]),
  };
}

function withCells(part: TablePart, compared: (product: string, version: string) => Cells): TablePart {
  const read = new Table(productVersions, [part]);
  const [product, component, version] = [read.reader("product"), read.reader("component"), read.reader("version")];
  const highest = new Map<Value, string>();
  const row = (at: number) => ({ product: product(at), component: component(at), version: String(version(at)) });
  for (let at = 0; at < part.length; at++) {
    const one = row(at);
    const most = highest.get(one.product);
    if (isComparable(one) && (most === undefined || compareVersions(one.version, most) > 0)) highest.set(one.product, one.version);
  }
  const cells = Array.from({ length: part.length }, (_, at): Cells => {
    const one = row(at);
    // Of a server's parts the one that was updated last tells; the others had nothing to change.
    const tells = isComparable(one) && (one.component === "client" || one.version === highest.get(one.product));
    return tells ? compared(String(one.product), one.version) : UNKNOWN;
  });
  const columns = Object.fromEntries(STANDING.map((name) => [name, { kind: "values" as const, values: cells.map((one) => one[name]) }]));
  return { ...part, columns: { ...part.columns, ...columns } };
}

function standing(updates: readonly Update[], product: string, version: string): Cells {
  const found = updatesBehind(updates, product, version);
  if ("problem" in found) return UNKNOWN;
  const { at, missing, newest } = found;
  return {
    updates_behind: missing.length,
    at_kb: at?.update.id ?? null,
    at_title: at?.update.title ?? null,
    newest_version: newest.version,
    newest_kb: newest.update.id,
    newest_title: newest.update.title,
  };
}
