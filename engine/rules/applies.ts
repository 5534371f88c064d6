import { textEquals } from "../queries/text-match.ts";
import type { Table } from "../tables/table.ts";

/** Products and versions a rule is about. */
export interface Applicability {
  /** Product id, `*` for any text; null for any product. */
  readonly product: string | null;
  /** First version it is about; null for all older ones too. */
  readonly from: string | null;
  /** First version it is no longer about. */
  readonly before: string | null;
}

/** Compares dotted versions number by number: 10.0.9 is before 10.0.10. Missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const VERSION = /^\d+(\.\d+)*/;

/**
 * Why a bundle is known not to be what the rule is about, or null: because it is, or because nothing says what it is. One
 * machine that fits, or may fit, is enough.
 */
export function notApplicable(appliesTo: readonly Applicability[], hosts: Table | undefined): string | null {
  if (appliesTo.length === 0 || !hosts || hosts.length === 0) return null;
  const [product, version] = [hosts.reader("product"), hosts.reader("version")];
  const others = new Set<string>();
  for (let row = 0; row < hosts.length; row++) {
    const machine = { product: product(row) as string | null, version: VERSION.exec((version(row) as string | null) ?? "")?.[0] ?? null };
    if (machine.product === null && machine.version === null) return null;
    if (appliesTo.some((one) => mayFit(one, machine))) return null;
    others.add([machine.product, machine.version].filter((part) => part !== null).join(" "));
  }
  return `the bundle is about ${[...others].sort().join(", ")}; the case is about ${appliesTo.map(inWords).join(", ")}`;
}

function mayFit(
  { product, from, before }: Applicability,
  machine: { readonly product: string | null; readonly version: string | null },
): boolean {
  if (product !== null && machine.product !== null && !textEquals(product, false)(machine.product)) return false;
  if (machine.version === null) return true;
  return (
    (from === null || compareVersions(machine.version, from) >= 0) && (before === null || compareVersions(machine.version, before) < 0)
  );
}

function inWords({ product, from, before }: Applicability): string {
  return [product ?? "any product", from === null ? "" : `from ${from}`, before === null ? "" : `before ${before}`]
    .filter((part) => part !== "")
    .join(" ");
}
