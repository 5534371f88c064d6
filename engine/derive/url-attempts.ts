import type { Coverage } from "../tables/coverage.ts";
import { type Citation, type Table, TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import { EXCHANGE_ROLES, LYNC_ROLES, roleOfName } from "../tables/url-roles.ts";
import { urlChecks } from "../tables/web-tables.ts";
import { type Attempt, judgeAttempt } from "./url-attempt-steps.ts";

/** Names that are followed; more are left out. */
const MAX_NAMES = 5000;
/** The published services listen here. */
const HTTPS = 443;
const HTTP = 80;

/** What captures show of attempts to reach published services. */
export interface UrlAttempts {
  readonly parts: readonly TablePart[];
  readonly coverage: readonly Coverage[];
}

/**
 * Works out of names, connections and TLS handshakes how far a machine came in reaching each published service whose name a capture
 * shows. Pure; reads tables that are complete but for `url_checks`.
 */
export function urlAttempts(tables: ReadonlyMap<string, Table>): UrlAttempts {
  const foundInside = new Set<string>();
  const attempts = namesTried(tables.get("dns_answers")!, tables.get("tls_sessions")!, foundInside);
  if (attempts.size === 0) return { parts: [], coverage: [] };
  connectionsTo(attempts, tables.get("tcp_connections")!);
  handshakesFor(attempts, tables.get("tls_sessions")!);
  const rows = new TableBuilder(urlChecks);
  const coverage: Coverage[] = [];
  for (const attempt of attempts.values()) {
    if (attempt.addresses.size === 0 && (isPassedOver(attempt, attempts) || foundInside.has(keyOf(attempt.client, attempt.name)))) continue;
    const { outcome, step, reason, detail, ip, time, evidence } = judgeAttempt(attempt);
    const place = { host: attempt.client === null ? null : [attempt.client], time, role: attempt.role, name: attempt.name };
    rows.append({ ...place, via: "capture", ip, port: HTTPS, outcome, failed_step: step, reason, detail, evidence }, 0);
    coverage.push(coverageOf(attempt, evidence));
  }
  return rows.length === 0 ? { parts: [], coverage: [] } : { parts: [rows.build(-1, "record")], coverage };
}

function coverageOf({ role, client }: Attempt, evidence: readonly Citation[]): Coverage {
  const host = client === null ? null : [client];
  const point = { table: "url_checks", source: evidence[0]?.source ?? -1, host, side: null, from: null, to: null };
  const roles = LYNC_ROLES.includes(role) ? LYNC_ROLES : EXCHANGE_ROLES;
  return { ...point, complete: false, why: "a capture shows only what was tried while it ran", only: { role: roles } };
}

/** Lync asks for this name first; where it is there, the one for use from outside need not be known inside. */
const INSIDE = "lyncdiscoverinternal.";
const OUTSIDE = "lyncdiscover.";

function keyOf(client: string | null, name: string): string {
  return `${client ?? ""} ${name}`;
}

/** One attempt for each machine and name that DNS or a TLS hello shows; `foundInside` gets those whose counterpart for inside is there. */
function namesTried(dns: Table, tls: Table, foundInside: Set<string>): Map<string, Attempt> {
  const attempts = new Map<string, Attempt>();
  const roles = new Map<string, Attempt["role"] | null>();
  const attempt = (client: string | null, name: string): Attempt | null => {
    // Most names are asked for often, and are no published service's.
    let role = roles.get(name);
    if (role === undefined) {
      role = roleOfName(name);
      roles.set(name, role);
    }
    if (role === null) return null;
    const key = keyOf(client, name);
    const known = attempts.get(key);
    if (known) return known;
    if (attempts.size >= MAX_NAMES) return null;
    const made: Attempt = { client, name, role, answers: [], aliased: false, addresses: new Set(), connections: [], handshakes: [] };
    attempts.set(key, made);
    return made;
  };
  const [name, client, tool] = [dns.reader("name"), dns.reader("client_ip"), dns.reader("tool")];
  const [outcome, type, address, target, time] = ["outcome", "type", "address", "target", "time"].map((column) =>
    dns.reader(column),
  ) as Reader[];
  for (let row = 0; row < dns.length; row++) {
    if (tool(row) !== "capture") continue;
    const asked = text(name(row)) ?? "";
    if (asked.startsWith(INSIDE) && address!(row) !== null) foundInside.add(keyOf(text(client(row)), OUTSIDE + asked.slice(INSIDE.length)));
    const one = attempt(text(client(row)), asked);
    if (!one) continue;
    const at = dns.citation(row);
    const found = text(address!(row));
    if (found !== null) one.addresses.add(found);
    one.aliased ||= target!(row) !== null;
    one.answers.push({
      outcome: text(outcome!(row)),
      type: text(type!(row)),
      address: found,
      time: moment(time!(row)),
      cited: at ? [at] : [],
    });
  }
  const [serverName, tlsClient, serverIp] = [tls.reader("server_name"), tls.reader("client_ip"), tls.reader("server_ip")];
  for (let row = 0; row < tls.length; row++) {
    const asked = text(serverName(row));
    const one = asked === null ? null : attempt(text(tlsClient(row)), asked);
    const ip = text(serverIp(row));
    if (one && ip !== null) one.addresses.add(ip);
  }
  return attempts;
}

type Reader = (row: number) => Value;

/** Attempts by machine and address, of those that have an address. */
function byAddress(attempts: ReadonlyMap<string, Attempt>): Map<string, Attempt[]> {
  const found = new Map<string, Attempt[]>();
  for (const attempt of attempts.values()) {
    for (const address of attempt.addresses) {
      const key = keyOf(attempt.client, address);
      const known = found.get(key);
      if (known) known.push(attempt);
      else found.set(key, [attempt]);
    }
  }
  return found;
}

function connectionsTo(attempts: ReadonlyMap<string, Attempt>, table: Table): void {
  const wanted = byAddress(attempts);
  const [client, server, port] = [table.reader("client_ip"), table.reader("server_ip"), table.reader("server_port")];
  const [state, syns, established, start] = ["conn_state", "syn_count", "established", "start"].map((column) =>
    table.reader(column),
  ) as Reader[];
  for (let row = 0; row < table.length; row++) {
    if (port(row) !== HTTPS && port(row) !== HTTP) continue;
    const ip = text(server(row));
    for (const attempt of wanted.get(keyOf(text(client(row)), ip ?? "")) ?? []) {
      const own = table.citation(row);
      const cited = [...table.cited(row, "syn_frames"), ...table.cited(row, "reset_frame")];
      attempt.connections.push({
        ip: ip!,
        secure: port(row) === HTTPS,
        state: text(state!(row)),
        syns: Number(syns!(row) ?? 0),
        established: established!(row) === true,
        time: moment(start!(row)),
        cited: cited.length > 0 ? cited : own ? [own] : [],
      });
    }
  }
}

function handshakesFor(attempts: ReadonlyMap<string, Attempt>, table: Table): void {
  const wanted = byAddress(attempts);
  const read = (column: string) => table.reader(column);
  const [client, server, port, asked] = [read("client_ip"), read("server_ip"), read("server_port"), read("server_name")];
  const [handshake, alert, from, names] = [read("handshake"), read("alert"), read("alert_from"), read("certificate_names")];
  const [notBefore, notAfter, time] = [read("certificate_not_before"), read("certificate_not_after"), read("time")];
  for (let row = 0; row < table.length; row++) {
    if (port(row) !== HTTPS) continue;
    const ip = text(server(row));
    for (const attempt of wanted.get(keyOf(text(client(row)), ip ?? "")) ?? []) {
      const name = text(asked(row));
      // A hello without a name is for whatever name led to the address, where only one did.
      if (name !== attempt.name && (name !== null || wanted.get(keyOf(attempt.client, ip!))!.length > 1)) continue;
      const cited = ["client_hello_frame", "certificate_frame", "alert_frame"].flatMap((column) => table.cited(row, column));
      const own = table.citation(row);
      attempt.handshakes.push({
        ip: ip!,
        handshake: text(handshake(row)),
        alert: text(alert(row)),
        alertFrom: text(from(row)),
        names: Array.isArray(names(row)) ? (names(row) as readonly string[]) : null,
        notBefore: moment(notBefore(row)),
        notAfter: moment(notAfter(row)),
        time: moment(time(row)),
        cited: cited.length > 0 ? cited : own ? [own] : [],
      });
    }
  }
}

/** A name that is asked for only because a resolver puts the machine's own domain behind one that it was given. */
function isPassedOver({ client, name }: Attempt, attempts: ReadonlyMap<string, Attempt>): boolean {
  const labels = name.split(".");
  for (let count = 3; count < labels.length; count++) if (attempts.has(keyOf(client, labels.slice(0, count).join(".")))) return true;
  return false;
}

function text(value: Value): string | null {
  return typeof value === "string" ? value : null;
}

function moment(value: Value): bigint | null {
  return typeof value === "bigint" ? value : null;
}
