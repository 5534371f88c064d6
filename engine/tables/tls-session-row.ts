import { cipherSuiteName } from "../decoders/cipher-suite-names.ts";
import { nameText } from "../decoders/distinguished-name.ts";
import { type KeyExchange, keyExchangeOf } from "../decoders/key-exchange.ts";
import { tlsVersionName } from "../decoders/tls-record.ts";
import { HandshakeType, type TlsEnd, type TlsSession } from "../decoders/tls-session.ts";
import { certificateNames } from "../decoders/x509.ts";
import type { Value } from "./table.ts";

/** Cells of `tls_sessions` that the handshake's own bytes tell. */
export function tlsSessionValues(session: TlsSession): Record<string, Value> {
  const { clientHello, serverHello, chains, alert, request } = session;
  const frame = (end: TlsEnd, type: number) => session.frameOf(end, type);
  const [leaf] = chains.server;
  const suite = serverHello ? suiteOf(serverHello.cipherSuite) : null;
  const version = versionOf(session);
  const exchange = suite && keyExchange(session, suite);
  const hidden = version === "TLS 1.3" || !serverHello;
  return {
    time: session.began.time,
    server_name: clientHello?.serverName ?? null,
    offered_version: clientHello ? tlsVersionName(clientHello.version) : null,
    sslv2_hello: clientHello ? session.sslv2 : null,
    version,
    cipher_suite: suite?.name ?? null,
    key_exchange: exchange,
    resumed: isResumed(session),
    handshake: handshakeOutcome(session),
    alert: alert?.name ?? null,
    alert_from: alert?.from ?? null,
    alert_fatal: alert?.fatal ?? null,
    certificate_names: leaf ? certificateNames(leaf) : null,
    certificate_subject: leaf ? nameText(leaf.subject) : null,
    certificate_issuer: leaf ? nameText(leaf.issuer) : null,
    certificate_thumbprint: leaf?.thumbprint ?? null,
    certificate_not_before: leaf?.notBefore ?? null,
    certificate_not_after: leaf?.notAfter ?? null,
    certificate_key: leaf?.key.fingerprint ?? null,
    certificate_count: frame("server", HandshakeType.certificate) === null ? null : chains.server.length,
    client_certificate_requested: hidden ? null : frame("server", HandshakeType.certificateRequest) !== null,
    ca_list_bytes: request?.listBytes ?? null,
    ca_list_count: request?.authorities.length ?? null,
    ca_list_at_limit: request?.atLimit ?? null,
    client_certificate_sent: frame("client", HandshakeType.certificate) === null ? null : chains.client.length > 0,
    client_certificate_subject: chains.client[0] ? nameText(chains.client[0].subject) : null,
    client_random: clientHello?.random || null,
    session_id: serverHello?.sessionId || null,
    premaster_id: exchange === "rsa" ? session.premaster : null,
    client_hello_frame: frame("client", HandshakeType.clientHello),
    server_hello_frame: frame("server", HandshakeType.serverHello),
    certificate_frame: frame("server", HandshakeType.certificate),
    certificate_request_frame: frame("server", HandshakeType.certificateRequest),
    alert_frame: alert?.frame ?? null,
  };
}

interface Suite {
  readonly name: string;
  readonly exchange: KeyExchange;
}

/** By number, of which there are no more than 65,536. */
const suites = new Map<number, Suite>();

function suiteOf(code: number): Suite {
  let suite = suites.get(code);
  if (!suite) {
    const name = cipherSuiteName(code);
    suite = { name, exchange: keyExchangeOf(name) };
    suites.set(code, suite);
  }
  return suite;
}

/** Version agreed on. Experiments with TLS 1.3 had numbers of their own, but its suites. */
function versionOf({ serverHello }: TlsSession): string | null {
  if (!serverHello) return null;
  const tls13 = suiteOf(serverHello.cipherSuite).exchange === "tls13";
  return tls13 ? "TLS 1.3" : tlsVersionName(serverHello.version);
}

function keyExchange(session: TlsSession, suite: Suite): KeyExchange {
  if (versionOf(session) === "TLS 1.3") return "tls13";
  const named = suite.exchange;
  // An export suite whose certificate's key is too long sends a short-lived one instead, RFC 2246 section 7.4.3.
  return named === "rsa" && session.frameOf("server", HandshakeType.serverKeyExchange) !== null ? "other" : named;
}

/**
 * Whether the handshake resumes a session: the server takes up the client's session id, or goes on to encrypt without a certificate and
 * a key exchange (RFC 5246 section 7.3, RFC 5077); TLS 1.3 says so itself. Null while the server's part is not seen.
 */
export function isResumed(session: TlsSession): boolean | null {
  const { clientHello, serverHello } = session;
  if (!serverHello || serverHello.retry) return null;
  if (versionOf(session) === "TLS 1.3") return serverHello.preSharedKey;
  const full = [HandshakeType.certificate, HandshakeType.serverKeyExchange, HandshakeType.serverHelloDone];
  if (full.some((type) => session.frameOf("server", type) !== null) || session.frameOf("client", HandshakeType.clientKeyExchange) !== null)
    return false;
  if (session.encrypted.server) return true;
  return clientHello && clientHello.sessionId !== "" && clientHello.sessionId === serverHello.sessionId ? true : null;
}

/** How the handshake went; null if its start was not captured. */
export function handshakeOutcome(session: TlsSession): "complete" | "alert" | "unanswered" | "unfinished" | null {
  const { alert, data, encrypted } = session;
  if (session.frameOf("client", HandshakeType.clientHello) === null) return null;
  if (alert?.fatal) return "alert";
  // In TLS 1.3 a change of cipher spec means nothing, and the client's Finished is the first thing it sends as application data.
  const changed = versionOf(session) !== "TLS 1.3" && encrypted.client && encrypted.server;
  if (changed || (data.client && data.server)) return "complete";
  const answered =
    session.frameOf("server", HandshakeType.serverHello) !== null || alert?.from === "server" || data.server || encrypted.server;
  return answered ? "unfinished" : "unanswered";
}
