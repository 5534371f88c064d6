import { tableDeclaration } from "../tables/index.ts";
import { Table, type TablePart, type Value } from "../tables/table.ts";

/** How far a caller came, best first. */
const OUTCOMES = ["established", "refused", "unanswered"] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Fills in what became of callers' connections to the endpoints they were given, from all connections of the bundle. */
export function withFollowUps(parts: readonly TablePart[]): TablePart[] {
  const endpoints = parts.filter(({ table, length }) => table === "rpc_endpoints" && length > 0);
  if (endpoints.length === 0) return [...parts];
  const outcomes = connectionOutcomes(parts.filter(({ table }) => table === "tcp_connections"));
  return parts.map((part) => (endpoints.includes(part) ? completed(part, outcomes) : part));
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

function completed(part: TablePart, outcomes: ReadonlyMap<string, Outcome>): TablePart {
  const table = new Table(tableDeclaration("rpc_endpoints")!, [part]);
  const [client, server] = [table.reader("client_ip"), table.reader("server_ip")];
  const [address, port] = [table.reader("endpoint_address"), table.reader("endpoint_port")];
  const values = Array.from({ length: part.length }, (_, row): Value => {
    const found = [server(row), address(row)].flatMap((to) => outcomes.get(keyOf(client(row), to, port(row))) ?? []);
    return OUTCOMES.find((outcome) => found.includes(outcome)) ?? null;
  });
  return { ...part, columns: { ...part.columns, follow_up: { kind: "values", values } } };
}

function keyOf(client: Value, server: Value, port: Value): string {
  return `${String(client)} ${String(server)} ${String(port)}`;
}
