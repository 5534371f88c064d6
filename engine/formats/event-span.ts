import type { Emit } from "./format.ts";

/** Computers or logs one source can name before it says nothing about any. */
const MAX_NAMES = 16;
/** Unbroken runs of record numbers that are kept apart; a log that overwrites its oldest events has two. */
const MAX_RUNS = 10_000;

const OTHERS = Symbol();

/** Events of one computer. */
interface HostSpan {
  from: bigint | null;
  to: bigint | null;
  lastId: number;
}

/**
 * What the events of one source cover. An export shows what somebody asked for, so it covers its time span only where its record
 * numbers have no hole: then nothing was picked out, and nothing is missing between its first event and its last. Several
 * computers in such a log are one that was renamed, for forwarded events keep the numbers of their own logs; the log then speaks for
 * its last name from that name's first event on.
 */
export class EventSpan {
  private readonly hosts = new Map<string | null | typeof OTHERS, HostSpan>();
  private readonly channels = new Set<string>();
  /** First and last record number of each run, in order of reading. */
  private readonly runs: [first: number, last: number][] = [];
  private numbered = 0;
  /** Events so far. */
  count = 0;

  add({ host, channel, recordId }: { host: string | null; channel: string | null; recordId: number | null }, time: bigint | null): void {
    this.count++;
    const name = this.hosts.size < MAX_NAMES || this.hosts.has(host) ? host : OTHERS;
    let span = this.hosts.get(name);
    if (!span) {
      span = { from: time, to: time, lastId: 0 };
      this.hosts.set(name, span);
    }
    if (time !== null) {
      if (span.from === null || time < span.from) span.from = time;
      if (span.to === null || time > span.to) span.to = time;
    }
    if (channel !== null && this.channels.size <= MAX_NAMES) this.channels.add(channel);
    if (recordId !== null) this.number(recordId, span);
  }

  private number(recordId: number, span: HostSpan): void {
    this.numbered++;
    span.lastId = Math.max(span.lastId, recordId);
    const run = this.runs.at(-1);
    if (run && recordId === run[1] + 1) run[1] = recordId;
    else if (run && recordId === run[0] - 1) run[0] = recordId;
    else if (this.runs.length <= MAX_RUNS) this.runs.push([recordId, recordId]);
  }

  /** Every event has its own number, and none in between is missing. */
  private contiguous(): boolean {
    if (this.count < 2 || this.numbered !== this.count || this.channels.size !== 1 || this.runs.length > MAX_RUNS) return false;
    const runs = [...this.runs].sort((a, b) => a[0] - b[0]);
    return runs.every(([first], k) => k === 0 || first === runs[k - 1]![1] + 1);
  }

  /** After the last event; `damage` says why events may be missing all the same, in words. */
  end(emit: Emit, damage: string | null = null): void {
    if (this.count === 0) return;
    const contiguous = this.contiguous();
    const names = [...this.hosts].flatMap(([name, span]) => (typeof name === "string" ? [{ name, span }] : []));
    const last = names.reduce<(typeof names)[number] | null>(
      (high, one) => (high && high.span.lastId >= one.span.lastId ? high : one),
      null,
    );
    const one = !this.hosts.has(OTHERS) && (names.length === 1 || contiguous) ? last : null;
    const host = one && [one.name];
    if (host) emit.host({ names: host, addresses: [] });
    const why = damage ?? (contiguous ? null : "an export of events shows what it was asked for: other events may have been left out");
    const spans = one && names.length > 1 ? [one.span] : [...this.hosts.values()];
    emit.coverage({
      table: "events",
      host,
      side: null,
      from: least(spans.map(({ from }) => from)),
      to: greatest(spans.map(({ to }) => to)),
      // Events that name no log may be of any, and speak for none in particular.
      ...(this.channels.size <= 1 ? { only: { channel: [...this.channels] } } : {}),
      ...(why === null ? { complete: true } : { complete: false, why }),
    });
  }
}

function least(times: readonly (bigint | null)[]): bigint | null {
  return times.reduce((low, time) => (time !== null && (low === null || time < low) ? time : low), null);
}

function greatest(times: readonly (bigint | null)[]): bigint | null {
  return times.reduce((high, time) => (time !== null && (high === null || time > high) ? time : high), null);
}
