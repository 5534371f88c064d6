import type { BundleManifest } from "../formats/bundle-manifest.ts";
import type { HostFact } from "../formats/format.ts";
import type { Coverage } from "../tables/coverage.ts";
import { tableDeclaration, tableDeclarations } from "../tables/index.ts";
import { Table, type TablePart, type Value } from "../tables/table.ts";
import { urlChecks } from "../tables/web-tables.ts";
import { arpAnswers } from "./arp-answers.ts";
import { arpBursts } from "./arp-bursts.ts";
import type { Side } from "./capture-side.ts";
import { checkClientCertificates } from "./client-certificate-checks.ts";
import { type Correlation, correlate } from "./correlate.ts";
import { flowProcesses } from "./flow-process.ts";
import { factOf, type HostResolution, resolveHosts } from "./hosts.ts";
import { nlbRegistry } from "./nlb-registry.ts";
import { nlbSeen } from "./nlb-seen.ts";
import type { PlannedFile } from "./plan.ts";
import { withFollowUps } from "./rpc-follow-up.ts";
import type { SourceResult } from "./source-result.ts";
import { withDecryption } from "./tls-decryption.ts";
import { urlAttempts } from "./url-attempts.ts";

/** Everything a bundle shows: what rules are asked about. */
export interface BundleEvidence {
  readonly tables: ReadonlyMap<string, Table>;
  readonly parts: readonly TablePart[];
  readonly coverage: readonly Coverage[];
  /** By source: what is known of where and when it was taken. */
  readonly sources: readonly SourceView[];
}

export interface SourceView {
  /** Whether its times are UTC; false means local times of a zone nobody stated. */
  readonly zoneKnown: boolean;
  readonly side: Side | null;
  readonly host: readonly string[] | null;
}

/** Puts together what the sources gave: sides, sessions seen twice, machines, tables. */
export function gatherEvidence(
  results: readonly SourceResult[],
  planned: readonly PlannedFile[],
  manifest: BundleManifest,
): BundleEvidence {
  const captures = results.flatMap((result) => result.captures);
  const bySource = new Map(results.map((result) => [result.source, result]));
  const facts = planned.map(({ file, hints, source }) => {
    const format = bySource.get(source)?.formats[0];
    return { path: file.path, hints, ...(format === undefined ? {} : { format }) };
  });
  const correlation = correlate(captures, facts);
  const sides = new Map<number, Side | null>();
  for (const [index, capture] of captures.entries())
    for (const source of capture.sources) sides.set(source, correlation.sides[index]!.side);
  const machines = resolveHosts(manifest.hosts, identities(results, planned, correlation));
  const told = withFollowUps(
    withDecryption([
      ...results.flatMap((result) => result.parts.map((part) => withHost(part, machines))),
      ...correlation.parts.map((part) => withHost(part, machines)),
      machines.part(),
    ]),
    (name) => machines.expand([name]),
  );
  const checks = checkClientCertificates(told);
  const parts = [...told, checks.part];
  const coverage = [...results.flatMap((result) => result.coverage), ...correlation.coverage, ...checks.coverage].map((entry) =>
    withMachine(entry, machines, sides),
  );
  coverage.push(...machines.coverage());
  parts.push(...arpAnswers(parts), ...nlbRegistry(parts));
  parts.push(...nlbSeen(parts));
  const bursts = arpBursts(parts, coverage);
  parts.push(...bursts.parts);
  coverage.push(...bursts.coverage);
  const owned = flowProcesses(parts, coverage);
  parts.push(...owned.parts);
  coverage.push(...owned.coverage);
  const byTable = new Map<string, TablePart[]>(tableDeclarations.map(({ name }) => [name, []]));
  for (const part of parts) byTable.get(part.table)!.push(part);
  const tables = new Map(
    tableDeclarations.map((declaration) => [declaration.name, new Table(declaration, byTable.get(declaration.name)!)]),
  );
  const attempts = urlAttempts(tables);
  if (attempts.parts.length > 0) {
    const own = attempts.parts.map((part) => withHost(part, machines));
    parts.push(...own);
    coverage.push(...attempts.coverage.map((entry) => withMachine(entry, machines, sides)));
    tables.set(urlChecks.name, new Table(urlChecks, [...byTable.get(urlChecks.name)!, ...own]));
  }
  return {
    parts,
    coverage,
    tables,
    sources: planned.map(({ source, hints }) => ({
      zoneKnown: bySource.get(source)?.utc ?? true,
      side: sides.get(source) ?? hints.side ?? null,
      host: machines.ofSource(source)?.host ?? null,
    })),
  };
}

/** What each source says of its machine: itself, by the side its capture was taken at, or in bundle.yaml. */
function identities(results: readonly SourceResult[], planned: readonly PlannedFile[], { sides }: Correlation) {
  const stated = new Map(planned.map(({ source, hints }) => [source, hints.host ?? []]));
  let capture = 0;
  return results.map((result) => {
    const found: HostFact[] = [];
    const own = stated.get(result.source)!;
    const taken = result.captures.flatMap(() => sides[capture++]!.host ?? []);
    if (own.length + taken.length > 0) found.push(factOf([...own, ...taken]));
    // One file speaks for one machine, so what is stated of the file holds for every fact in it.
    found.push(
      ...result.hosts.map((fact) => ({
        ...fact,
        names: [...fact.names, ...factOf(own).names],
        addresses: [...fact.addresses, ...factOf(own).addresses],
      })),
    );
    return { source: result.source, facts: found };
  });
}

/** The part with its `host` cells filled in, or completed by everything else the machine is called. */
function withHost(part: TablePart, machines: HostResolution): TablePart {
  const declaration = tableDeclaration(part.table)!;
  const column = declaration.host;
  if (!column || declaration.columns[column]!.type !== "host" || part.length === 0 || part.table === "hosts") return part;
  const own = part.source < 0 ? null : (machines.ofSource(part.source)?.host ?? null);
  const read = new Table(declaration, [part]).reader(column);
  // Rows of one listing share one list.
  const expanded = new Map<Value, readonly string[]>();
  const values = Array.from({ length: part.length }, (_, row): Value => {
    const stated = read(row) as readonly string[] | null;
    if (stated === null) return own;
    const known = expanded.get(stated) ?? machines.expand(stated);
    expanded.set(stated, known);
    return known;
  });
  return { ...part, columns: { ...part.columns, [column]: { kind: "values", values } } };
}

function withMachine(entry: Coverage, machines: HostResolution, sides: ReadonlyMap<number, Side | null>): Coverage {
  const known = sides.get(entry.source);
  const side = entry.side ?? (known === "middle" ? null : (known ?? null));
  if (entry.host !== null) return { ...entry, side, host: machines.expand(entry.host) };
  const found = sides.has(entry.source) ? null : machines.ofSource(entry.source);
  if (!found) return { ...entry, side };
  return {
    ...entry,
    side,
    host: found.host,
    ...(found.assumes === null ? {} : { assumes: [entry.assumes, found.assumes].filter((text) => text !== undefined).join("; ") }),
  };
}
