import { type TlsEnd, TlsSession, HandshakeType as Type } from "../../decoders/tls-session.ts";
import type { Value } from "../../tables/table.ts";
import { handshakeOutcome, tlsSessionValues } from "../../tables/tls-session-row.ts";
import type { TextConnection } from "./text-connections.ts";
import { NO_CONNECTION, type TextPacketLog } from "./text-packet-log.ts";
import type { TlsRow } from "./tls-messages.ts";

/** A handshake of a packet list: names of messages, without their contents. */
class ListedSession {
  readonly session: TlsSession;
  /** Row of the log it begins in. */
  readonly row: number;
  /** Id of the client's address. */
  readonly client: number;
  readonly serverName: string | null;
  version: string | null = null;
  /** Messages of the server may be missing. */
  partial = false;

  constructor(row: number, client: number, { frame, serverName }: TlsRow) {
    this.session = new TlsSession({ frame, time: null });
    this.row = row;
    this.client = client;
    this.serverName = serverName;
  }

  add(from: TlsEnd, { frame, messages, changesCipher, data, partial, version, alert }: TlsRow): void {
    const { session } = this;
    for (const type of messages) session.message(from, type, frame, null);
    if (alert) session.noteAlert(from, alert, frame);
    session.encrypted[from] ||= changesCipher;
    session.data[from] ||= data;
    if (from !== "server") return;
    this.partial ||= partial && !session.encrypted.server;
    this.version = version ?? this.version;
  }
}

/** After connections are known: adds a row of `tls_sessions` for each handshake the list shows from its Client Hello on. */
export function addTlsSessions(log: TextPacketLog, connections: readonly TextConnection[]): void {
  if (log.tls.length === 0) return;
  const rowOf = new Map<number, number>();
  for (let row = 0; row < log.count; row++) rowOf.set(log.rows.frame[row]!, row);
  const current = new Map<string, ListedSession>();
  const sessions: ListedSession[] = [];
  const listed = log.tls.toSorted((a, b) => a.frame - b.frame);
  for (const tls of listed) {
    const row = rowOf.get(tls.frame);
    if (row === undefined) continue;
    const [source, destination] = [log.rows.source[row]!, log.rows.destination[row]!];
    const at = log.rows.connection[row]!;
    // Rows that no port tells apart belong to the newest handshake between their addresses.
    const key = at === NO_CONNECTION ? [source, destination].sort((a, b) => a - b).join(" ") : `#${at}`;
    let session = current.get(key);
    if (tls.messages.includes(Type.clientHello) && !(session?.client === source && awaitsHello(session))) {
      session = new ListedSession(row, source, tls);
      current.set(key, session);
      sessions.push(session);
    }
    session?.add(source === session.client ? "client" : "server", tls);
  }
  for (const session of sessions) {
    if (log.rows.extra[session.row] !== 0) continue;
    log.rows.extra[session.row] = log.extras.push({ table: "tls_sessions", values: valuesOf(session, log, connections) });
  }
}

/** A Client Hello said once more: repeated, or after a Hello Retry Request. */
function awaitsHello({ session }: ListedSession): boolean {
  return (
    session.frameOf("server", Type.certificate) === null && !session.encrypted.client && !session.data.client && session.alert === null
  );
}

function valuesOf(listed: ListedSession, log: TextPacketLog, connections: readonly TextConnection[]): Record<string, Value> {
  const { session, row, client, serverName, version } = listed;
  const { time: _, ...values } = tlsSessionValues(session);
  const connection = connections[log.rows.connection[row]!];
  const server = log.rows.destination[row]!;
  const [clientPort, serverPort] = connection
    ? connection.a === client && log.rows.sourcePort[row] !== connection.bPort
      ? [connection.aPort, connection.bPort]
      : [connection.bPort, connection.aPort]
    : [null, null];
  const outcome = handshakeOutcome(session);
  return {
    ...values,
    client_ip: log.addresses.texts[client] || null,
    client_port: clientPort,
    server_ip: log.addresses.texts[server] || null,
    server_port: serverPort,
    server_name: serverName,
    sslv2_hello: null,
    version,
    key_exchange: keyExchange(listed),
    resumed: isResumed(listed),
    // What a list does not show may have been filtered out of it.
    handshake: outcome === "complete" || outcome === "alert" ? outcome : null,
    client_certificate_requested: isAsked(listed),
    // The names of messages do not show whether a list of certificates is empty.
    client_certificate_sent: null,
    certificate_count: null,
  };
}

function isAsked({ session, partial }: ListedSession): boolean | null {
  if (session.frameOf("server", Type.certificateRequest) !== null) return true;
  return session.frameOf("server", Type.serverHelloDone) !== null && !partial ? false : null;
}

function isResumed({ session, partial, version }: ListedSession): boolean | null {
  const server = [Type.certificate, Type.serverKeyExchange, Type.serverHelloDone];
  if (server.some((type) => session.frameOf("server", type) !== null) || session.frameOf("client", Type.clientKeyExchange) !== null)
    return false;
  if (partial || version === null || version === "TLS 1.3" || session.frameOf("server", Type.serverHello) === null) return null;
  return session.encrypted.server ? true : null;
}

/**
 * The suite is not printed, but its flights tell: with a Server Key Exchange keys are ephemeral; a whole flight that has a certificate
 * and none is RSA key exchange, RFC 5246 section 7.4.3.
 */
function keyExchange({ session, partial, version }: ListedSession): "tls13" | "ephemeral" | "rsa" | null {
  if (version === "TLS 1.3") return "tls13";
  const seen = (type: number) => session.frameOf("server", type) !== null;
  if (seen(Type.serverKeyExchange)) return "ephemeral";
  return seen(Type.certificate) && seen(Type.serverHelloDone) && !partial ? "rsa" : null;
}
