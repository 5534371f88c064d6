import { concat, type Endpoint } from "./capture-writer.ts";
import { noise } from "./der-writer.ts";
import { SessionScript, type TwoTaps } from "./session-script.ts";
import * as tls from "./tls-writer.ts";

export interface TlsSessionFields {
  client: Endpoint;
  server: Endpoint;
  /** Seconds after the capture's start. */
  start: number;
  suite?: number;
  version?: number;
  serverName?: string;
  /** DER certificates, the server's own first. */
  chain?: readonly Uint8Array[];
  /** Issuers the server accepts client certificates of; asks for one where given. */
  authorities?: readonly string[];
  clientChain?: readonly Uint8Array[];
  /** Session id that is taken up, or given by a full handshake. */
  sessionId?: Uint8Array;
  resumes?: boolean;
  /** Ticket the server issues, or the client comes back with. */
  ticket?: Uint8Array;
  /** The server ends the handshake with this alert after the client's hello, or, `late`, after its key exchange. */
  alert?: number;
  late?: boolean;
}

const MSS = 1460;
const EPHEMERAL: ReadonlySet<number> = new Set([tls.SUITE.dhe, tls.SUITE.ecdhe]);

/** A TCP connection with a TLS handshake, some application data and an end. Answers when it is over. */
export function tlsSession(taps: TwoTaps, fields: TlsSessionFields): number {
  const script = new SessionScript(taps, fields.client, fields.server, {
    client: 700_000 + Math.round(1000 * fields.start),
    server: 9_000_000,
  });
  script.open(fields.start);
  const flight = (from: "client" | "server", ...parts: readonly Uint8Array[]) => {
    const bytes = concat(...parts);
    script.now += taps.oneWay + 0.001;
    for (let at = 0; at < bytes.length; at += MSS) script.after(0.0001, from, { flags: "PA", payload: bytes.slice(at, at + MSS) });
    script.after(taps.oneWay + 0.0005, from === "client" ? "server" : "client");
  };
  const session = `${fields.client} ${fields.start}`;
  const version = fields.version ?? tls.VERSION.tls12;
  const failed = version === tls.VERSION.tls13 ? tls13Handshake(flight, session, fields) : handshake(flight, session, version, fields);
  if (!failed) {
    const wire = Math.min(version, tls.VERSION.tls12);
    flight("client", tls.applicationData(220, `request of ${session}`, wire));
    flight("server", tls.applicationData(900, `answer of ${session}`, wire));
  }
  return script.close(script.now + 0.05);
}

type Flight = (from: "client" | "server", ...parts: readonly Uint8Array[]) => void;

/** Up to TLS 1.2, full or abbreviated; answers whether it failed. */
function handshake(flight: Flight, session: string, version: number, fields: TlsSessionFields): boolean {
  const { suite = tls.SUITE.rsa, chain = [], authorities, clientChain, sessionId, resumes, ticket, alert, late, serverName } = fields;
  const messages = (...parts: readonly Uint8Array[]) => tls.records(22, concat(...parts), version);
  const changed = concat(tls.changeCipherSpec(version), tls.finished(session, version));
  const offered = { ...(resumes && sessionId && { sessionId }), ...(resumes && ticket && { ticket }), ...(serverName && { serverName }) };
  flight("client", messages(tls.clientHello({ session, version, suites: [suite], ...offered })));
  const alarm = alert === undefined ? null : tls.alert(true, alert, version);
  if (alarm && !late) {
    flight("server", alarm);
    return true;
  }
  const hello = tls.serverHello({ session, version, suite, ...(sessionId && { sessionId }) });
  if (resumes) {
    flight("server", messages(hello), changed);
    flight("client", changed);
    return false;
  }
  const ephemeral = EPHEMERAL.has(suite);
  flight(
    "server",
    messages(
      hello,
      tls.certificates(...chain),
      ...(ephemeral ? [tls.serverKeyExchange(session)] : []),
      ...(authorities ? [tls.certificateRequest(authorities, version)] : []),
      tls.serverHelloDone(),
    ),
  );
  const own = authorities ? [tls.certificates(...(clientChain ?? []))] : [];
  const proof = clientChain && clientChain.length > 0 ? [tls.handshake(15, noise(128, `proof of ${session}`))] : [];
  flight("client", messages(...own, tls.clientKeyExchange(session, ephemeral), ...proof), changed);
  if (alarm) {
    flight("server", alarm);
    return true;
  }
  flight("server", ...(ticket ? [messages(tls.newSessionTicket(ticket))] : []), changed);
  return false;
}

/** TLS 1.3: everything behind the hellos is encrypted. */
function tls13Handshake(flight: Flight, session: string, { serverName }: TlsSessionFields): boolean {
  const hello = tls.clientHello({
    session,
    version: tls.VERSION.tls13,
    suites: [tls.SUITE.tls13, tls.SUITE.ecdhe],
    ...(serverName && { serverName }),
  });
  flight("client", tls.records(22, hello, tls.VERSION.tls10));
  const answer = tls.records(22, tls.serverHello({ session, version: tls.VERSION.tls13, suite: tls.SUITE.tls13 }));
  flight("server", answer, tls.changeCipherSpec(), tls.applicationData(1200, `certificate of ${session}`));
  flight("client", tls.changeCipherSpec(), tls.applicationData(53, `finished of ${session}`));
  return false;
}
