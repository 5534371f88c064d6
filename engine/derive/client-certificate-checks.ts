import { nameKey, parseName } from "../decoders/distinguished-name.ts";
import type { Coverage } from "../tables/coverage.ts";
import { type Citation, Table, TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import { certificates, clientCertificateChecks, tlsSessions } from "../tables/tls.ts";

/** Different requests that are looked at, client certificates held against each, and certificates of the bundle that are looked through. */
const MAX_REQUESTS = 200;
const MAX_CLIENT_CERTIFICATES = 50;
const MAX_CERTIFICATES = 10_000;
/** Authorities above a certificate that are followed. */
const MAX_CHAIN = 10;

/** A certificate of the bundle, its names as keys that can be compared. */
interface Known {
  readonly cells: Readonly<Record<string, Value>>;
  readonly subject: string;
  readonly issuer: string;
  readonly cited: Citation | null;
}

interface Checked {
  readonly listed: boolean;
  readonly values: Record<string, Value>;
  readonly server: string;
}

/**
 * Holds each list of CA names that a server sent with its request for a certificate against the client certificates of the bundle. A
 * client offers a certificate only if the list names an authority of its chain; an empty list admits any (RFC 5246 section 7.4.4).
 */
export function checkClientCertificates(parts: readonly TablePart[]): { part: TablePart; coverage: Coverage[] } {
  const known = certificatesIn(parts);
  const builder = new TableBuilder(clientCertificateChecks);
  const servers = new Set<string>();
  const requests = requestsIn(parts);
  for (const request of requests) {
    const checks = clientCertificates(known, request.values).map((certificate) => check(request, certificate, known));
    const anyListed = checks.some(({ listed }) => listed);
    for (const { values, server } of checks) {
      servers.add(server);
      builder.append({ ...values, other_listed: anyListed && values.issuer_listed === false }, 0);
    }
  }
  const coverage =
    servers.size === 0
      ? []
      : [...servers].map((server) => ({
          table: clientCertificateChecks.name,
          source: -1,
          host: [server],
          side: null,
          from: null,
          to: null,
          complete: true,
        }));
  return { part: builder.build(-1, "frame"), coverage };
}

function rowsOf(declaration: typeof certificates | typeof tlsSessions, parts: readonly TablePart[]) {
  const table = new Table(
    declaration,
    parts.filter((part) => part.table === declaration.name),
  );
  const readers = table.length === 0 ? [] : Object.keys(declaration.columns).map((column) => [column, table.reader(column)] as const);
  return {
    table,
    cells: (row: number): Record<string, Value> => Object.fromEntries(readers.map(([column, read]) => [column, read(row)])),
  };
}

function certificatesIn(parts: readonly TablePart[]): Known[] {
  const { table, cells } = rowsOf(certificates, parts);
  const found: Known[] = [];
  for (let row = 0; row < table.length && found.length < MAX_CERTIFICATES; row++) {
    const values = cells(row);
    if (typeof values.subject !== "string" || typeof values.issuer !== "string") continue;
    const [subject, issuer] = [values.subject, values.issuer].map((name) => nameKey(parseName(name))) as [string, string];
    found.push({ cells: values, subject, issuer, cited: table.citation(row) });
  }
  return found;
}

interface Request {
  readonly values: Readonly<Record<string, Value>>;
  readonly authorities: ReadonlySet<string>;
  readonly cited: Citation[];
}

/** Requests whose list could be read, one for each server and list. */
function requestsIn(parts: readonly TablePart[]): Request[] {
  const { table, cells } = rowsOf(tlsSessions, parts);
  if (table.length === 0) return [];
  const names = table.reader("ca_names");
  const seen = new Set<string>();
  const found: Request[] = [];
  for (let row = 0; row < table.length && found.length < MAX_REQUESTS; row++) {
    const list = names(row) as readonly string[] | null;
    if (list === null) continue;
    const values = cells(row);
    const key = `${values.server_ip} ${values.server_port} ${values.client_ip} ${list.join("\n")}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({
      values,
      authorities: new Set(list.map((name) => nameKey(parseName(name)))),
      cited: table.cited(row, "certificate_request_frame"),
    });
  }
  return found;
}

/** Certificates with which a client could answer: an end's own, for clients, and not the server's. */
function clientCertificates(
  known: readonly Known[],
  { server_ip: server, certificate_thumbprint: thumbprint, certificate_subject: subject }: Request["values"],
): Known[] {
  const own = typeof subject === "string" ? nameKey(parseName(subject)) : null;
  const found = known.filter(({ cells, subject: name }) => {
    const { seen_in: place, store, self_signed: selfSigned, is_ca: isCa, client_authentication: forClients, host } = cells;
    if (place === "tls_server" || (typeof store === "string" && !/^my$/i.test(store))) return false;
    if (selfSigned === true || isCa === true || forClients === false) return false;
    if (cells.thumbprint !== null && cells.thumbprint === thumbprint) return false;
    return name !== own && !(Array.isArray(host) && (host as readonly Value[]).includes(server!));
  });
  return [...new Map(found.map((one) => [`${one.subject} ${one.issuer} ${one.cells.serial}`, one])).values()].slice(
    0,
    MAX_CLIENT_CERTIFICATES,
  );
}

/** The issuer and the authorities above it, as far as the bundle has their certificates. */
function chainAbove({ issuer }: Known, known: readonly Known[]): string[] {
  const chain = [issuer];
  for (let next: string | null = issuer; next !== null && chain.length < MAX_CHAIN; ) {
    const above: Known | undefined = known.find((candidate) => candidate.subject === next && candidate.issuer !== candidate.subject);
    next = above && !chain.includes(above.issuer) ? above.issuer : null;
    if (next !== null) chain.push(next);
  }
  return chain;
}

function check(request: Request, certificate: Known, known: readonly Known[]): Checked {
  const { values, authorities, cited } = request;
  const chain = chainAbove(certificate, known);
  const listed = authorities.size === 0 || chain.some((name) => authorities.has(name));
  const roots = known.filter(({ cells }) => typeof cells.store === "string" && /^(?:auth)?root$/i.test(cells.store));
  const trusted = roots.length === 0 ? "not_shown" : roots.some(({ subject }) => chain.includes(subject)) ? "yes" : "no";
  const { client_ip, server_ip, server_port, time, ca_list_bytes, ca_list_count, ca_list_at_limit } = values;
  const { subject, issuer, thumbprint } = certificate.cells;
  return {
    listed,
    server: String(server_ip),
    values: {
      client_ip: client_ip!,
      server_ip: server_ip!,
      server_port: server_port!,
      time: time!,
      ca_list_bytes: ca_list_bytes!,
      ca_list_count: ca_list_count!,
      ca_list_at_limit: ca_list_at_limit!,
      subject: subject!,
      issuer: issuer!,
      thumbprint: thumbprint!,
      issuer_listed: listed,
      server_trusts: trusted,
      request_at: cited,
      certificate_at: certificate.cited ? [certificate.cited] : null,
    },
  };
}
