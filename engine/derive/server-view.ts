import type { AttemptContext } from "./missed-attempt.ts";
import type { PointSessions } from "./point-sessions.ts";
import { Shape, shapeFlags } from "./segment-log.ts";

/** Servers of one network a capture has to share sessions with before it speaks for the whole network. */
const LEAST_SERVERS = 3;
/** Clients an excerpt has to show at a server before it is believed not to be filtered by client. */
const LEAST_CLIENTS = 2;

interface Tally {
  /** Answered sessions at the client side while the server side was capturing, and those of them it shows too. */
  answered: number;
  shared: number;
  /** Servers shared, as the server side calls them. */
  readonly names: Set<string>;
  readonly clients: Set<string>;
}

/**
 * Whether the server-side capture would have shown a session to a server of the client side. It would if it shares every
 * answered session the client side had with that server. A server that never answered is judged by its network, or by
 * being seen there under the same address. Anything else is not known.
 */
export class ServerView {
  private readonly context: AttemptContext;
  private readonly byServer = new Map<string, Tally>();
  private readonly byNetwork = new Map<string, Tally>();
  /** By address at the server side: peers it is seen sending to. */
  private readonly peers = new Map<string, Set<string>>();

  constructor(context: AttemptContext) {
    this.context = context;
    const { client, server, partner, arrival } = context;
    const { firstTime, lastTime } = server.capture.quality;
    for (let session = 0; session < client.count; session++) {
      const time = arrival(startOf(client, session));
      const covered = time >= firstTime && time <= lastTime;
      if (partner[session]! < 0 && !(covered && isAnswered(client, session))) continue;
      const { serverIp, clientIp } = client.ends[session]!;
      for (const tally of [tallyOf(this.byServer, serverIp), tallyOf(this.byNetwork, networkOf(serverIp))]) {
        tally.answered++;
        if (partner[session]! < 0) continue;
        tally.shared++;
        tally.names.add(server.ends[partner[session]!]!.serverIp);
        tally.clients.add(clientIp);
      }
    }
    for (const { address, peer } of sendings(server)) this.meet(address, peer);
  }

  /** The capture shows `address` sending to `peer`. */
  private meet(address: string, peer: string): void {
    const known = this.peers.get(address);
    if (!known) this.peers.set(address, new Set([peer]));
    else if (known.size < LEAST_CLIENTS) known.add(peer);
  }

  /** The server's name at the server side if that capture covers it; null if it does not, or if nothing tells. */
  covers(session: number): string | null {
    const { client, server, serverHost, filter } = this.context;
    const { serverIp, clientIp } = client.ends[session]!;
    const own = this.byServer.get(serverIp);
    if (own && own.answered > own.shared) return null;
    if (own) {
      if (filter !== null && !own.clients.has(clientIp)) return null;
      return own.names.size === 1 ? [...own.names][0]! : serverIp;
    }
    if (filter !== null && !filter.includes(serverIp)) return null;
    if (serverHost?.includes(serverIp) && !server.capture.info.excerpt) return serverIp;
    const peers = this.peers.get(serverIp);
    if (peers) return !server.capture.info.excerpt || peers.size >= LEAST_CLIENTS ? serverIp : null;
    const network = this.byNetwork.get(networkOf(serverIp));
    const speaks =
      network !== undefined &&
      network.names.size >= LEAST_SERVERS &&
      network.answered === network.shared &&
      filter === null &&
      !server.capture.info.excerpt;
    return speaks ? serverIp : null;
  }
}

function tallyOf(tallies: Map<string, Tally>, key: string): Tally {
  let tally = tallies.get(key);
  if (!tally) {
    tally = { answered: 0, shared: 0, names: new Set(), clients: new Set() };
    tallies.set(key, tally);
  }
  return tally;
}

function startOf(point: PointSessions, session: number): number {
  const first = point.order[point.start[session]!];
  return first === undefined ? Number.NaN : point.log.time[first]!;
}

/** Who is seen sending to whom. */
export function* sendings(point: PointSessions): Generator<{ address: string; peer: string }> {
  for (let session = 0; session < point.count; session++) {
    const { clientIp, serverIp } = point.ends[session]!;
    const spoke = speakers(point, session);
    if (spoke[0]) yield { address: clientIp, peer: serverIp };
    if (spoke[1]) yield { address: serverIp, peer: clientIp };
  }
}

/** Which ends, client and server, sent anything. */
function speakers({ log, order, start }: PointSessions, session: number): [boolean, boolean] {
  const spoke: [boolean, boolean] = [false, false];
  for (let k = start[session]!; k < start[session + 1]! && !(spoke[0] && spoke[1]); k++)
    spoke[log.shape[order[k]!]! & Shape.fromServer ? 1 : 0] = true;
  return spoke;
}

/** The server sent something that is not a reset. */
function isAnswered({ log, order, start }: PointSessions, session: number): boolean {
  for (let k = start[session]!; k < start[session + 1]!; k++) {
    const shape = log.shape[order[k]!]!;
    if (shape & Shape.fromServer && !(shapeFlags(shape) & 4)) return true;
  }
  return false;
}

/** The /24 of an IPv4 address, the /64 of an IPv6 one, the domain of a name. */
export function networkOf(address: string): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return address.slice(0, address.lastIndexOf("."));
  if (!address.includes(":")) return address.slice(address.indexOf(".") + 1);
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [...groups, ...new Array<string>(Math.max(0, missing)).fill("0"), ...(tail ? tail.split(":") : [])];
  return all.slice(0, 4).join(":");
}
