import { parseIpv4 } from "../bytes/address.ts";
import { arpBursts as declaration } from "../tables/arp-bursts.ts";
import type { Coverage } from "../tables/coverage.ts";
import { arpPackets } from "../tables/host-tables.ts";
import { Table, TableBuilder, type TablePart } from "../tables/table.ts";
import { type Closed, IdleResets } from "./idle-resets.ts";

/** Requests this near to each other belong to one burst: what switches that limit ARP count, seconds. */
const WINDOW = 0.01;
/** Different addresses that make a burst. */
const MIN_TARGETS = 10;
const MAX_FRAMES = 40;
/** Share of neighbouring addresses that makes a scan. */
const CONSECUTIVE = 0.8;

interface Request {
  readonly target: string;
  readonly mac: string | null;
  readonly elapsed: number;
  readonly time: bigint | null;
  readonly frame: number;
}

/** Bursts of ARP requests and the idle sessions that are reset in their wake. */
export function arpBursts(parts: readonly TablePart[], coverage: readonly Coverage[]): { parts: TablePart[]; coverage: Coverage[] } {
  const bursts: TablePart[] = [];
  const ground: Coverage[] = [];
  for (const entry of coverage) {
    // A list with rows left out shows no burst for certain, and none for certain either.
    if (entry.table === "arp_packets")
      ground.push({ ...entry, table: "arp_bursts", ...(!entry.complete && { blind: entry.why ?? "rows were left out" }) });
  }
  for (const part of parts) {
    if (part.table !== "arp_packets" || part.length < MIN_TARGETS) continue;
    const whole = coverage.some(({ table, source, complete }) => table === "arp_packets" && source === part.source && complete);
    const found = burstsIn(part, new IdleResets(parts, part.source), whole);
    if (found.length > 0) bursts.push(part.spans ? { ...found, spans: part.spans } : found);
  }
  return { parts: bursts, coverage: ground };
}

function burstsIn(part: TablePart, resets: IdleResets, whole: boolean): TablePart {
  const rows = new TableBuilder(declaration);
  for (const [sender, requests] of requestsBySender(part)) {
    let from = 0;
    for (let i = 1; i <= requests.length; i++) {
      if (i < requests.length && requests[i]!.elapsed - requests[i - 1]!.elapsed <= WINDOW) continue;
      const run = requests.slice(from, i);
      from = i;
      if (isBurst(run)) rows.append(rowOf(sender, run, resets, whole), run[0]!.frame);
    }
  }
  return rows.build(part.source, part.unit);
}

function requestsBySender(part: TablePart): Map<string, Request[]> {
  const table = new Table(arpPackets, [part]);
  const [operation, senderIp, senderMac] = [table.reader("operation"), table.reader("sender_ip"), table.reader("sender_mac")];
  const [targetIp, time, elapsed] = [table.reader("target_ip"), table.reader("time"), table.reader("elapsed")];
  const bySender = new Map<string, Request[]>();
  for (let row = 0; row < part.length; row++) {
    const [sender, target, at] = [senderIp(row) as string | null, targetIp(row) as string | null, elapsed(row) as number | null];
    // A machine that asks for itself, or has no address yet, looks for conflicts.
    if (operation(row) !== "request" || !sender || !target || sender === target || sender === "0.0.0.0" || at === null) continue;
    const request = { target, mac: senderMac(row) as string | null, elapsed: at, time: time(row) as bigint | null, frame: part.at[row]! };
    const known = bySender.get(sender);
    if (known) known.push(request);
    else bySender.set(sender, [request]);
  }
  for (const requests of bySender.values()) requests.sort((a, b) => a.elapsed - b.elapsed || a.frame - b.frame);
  return bySender;
}

/** Whether some window of the run holds enough different addresses; retries for the same one are no more. */
function isBurst(run: readonly Request[]): boolean {
  if (run.length < MIN_TARGETS) return false;
  const counts = new Map<string, number>();
  let first = 0;
  for (const { target, elapsed } of run) {
    counts.set(target, (counts.get(target) ?? 0) + 1);
    for (; elapsed - run[first]!.elapsed > WINDOW; first++) {
      const left = counts.get(run[first]!.target)! - 1;
      if (left === 0) counts.delete(run[first]!.target);
      else counts.set(run[first]!.target, left);
    }
    if (counts.size >= MIN_TARGETS) return true;
  }
  return false;
}

function rowOf(sender: string, run: readonly Request[], resets: IdleResets, whole: boolean) {
  const firsts = new Map<string, Request>();
  for (const request of run) if (!firsts.has(request.target)) firsts.set(request.target, request);
  const closed = [...firsts.values()].map((request) => resets.after(sender, request)).filter((found) => found !== null);
  const consecutive = isScan([...firsts.keys()]);
  const share = closed.length / firsts.size;
  return {
    sender_ip: sender,
    sender_mac: run.find(({ mac }) => mac !== null)?.mac ?? null,
    time: run[0]!.time,
    duration: run.at(-1)!.elapsed - run[0]!.elapsed,
    requests: run.length,
    targets: firsts.size,
    consecutive,
    closed: closed.length,
    closed_port: mostFrequentPort(closed),
    closes_sessions: share >= 0.5 ? true : whole || (consecutive && closed.length === 0) ? false : closed.length > 0 ? true : null,
    request_frames: run.slice(0, MAX_FRAMES).map(({ frame }) => frame),
    reset_frames: closed
      .slice(0, MAX_FRAMES)
      .map(({ frame }) => frame)
      .sort((a, b) => a - b),
  };
}

function isScan(targets: readonly string[]): boolean {
  const numbers = targets.map((target) => parseIpv4(target) ?? 0).sort((a, b) => a - b);
  const steps = numbers.filter((number, i) => i > 0 && number - numbers[i - 1]! === 1).length;
  return steps >= CONSECUTIVE * (numbers.length - 1);
}

function mostFrequentPort(closed: readonly Closed[]): number | null {
  const counts = Map.groupBy(closed, ({ port }) => port);
  return [...counts].sort((a, b) => b[1].length - a[1].length || a[0] - b[0])[0]?.[0] ?? null;
}
