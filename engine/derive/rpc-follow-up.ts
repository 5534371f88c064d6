import { parseIpv4 } from "../bytes/address.ts";
import { tableDeclaration } from "../tables/index.ts";
import { Table, type TablePart, type Value } from "../tables/table.ts";

/** How far a caller came, best first. */
const OUTCOMES = ["established", "refused", "unanswered"] as const;
type Outcome = (typeof OUTCOMES)[number];

/**
 * Fills in what became of callers' connections to the endpoints they were given, from all connections of the bundle; and whether an answer
 * names another address where an export shows only the name of the machine that answered, and `addressesOf` knows what addresses it has.
 */
export function withFollowUps(parts: readonly TablePart[], addressesOf: (name: string) => readonly string[]): TablePart[] {
  const endpoints = parts.filter(({ table, length }) => table === "rpc_endpoints" && length > 0);
  if (endpoints.length === 0) return [...parts];
  const outcomes = connectionOutcomes(parts.filter(({ table }) => table === "tcp_connections"));
  return parts.map((part) => (endpoints.includes(part) ? completed(part, outcomes, addressesOf) : part));
}

/** The best outcome of connections by client, server and server port. */
function connectionOutcomes(parts: readonly TablePart[]): ReadonlyMap<string, Outcome> {
  const table = new Table(tableDeclaration("tcp_connections")!, parts);
  const [client, server, port] = [table.reader("client_ip"), table.reader("server_ip"), table.reader("server_port")];
  const [state, established] = [table.reader("conn_state"), table.reader("established")];
  const best = new Map<string, Outcome>();
  for (let row = 0; row < table.length; row++) {
    const outcome =
      established(row) === true ? "established" : state(row) === "REJ" ? "refused" : state(row) === "S0" ? "unanswered" : null;
    if (outcome === null) continue;
    const key = keyOf(client(row), server(row), port(row));
    const known = best.get(key);
    if (known === undefined || OUTCOMES.indexOf(outcome) < OUTCOMES.indexOf(known)) best.set(key, outcome);
  }
  return best;
}

function completed(part: TablePart, outcomes: ReadonlyMap<string, Outcome>, addressesOf: (name: string) => readonly string[]): TablePart {
  const table = new Table(tableDeclaration("rpc_endpoints")!, [part]);
  const [client, server] = [table.reader("client_ip"), table.reader("server_ip")];
  const [address, port] = [table.reader("endpoint_address"), table.reader("endpoint_port")];
  const values = Array.from({ length: part.length }, (_, row): Value => {
    const found = [server(row), address(row)].flatMap((to) => outcomes.get(keyOf(client(row), to, port(row))) ?? []);
    return OUTCOMES.find((outcome) => found.includes(outcome)) ?? null;
  });
  const [told, operation] = [table.reader("address_differs"), table.reader("operation")];
  const differs = Array.from({ length: part.length }, (_, row): Value => {
    const [known, from, named] = [told(row), server(row), address(row)];
    if (known !== null || operation(row) !== "ept_map" || typeof from !== "string" || typeof named !== "string") return known;
    const own = addressesOf(from).filter((text) => parseIpv4(text) !== null);
    return own.length === 0 ? null : !own.includes(named);
  });
  const columns = { ...part.columns, follow_up: { kind: "values", values }, address_differs: { kind: "values", values: differs } } as const;
  return { ...part, columns };
}

function keyOf(client: Value, server: Value, port: Value): string {
  return `${String(client)} ${String(server)} ${String(port)}`;
}
