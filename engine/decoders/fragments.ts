/** Bounds of reassembly; beyond them the oldest datagram is given up, its fragments stay fragments. */
export const MAX_DATAGRAMS = 512;
export const MAX_FRAGMENT_BYTES = 8 << 20;
/** RFC 8200 section 4.5: a datagram that is not whole 60 s after its first fragment is abandoned. */
export const MAX_FRAGMENT_AGE = 60e9;
/** Separate runs of bytes a datagram may be in; more is an attack, not disorder. */
const MAX_RUNS = 64;
const MAX_PACKET = 65_535;

/** One fragment. */
export interface Fragment {
  /** Tells datagrams apart: addresses, protocol and identification. */
  readonly key: string;
  /** Nanoseconds, as packet times. */
  readonly time: number;
  /** Bytes from the start of the datagram's payload. */
  readonly offset: number;
  readonly more: boolean;
  readonly payload: Uint8Array;
  /** The IP header that precedes the payload, as the first fragment is to pass it on. */
  readonly header: Uint8Array;
}

interface Datagram {
  readonly since: number;
  payload: Uint8Array;
  header: Uint8Array | null;
  /** Total payload length, -1 until the last fragment was seen. */
  length: number;
  /** Starts and ends of the runs of bytes received, in order, neither touching nor overlapping. */
  readonly runs: number[];
}

/** Puts IP datagrams together again, RFC 791 section 3.2 and RFC 8200 section 4.5. Where fragments overlap, the bytes that came first stay. */
export class Fragments {
  private readonly datagrams = new Map<string, Datagram>();
  private bytes = 0;

  /** Adds a fragment; answers header and payload of the datagram if that made it whole, else null. */
  add(fragment: Fragment): { header: Uint8Array; payload: Uint8Array } | null {
    const end = fragment.offset + fragment.payload.length;
    if (end + fragment.header.length > MAX_PACKET || fragment.payload.length === 0) return null;
    this.expire(fragment.time);
    const known = this.datagrams.get(fragment.key);
    const datagram = known ?? { since: fragment.time, payload: new Uint8Array(0), header: null, length: -1, runs: [] };
    if (!known) this.datagrams.set(fragment.key, datagram);
    if (fragment.offset === 0) datagram.header = fragment.header;
    if (!fragment.more) datagram.length = end;
    this.store(datagram, fragment.offset, fragment.payload);
    const whole = datagram.runs.length === 2 && datagram.runs[0] === 0 && datagram.length >= 0 && datagram.runs[1]! >= datagram.length;
    if (whole && datagram.header) {
      this.drop(fragment.key, datagram);
      return { header: datagram.header, payload: datagram.payload.subarray(0, datagram.length) };
    }
    if (datagram.runs.length > 2 * MAX_RUNS) this.drop(fragment.key, datagram);
    this.limit(fragment.key);
    return null;
  }

  private drop(key: string, datagram: Datagram): void {
    this.bytes -= datagram.payload.length;
    this.datagrams.delete(key);
  }

  /** The map keeps the order of arrival, so the first is the oldest. */
  private expire(now: number): void {
    for (const [key, datagram] of this.datagrams) {
      if (now - datagram.since <= MAX_FRAGMENT_AGE) return;
      this.drop(key, datagram);
    }
  }

  private limit(newest: string): void {
    for (const [key, datagram] of this.datagrams) {
      if (this.datagrams.size <= MAX_DATAGRAMS && this.bytes <= MAX_FRAGMENT_BYTES) return;
      if (key !== newest) this.drop(key, datagram);
    }
  }

  private store(datagram: Datagram, offset: number, payload: Uint8Array): void {
    const end = offset + payload.length;
    if (datagram.payload.length < end) {
      const grown = new Uint8Array(Math.min(MAX_PACKET, Math.max(end, 2 * datagram.payload.length)));
      grown.set(datagram.payload);
      this.bytes += grown.length - datagram.payload.length;
      datagram.payload = grown;
    }
    for (const [from, to] of gaps(datagram.runs, offset, end)) {
      datagram.payload.set(payload.subarray(from - offset, to - offset), from);
    }
    mergeRun(datagram.runs, offset, end);
  }
}

/** The parts of `offset` to `end` that no run covers. */
function gaps(runs: readonly number[], offset: number, end: number): [number, number][] {
  const found: [number, number][] = [];
  let at = offset;
  for (let r = 0; r < runs.length && at < end; r += 2) {
    const [start, stop] = [runs[r]!, runs[r + 1]!];
    if (stop <= at) continue;
    if (start > at) found.push([at, Math.min(start, end)]);
    at = Math.max(at, stop);
  }
  if (at < end) found.push([at, end]);
  return found;
}

/** Adds `offset` to `end` to the runs. */
function mergeRun(runs: number[], offset: number, end: number): void {
  let first = 0;
  while (first < runs.length && runs[first + 1]! < offset) first += 2;
  let last = first;
  let [from, to] = [offset, end];
  while (last < runs.length && runs[last]! <= end) {
    from = Math.min(from, runs[last]!);
    to = Math.max(to, runs[last + 1]!);
    last += 2;
  }
  runs.splice(first, last - first, from, to);
}
