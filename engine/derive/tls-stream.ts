import { nameText } from "../decoders/distinguished-name.ts";
import { beginsTls, TlsConversation } from "../decoders/tls-conversation.ts";
import { ContentType, RECORD_HEADER } from "../decoders/tls-record.ts";
import { HandshakeType, type TlsEnd, type TlsSession } from "../decoders/tls-session.ts";
import { certificateValues } from "../tables/certificate-row.ts";
import { isResumed, tlsSessionValues } from "../tables/tls-session-row.ts";
import type { Place, ProtocolEmit, StreamConnection, StreamProtocol, StreamReader } from "./stream-protocol.ts";

/** Different lists of CA names of one capture that are kept name by name; a server has one, or a few. */
const MAX_LISTS = 256;
/** Full handshakes of one capture that are remembered for the sessions that resume them. */
const MAX_FULL = 200_000;
/** Certificates of one capture that are listed once each. */
const MAX_CERTIFICATES = 20_000;

/** TLS and SSL on any port: RFC 8446 and its predecessors. Handshakes that begin inside another protocol (STARTTLS) are not read. */
export const tlsStream: StreamProtocol = {
  id: "tls",
  starts: beginsTls,
  open: (connection, emit) => new TlsStreamReader(connection, emit, memoryOf(emit)),
};

/** What the connections of one capture point have in common, so that it is kept once. */
interface Memory {
  readonly certificates: Set<string>;
  readonly lists: Map<string, readonly string[]>;
  /** Client random of the full handshake by the session id or ticket that it gave. */
  readonly full: Map<string, string>;
}

const memories = new WeakMap<ProtocolEmit, Memory>();

function memoryOf(emit: ProtocolEmit): Memory {
  const known = memories.get(emit);
  if (known) return known;
  const memory: Memory = { certificates: new Set(), lists: new Map(), full: new Map() };
  memories.set(emit, memory);
  return memory;
}

interface End {
  readonly ip: string;
  readonly port: number;
}

class TlsStreamReader implements StreamReader {
  private readonly ends: Record<TlsEnd, End>;
  private readonly stream: number;
  private readonly emit: ProtocolEmit;
  private readonly memory: Memory;
  private readonly conversation = new TlsConversation();
  /** Whether the end that was taken for the client, for want of a SYN, turns out to be the server; null until a hello tells. */
  private swapped: boolean | null = null;
  private remembered: TlsSession | null = null;

  constructor({ clientIp, clientPort, serverIp, serverPort, stream }: StreamConnection, emit: ProtocolEmit, memory: Memory) {
    this.ends = { client: { ip: clientIp, port: clientPort }, server: { ip: serverIp, port: serverPort } };
    this.stream = stream;
    this.emit = emit;
    this.memory = memory;
  }

  read(fromClient: boolean, bytes: Uint8Array, place: Place): boolean {
    const speaker = this.swapped === null ? speakerOf(bytes) : null;
    if (speaker !== null) this.swapped = (speaker === "client") !== fromClient;
    const more = this.conversation.data(this.speaker(fromClient), bytes, place);
    this.remember();
    return more;
  }

  /** A session may be resumed while the connection that began it is still read. */
  private remember(): void {
    const session = this.conversation.sessions.at(-1);
    if (!session || session === this.remembered || !session.encrypted.server) return;
    this.remembered = session;
    const { full } = this.memory;
    const random = session.clientHello?.random;
    if (isResumed(session) !== false || !random || full.size >= MAX_FULL) return;
    for (const key of [session.serverHello?.sessionId, session.tickets.issued]) if (key) full.set(key, random);
  }

  /** Client random of the handshake whose secret the session uses. */
  private fullHandshake(session: TlsSession): string | null {
    const { clientHello, serverHello, tickets } = session;
    if (isResumed(session) !== true) return isResumed(session) === false ? clientHello?.random || null : null;
    const { full } = this.memory;
    return full.get(tickets.offered ?? "") ?? full.get(serverHello?.sessionId ?? "") ?? null;
  }

  gap(fromClient: boolean): boolean {
    return this.conversation.gap(this.speaker(fromClient));
  }

  private speaker(fromClient: boolean): TlsEnd {
    return fromClient !== (this.swapped ?? false) ? "client" : "server";
  }

  end(): void {
    const { swapped, stream } = this;
    const client = swapped ? this.ends.server : this.ends.client;
    const server = swapped ? this.ends.client : this.ends.server;
    for (const session of this.conversation.sessions) {
      // Assigned one by one: copying forty cells into a new object costs more than all else that is done here.
      const row = tlsSessionValues(session);
      row.stream = stream;
      row.client_ip = client.ip;
      row.client_port = client.port;
      row.server_ip = server.ip;
      row.server_port = server.port;
      row.ca_names = this.authorities(session);
      row.full_handshake_random = this.fullHandshake(session);
      this.emit.row("tls_sessions", row, session.began.frame);
      this.certificates(session, "server", server, server);
      this.certificates(session, "client", client, server);
    }
  }

  private authorities({ request }: TlsSession): readonly string[] | null {
    if (!request?.whole) return null;
    const names = request.authorities.map(nameText);
    const key = names.join("\n");
    const { lists } = this.memory;
    const known = lists.get(key);
    if (known) return known;
    if (lists.size >= MAX_LISTS) return null;
    lists.set(key, names);
    return names;
  }

  private certificates(session: TlsSession, from: TlsEnd, owner: End, server: End): void {
    const { certificates: listed } = this.memory;
    for (const [position, certificate] of session.chains[from].entries()) {
      const key = `${from} ${owner.ip} ${server.ip} ${server.port} ${position} ${certificate.thumbprint}`;
      if (listed.has(key) || listed.size >= MAX_CERTIFICATES) continue;
      listed.add(key);
      const place = { host: [owner.ip], seen_in: `tls_${from}`, position, server_ip: server.ip, server_port: server.port };
      this.emit.row("certificates", { ...place, ...certificateValues(certificate) }, session.frameOf(from, HandshakeType.certificate)!);
    }
  }
}

/** The end that says such a first message: hellos tell. */
function speakerOf(bytes: Uint8Array): TlsEnd | null {
  if (bytes[0] !== ContentType.handshake) return null;
  const type = bytes[RECORD_HEADER];
  return type === HandshakeType.clientHello ? "client" : type === HandshakeType.serverHello ? "server" : null;
}
