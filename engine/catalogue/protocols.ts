import type { Predicate, Query } from "../queries/selection.ts";
import type { Port } from "../rules/knowledge-schema.ts";
import { tableDeclaration } from "../tables/index.ts";

/**
 * Protocols a rule is about, in order of name: those its tables declare, those it asks for by name, and those that the reference data
 * knows at the ports it asks for.
 */
export function protocolsOf(queries: Iterable<Query>, ports: readonly Port[]): string[] {
  const found = new Set<string>();
  for (const { selection } of queries) {
    const table = tableDeclaration(selection.table);
    if (table?.protocol) found.add(table.protocol);
    for (const predicates of selection.alternatives) {
      const named = predicates
        .filter(({ column }) => column === "protocol")
        .flatMap(literals)
        .map(String);
      for (const protocol of named) found.add(protocol);
      const asked = predicates
        .filter(({ column }) => table?.columns[column]?.type === "port")
        .flatMap(literals)
        .map(Number);
      const transports = named.length > 0 ? named : table?.protocol === "udp" ? ["udp"] : ["tcp"];
      const known = ports.filter(({ protocol }) => transports.includes(protocol));
      for (const number of asked) for (const protocol of spokenAt(number, known)) found.add(protocol);
    }
  }
  return [...found].sort();
}

/** What is spoken at a port: what the entry of that very port says, or else those of the ranges it lies in. */
function spokenAt(number: number, ports: readonly Port[]): readonly string[] {
  const own = ports.find((port) => port.ports === String(number));
  return (own ? [own] : ports.filter((port) => inRange(number, port.ports))).flatMap(({ speaks = [] }) => speaks);
}

function literals({ equals }: Predicate): readonly (string | number | boolean | bigint)[] {
  return equals ?? [];
}

/** Whether a port is in `443` or `49152-65535`. */
export function inRange(port: number, ports: string): boolean {
  const [first, last = first] = ports.split("-").map(Number);
  return port >= first! && port <= last!;
}
