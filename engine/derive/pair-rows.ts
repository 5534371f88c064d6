import { foreignResets, lostSegments, sessionPairs } from "../tables/session-pairs.ts";
import { type Citation, locate, TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import type { ForeignReset } from "./foreign-reset.ts";
import type { LostSegment } from "./lost-segment.ts";
import type { MissedAttempt } from "./missed-attempt.ts";
import type { PairedSession, SessionView } from "./paired-session.ts";
import { ways } from "./paired-session.ts";
import type { PointSessions, SessionEnds } from "./point-sessions.ts";
import { shapeFlags, shapeLength } from "./segment-log.ts";
import { KINDS } from "./segment-track.ts";
import type { SessionJudgement } from "./session-judgement.ts";
import { turnTaking } from "./turn-taking.ts";

/** First packets of a session cited at each side. */
const FIRST_FRAMES = 3;
/** Copies of one lost segment that are cited. */
const MOST_COPIES = 64;
const TCP_RST = 4;

type Row = Record<string, Value | undefined>;

/** Collects the rows of all pairs of capture points. */
export class PairRows {
  private readonly pairs = new TableBuilder(sessionPairs);
  private readonly lost = new TableBuilder(lostSegments);
  private readonly foreign = new TableBuilder(foreignResets);

  /** A session seen at both points. `between` is the server side's base time minus the client side's, ns; null without absolute time. */
  pair(pair: PairedSession, judgement: SessionJudgement, between: number | null): void {
    const ends = bothEnds(pair.client.point.ends[pair.client.session]!, pair.server.point.ends[pair.server.session]!, pair);
    const start = timeAt(pair.client.point, firstSegment(pair.client));
    const copies = (direction: 0 | 1) =>
      judgement.lost.reduce((sum, loss) => sum + (loss.direction === direction ? loss.copies.length : 0), 0);
    this.pairs.append(
      {
        ...ends,
        start,
        seen_at: "both",
        client_stream: pair.client.point.stream[pair.client.session]!,
        server_stream: pair.server.point.stream[pair.server.session]!,
        ...differences(pair),
        ...timing(pair, between),
        lost_to_server: copies(0),
        lost_to_client: copies(1),
        foreign_resets: judgement.foreign.length,
        ...turns(pair),
        frames: [...firstFrames(pair.client), ...firstFrames(pair.server)],
      },
      0,
    );
    for (const loss of judgement.lost) this.loss(pair, loss, { ...ends, start });
    for (const reset of judgement.foreign) this.reset(pair, reset, { ...ends, start });
  }

  private loss(pair: PairedSession, loss: LostSegment, row: Row): void {
    const { sender, receiver, delay } = ways(pair, loss.direction);
    const first = loss.copies[0]!;
    const sent = sender.point.log.time[first]!;
    const ended = loss.arrived === 0 && KINDS[loss.kind] !== "ack";
    const resets = ended
      ? [
          lastReset(pair.client, pair.client === sender ? sent : sent + delay),
          lastReset(pair.server, pair.server === sender ? sent : sent + delay),
        ]
      : [-1, -1];
    const own = sender === pair.client ? resets[0]! : resets[1]!;
    const other = sender === pair.client ? resets[1]! : resets[0]!;
    const until = own >= 0 ? sender.point.log.time[own]! - sent : other >= 0 ? receiver.point.log.time[other]! - delay - sent : Number.NaN;
    this.lost.append(
      {
        ...row,
        direction: loss.direction === 0 ? "to_server" : "to_client",
        time: timeAt(sender.point, first),
        kind: KINDS[loss.kind]!,
        length: loss.length,
        copies_lost: loss.copies.length,
        copies_arrived: loss.arrived,
        sent_frames: cite(sender.point, loss.copies.slice(0, MOST_COPIES)),
        gap_frames: cite(receiver.point, loss.gap),
        reset_frames: [...cite(pair.client.point, resets.slice(0, 1)), ...cite(pair.server.point, resets.slice(1))],
        seconds_to_reset: Number.isNaN(until) ? null : until / 1e9,
      },
      0,
    );
  }

  private reset(pair: PairedSession, reset: ForeignReset, row: Row): void {
    const { sender, receiver } = ways(pair, reset.direction);
    const { log } = receiver.point;
    this.foreign.append(
      {
        ...row,
        received_by: reset.direction === 0 ? "server" : "client",
        time: timeAt(receiver.point, reset.reset),
        delay: reset.answered >= 0 ? (log.time[reset.reset]! - log.time[reset.answered]!) / 1e9 : null,
        during_handshake: reset.duringHandshake,
        ttl: ttlOf(receiver.point, reset.reset),
        expected_ttl: ttl(receiver, reset.direction),
        reset_frames: cite(receiver.point, [reset.answered, reset.reset]),
        sender_frames: cite(sender.point, reset.sent),
      },
      0,
    );
  }

  /** An attempt that never came to the server side. */
  attempt({ client, session, serverName, syns, resets }: MissedAttempt): void {
    const ends = client.ends[session]!;
    const row: Row = { ...outer(ends), inner_server_ip: serverName, inner_server_port: ends.serverPort, start: timeAt(client, syns[0]!) };
    this.pairs.append(
      {
        ...row,
        seen_at: "client",
        client_stream: client.stream[session]!,
        lost_to_server: syns.length,
        foreign_resets: resets.length,
        client_mss_sent: ends.clientMss,
        frames: cite(client, syns.slice(0, MOST_COPIES)),
      },
      0,
    );
    const [sent, ended] = [client.log.time[syns[0]!]!, resets.at(-1)];
    this.lost.append(
      {
        ...row,
        direction: "to_server",
        time: timeAt(client, syns[0]!),
        kind: "syn",
        length: 0,
        copies_lost: syns.length,
        copies_arrived: 0,
        sent_frames: cite(client, syns.slice(0, MOST_COPIES)),
        gap_frames: [],
        reset_frames: ended === undefined ? [] : cite(client, [ended]),
        seconds_to_reset: ended === undefined ? null : (client.log.time[ended]! - sent) / 1e9,
      },
      0,
    );
    for (const reset of resets) {
      const before = syns.findLast((i) => i < reset) ?? syns[0]!;
      const delay = (client.log.time[reset]! - client.log.time[before]!) / 1e9;
      this.foreign.append(
        {
          ...row,
          received_by: "client",
          time: timeAt(client, reset),
          delay,
          during_handshake: true,
          ttl: ttlOf(client, reset),
          expected_ttl: null,
          reset_frames: cite(client, [before, reset]),
          sender_frames: [],
        },
        0,
      );
    }
  }

  build(): TablePart[] {
    return [this.pairs, this.lost, this.foreign].map((rows) => rows.build(-1, "frame"));
  }
}

function outer({ clientIp, clientPort, serverIp, serverPort }: SessionEnds): Row {
  const port = (value: number) => (value < 0 ? null : value);
  return { client_ip: clientIp || null, client_port: port(clientPort), server_ip: serverIp || null, server_port: port(serverPort) };
}

function bothEnds(client: SessionEnds, server: SessionEnds, pair: PairedSession): Row {
  const row = outer(pair.client.flipped ? turned(client) : client);
  const inner = outer(pair.server.flipped ? turned(server) : server);
  return {
    ...row,
    inner_client_ip: inner.client_ip,
    inner_client_port: inner.client_port,
    inner_server_ip: inner.server_ip,
    inner_server_port: inner.server_port,
  };
}

function turned(ends: SessionEnds): SessionEnds {
  return {
    clientIp: ends.serverIp,
    clientPort: ends.serverPort,
    serverIp: ends.clientIp,
    serverPort: ends.clientPort,
    clientMss: ends.serverMss,
    serverMss: ends.clientMss,
    clientShift: ends.serverShift,
    serverShift: ends.clientShift,
    clientTtl: ends.serverTtl,
    serverTtl: ends.clientTtl,
  };
}

function viewEnds({ point, session, flipped }: SessionView): SessionEnds {
  const ends = point.ends[session]!;
  return flipped ? turned(ends) : ends;
}

/** What changed on the way. */
function differences({ client, server, shift }: PairedSession): Row {
  const [x, y] = [viewEnds(client), viewEnds(server)];
  const relative = client.point.relative || server.point.relative;
  const hops = (before: number | null, after: number | null) =>
    before === null || after === null || before < after ? null : before - after;
  return {
    nat: x.clientIp !== y.clientIp || x.clientPort !== y.clientPort || x.serverIp !== y.serverIp || x.serverPort !== y.serverPort,
    sequence_rewritten:
      relative || (Number.isNaN(shift[0]) && Number.isNaN(shift[1])) ? null : (shift[0] || 0) !== 0 || (shift[1] || 0) !== 0,
    client_mss_sent: x.clientMss,
    client_mss_received: y.clientMss,
    server_mss_sent: y.serverMss,
    server_mss_received: x.serverMss,
    hops_to_server: hops(x.clientTtl, y.clientTtl),
    hops_to_client: hops(y.serverTtl, x.serverTtl),
  };
}

function timing({ expected, roundTrip, clock, driftPpm }: PairedSession, between: number | null): Row {
  const share = (delay: number) => (Number.isNaN(delay) || roundTrip === null ? null : Math.min(roundTrip, Math.max(0, delay)) / 1e9);
  return {
    clock_offset: clock === null || between === null ? null : (clock + between) / 1e9,
    clock_drift_ppm: driftPpm,
    one_way_to_server: clock === null ? null : share(expected[0] - clock),
    one_way_to_client: clock === null ? null : share(clock - expected[1]),
    round_trip: roundTrip === null ? null : roundTrip / 1e9,
  };
}

function turns(pair: PairedSession): Row {
  const { turns, clientWait, serverThink, serverWait, clientThink, networkShare, ...more } = turnTaking(pair);
  return {
    turns,
    client_wait: clientWait,
    server_think: serverThink,
    server_wait: serverWait,
    client_think: clientThink,
    network_share: networkShare,
    latency_total: more.latencyTotal,
    latency_share: more.latencyShare,
    turn_frames: [...cite(pair.client.point, more.clientTurns), ...cite(pair.server.point, more.serverTurns)],
  };
}

function firstSegment({ point, session }: SessionView): number {
  return point.order[point.start[session]!] ?? -1;
}

function firstFrames({ point, session }: SessionView): Citation[] {
  return cite(point, [
    ...point.order.subarray(point.start[session]!, Math.min(point.start[session]! + FIRST_FRAMES, point.start[session + 1]!)),
  ]);
}

/** Citations of segments of a point's log; -1 stands for none. */
function cite({ capture, log }: PointSessions, segments: readonly number[]): Citation[] {
  return segments.filter((i) => i >= 0).map((i) => locate(capture.connections, log.frame[i]!));
}

function timeAt({ capture, log }: PointSessions, i: number): bigint | null {
  const { base } = capture.info;
  return base === null || i < 0 || !Number.isFinite(log.time[i]!) ? null : base + BigInt(Math.round(log.time[i]!));
}

/** The last reset of a session that came after a moment, or -1. */
function lastReset({ point, session }: SessionView, after: number): number {
  for (let k = point.start[session + 1]! - 1; k >= point.start[session]!; k--) {
    const i = point.order[k]!;
    if (shapeFlags(point.log.shape[i]!) & TCP_RST) return point.log.time[i]! >= after || Number.isNaN(after) ? i : -1;
  }
  return -1;
}

/** IP TTL of a segment without data; null if the capture does not show it. */
function ttlOf({ log }: PointSessions, i: number): number | null {
  return shapeLength(log.shape[i]!) > 0 ? null : (log.print[i]! >>> 16) & 255 || null;
}

/** TTL of the other segments of a direction at one point. */
function ttl(view: SessionView, direction: 0 | 1): number | null {
  const { clientTtl, serverTtl } = viewEnds(view);
  return direction === 0 ? clientTtl : serverTtl;
}
