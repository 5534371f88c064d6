import { TcpFlag } from "../decoders/packet-batch.ts";
import type { FlowPacket } from "./quote.ts";
import type { Ladder, Side } from "./report.ts";

/** Steps of one ladder; the rest is left out from the middle of uneventful stretches. */
const MAX_STEPS = 60;
/** How far apart two capture points may list the same packet. */
const MATCH_WINDOW = 48;
const SHAPE_FLAGS = TcpFlag.syn | TcpFlag.fin | TcpFlag.rst | TcpFlag.ack;

/** One capture point's view of the session to draw. */
export interface LadderPoint {
  readonly source: string;
  readonly side: Side | "middle" | null;
  readonly client: string;
  readonly server: string;
  readonly packets: readonly FlowPacket[];
  /** Frames of this point that the evidence cites, that never arrived, and that nobody sent. */
  readonly cited: ReadonlySet<number>;
  readonly lost: ReadonlySet<number>;
  readonly foreign: ReadonlySet<number>;
}

type Step = Ladder["steps"][number];
interface Placed {
  time: number;
  order: number;
  step: Step;
}

/** Draws a session seen at one point, or at two side by side (client side first). */
export function sessionLadder(title: string, points: readonly LadderPoint[]): Ladder | null {
  const [first, second] = points;
  if (!first || points.every((point) => point.packets.length === 0)) return null;
  const placed = second
    ? pairUp(first, second)
    : first.packets.map((packet, order) => place(first, packet, [packet.frame], packet.time, order));
  placed.sort((a, b) => a.time - b.time || a.order - b.order);
  const start = placed[0]!.time;
  const steps = thin(placed.map(({ time, step }) => ({ ...step, time: Math.round((time - start) / 1000) / 1e6 })));
  return { title, points: points.map(({ source, side, client, server }) => ({ source, side, client, server })), steps };
}

function place(point: LadderPoint, packet: FlowPacket, frames: (number | null)[], time: number, order: number): Placed {
  const { frame, text } = packet;
  const mark = point.lost.has(frame)
    ? "lost"
    : point.foreign.has(frame) && packet.flags & TcpFlag.rst
      ? "foreign"
      : /\[TCP [^\]]*Retransmission\]/.test(text)
        ? "retransmission"
        : point.cited.has(frame)
          ? "cited"
          : null;
  return { time, order, step: { frames, time: 0, from: packet.fromClient ? "client" : "server", text, mark } };
}

function pairUp(first: LadderPoint, second: LadderPoint): Placed[] {
  const matched = new Map<FlowPacket, FlowPacket>();
  for (const fromClient of [true, false]) {
    const [sender, receiver] = fromClient ? [first, second] : [second, first];
    for (const [sent, got] of matchOneWay(sender, receiver, fromClient)) {
      matched.set(fromClient ? sent : got, fromClient ? got : sent);
    }
  }
  const offsets = [...matched].map(([a, b]) => b.time - a.time);
  const offset =
    offsets.length > 0
      ? offsets.sort((a, b) => a - b)[offsets.length >> 1]!
      : (second.packets[0]?.time ?? 0) - (first.packets[0]?.time ?? 0);
  const placed: Placed[] = [];
  const seen = new Set<FlowPacket>();
  for (const [order, packet] of first.packets.entries()) {
    const other = matched.get(packet);
    if (other) seen.add(other);
    const entry = place(first, packet, [packet.frame, other?.frame ?? null], packet.time, order);
    if (other && entry.step.mark === null && second.cited.has(other.frame)) entry.step = { ...entry.step, mark: "cited" };
    placed.push(entry);
  }
  for (const [order, packet] of second.packets.entries()) {
    if (!seen.has(packet)) placed.push(place(second, packet, [null, packet.frame], packet.time - offset, order));
  }
  return placed;
}

/** Pairs what one side sent with what the other received: same kind, size and (relative) sequence, in order. */
function* matchOneWay(sender: LadderPoint, receiver: LadderPoint, fromClient: boolean): Generator<[FlowPacket, FlowPacket]> {
  const sent = sender.packets.filter((packet) => packet.fromClient === fromClient && !sender.lost.has(packet.frame));
  const got = receiver.packets.filter((packet) => packet.fromClient === fromClient && !receiver.foreign.has(packet.frame));
  const [sentBase, gotBase] = [sent.find((packet) => packet.seq !== null)?.seq ?? 0, got.find((packet) => packet.seq !== null)?.seq ?? 0];
  const same = (a: FlowPacket, b: FlowPacket) =>
    (a.flags & SHAPE_FLAGS) === (b.flags & SHAPE_FLAGS) &&
    (a.length === null || b.length === null || a.length === b.length) &&
    (a.seq === null || b.seq === null || a.seq === b.seq || ((a.seq - sentBase) | 0) === ((b.seq - gotBase) | 0));
  let from = 0;
  for (const packet of sent) {
    const window = got.slice(from, from + MATCH_WINDOW);
    const at = window.findIndex((candidate) => same(packet, candidate));
    if (at < 0) continue;
    yield [packet, window[at]!];
    from += at + 1;
  }
}

/** Keeps marked steps with their neighbours, the beginning and the end. */
function thin(steps: Step[]): Step[] {
  if (steps.length <= MAX_STEPS) return steps;
  const weight = steps.map((step, index) =>
    step.mark !== null ? 3 : index < 6 || index >= steps.length - 3 ? 2 : steps[index - 1]?.mark || steps[index + 1]?.mark ? 1 : 0,
  );
  const order = steps.map((_, index) => index).sort((a, b) => weight[b]! - weight[a]! || a - b);
  const kept = new Set(order.slice(0, MAX_STEPS));
  return steps.filter((_, index) => kept.has(index));
}
