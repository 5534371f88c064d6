import { type ForeignReset, foreignResets } from "./foreign-reset.ts";
import { looseLosses } from "./loose-loss.ts";
import { type Health, type LostSegment, lostSegments, type Way, wayOf } from "./lost-segment.ts";
import type { PairedSession } from "./paired-session.ts";
import { type PointSessions, TO_CLIENT, TO_SERVER } from "./point-sessions.ts";
import { alignLoose } from "./segment-align.ts";
import { markCarried } from "./segment-carried.ts";
import { Kind, type TrackMemory } from "./segment-track.ts";

/** What the two captures of one session say of each other. */
export interface SessionJudgement {
  readonly lost: readonly LostSegment[];
  readonly foreign: readonly ForeignReset[];
}

/** Share of TCP packets acknowledged unseen above which a capture missed packets too often to tell a lost one. */
const UNSEEN_SHARE = 0.001;

/**
 * Finds lost segments and foreign resets of one session. A capture that misses packets itself proves nothing by not
 * showing one: there a loss needs the receiver's own word, and a foreign reset a sender that went on regardless.
 */
export function judgeSession(pair: PairedSession, memory: TrackMemory): SessionJudgement {
  const health: Health = { receiverMisses: [0, 0], senderMisses: [0, 0] };
  const lost: LostSegment[] = [];
  const foreign: ForeignReset[] = [];
  for (const direction of [TO_SERVER, TO_CLIENT] as const) {
    const way = wayOf(pair, direction, memory);
    if (!way) continue;
    const loose = isLoose(way);
    if (loose) alignLoose(way);
    else if (way.comparable) markCarried(way);
    foreign.push(...foreignResets(way, health, loose));
    lost.push(...lostSegments(way, health));
    if (loose) lost.push(...looseLosses(way));
  }
  return {
    lost: lost.filter((loss) => isProven(pair, loss, health)),
    foreign: foreign.filter((reset) => isForeign(pair, reset, foreign, health)),
  };
}

function isLoose({ sent, seen, comparable }: Way): boolean {
  const unknown = (track: Way["sent"]) => {
    for (let k = 0; k < track.length; k++) if (Number.isNaN(track.end[k]!)) return true;
    return false;
  };
  return unknown(sent) || (comparable && unknown(seen));
}

function isProven(pair: PairedSession, { direction, kind, confirmed }: LostSegment, health: Health): boolean {
  const receiver = direction === 0 ? pair.server : pair.client;
  const misses = health.receiverMisses[direction] + health.senderMisses[direction === 0 ? 1 : 0];
  if (confirmed && kind !== Kind.ack && kind !== Kind.rst) return true;
  return misses === 0 && isReliable(receiver.point);
}

function isForeign(pair: PairedSession, reset: ForeignReset, all: readonly ForeignReset[], health: Health): boolean {
  const { direction, contradicted, witnessed } = reset;
  if (contradicted) return true;
  const sender = direction === 0 ? pair.client : pair.server;
  const misses = health.senderMisses[direction] + health.receiverMisses[direction === 0 ? 1 : 0];
  if (misses > 0) return false;
  if (!sender.point.capture.info.excerpt) return true;
  return witnessed || all.some((other) => other.direction === direction && other.contradicted);
}

/** Whether a segment this capture does not show was not there. */
export function isReliable({ capture, log }: PointSessions): boolean {
  const { info, quality } = capture;
  return (
    !info.excerpt &&
    !((info.dropped ?? 0) > 0) &&
    quality.unseenAcknowledged <= UNSEEN_SHARE * Math.max(1, quality.tcpPackets) &&
    log.count > 0
  );
}
