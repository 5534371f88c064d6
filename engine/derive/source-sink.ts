import { AddressBook, Family, type PacketBatch } from "../decoders/packet-batch.ts";
import type { CaptureInfo, Emit, Format, HostFact } from "../formats/format.ts";
import { type Landmark, Landmarks } from "../formats/frame-search.ts";
import type { Coverage } from "../tables/coverage.ts";
import { anomalies } from "../tables/host-tables.ts";
import { tableDeclaration } from "../tables/index.ts";
import { TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import { CaptureAnalyser } from "./capture-analyser.ts";
import type { AnalysedCapture, Warning } from "./source-result.ts";

/** Capture points that run on from file to file of a chain, by format id. */
export type Chain = Map<string, CapturePoint>;

/** Rows one source may put into one table; the rest is counted, not kept, and the source warns. */
export const MAX_ROWS_PER_TABLE = 2_000_000;
/** Different anomalies kept per source; each is counted, the first is cited. */
const MAX_ANOMALIES = 1000;

/** Reports progress of a source while it is read; rejects when the work was cancelled. */
export type SourceProgress = (bytes: number, packets: number) => Promise<void>;

interface Seen {
  at: number;
  detail: string;
  count: number;
}

/** Collects what the formats of one source emit. */
export class SourceSink {
  private readonly source: number;
  private readonly segments: boolean;
  /** Tells of bytes that no format reads. */
  readonly progress: SourceProgress;
  private readonly builders = new Map<string, { builder: TableBuilder; unit: Format["unit"]; rows: number }>();
  private readonly seen = new Map<string, Seen & { unit: Format["unit"] }>();
  private readonly coverages: Coverage[] = [];
  private readonly facts: HostFact[] = [];
  private readonly points: CapturePoint[] = [];
  private readonly landmarks = new Landmarks();
  private readonly rowsOf = new Map<string, number>();
  private readonly chain: Chain | null;
  private utcFormats = 0;

  /** With a `chain`, packets go to its capture points and `finish` leaves those open. */
  constructor(source: number, segments: boolean, progress: SourceProgress, chain: Chain | null = null) {
    this.source = source;
    this.segments = segments;
    this.progress = progress;
    this.chain = chain;
  }

  /** Where one format of this source puts what it reads. */
  emitFor(format: Format): Emit {
    // Most formats hold no packets: a capture point is made for those that announce some.
    let point: CapturePoint | null = null;
    this.rowsOf.set(format.id, 0);
    return {
      row: (table, values, at) => this.row(format, table, values, at),
      anomaly: (name, at, detail) => this.anomaly(name, format.unit, at, detail),
      capture: (info) => {
        if (!point) {
          point = this.chain?.get(format.id) ?? new CapturePoint(this.segments);
          this.chain?.set(format.id, point);
          this.points.push(point);
        }
        point.begin(info, this.source);
      },
      packets: (batch) => {
        this.count(format, batch.count);
        if (!point) throw new Error(`${format.id} hands over packets it did not announce`);
        point.packets(batch);
      },
      landmark: (landmark) => this.landmarks.add(landmark),
      coverage: (coverage) => this.coverages.push({ ...coverage, source: this.source }),
      host: (fact) => this.facts.push(fact),
      utc: () => this.utcFormats++,
      progress: (bytes) => this.progress(bytes, point?.count ?? 0),
    };
  }

  private count(format: Format, rows: number): void {
    this.rowsOf.set(format.id, this.rowsOf.get(format.id)! + rows);
  }

  private row(format: Format, table: string, values: Readonly<Record<string, Value | undefined>>, at: number): void {
    let entry = this.builders.get(table);
    if (!entry) {
      const declaration = tableDeclaration(table);
      if (!declaration) throw new Error(`${format.id} emits rows of a table that is not declared: ${table}`);
      entry = { builder: new TableBuilder(declaration), unit: format.unit, rows: 0 };
      this.builders.set(table, entry);
    }
    this.count(format, 1);
    if (entry.rows++ < MAX_ROWS_PER_TABLE) entry.builder.append(values, at);
    else this.anomaly("source.too-many-rows", format.unit, at, `more than ${MAX_ROWS_PER_TABLE} rows of ${table}: the rest was left out`);
  }

  anomaly(name: string, unit: Format["unit"], at: number, detail: string): void {
    const seen = this.seen.get(name);
    if (seen) seen.count++;
    else if (this.seen.size < MAX_ANOMALIES) this.seen.set(name, { unit, at, detail, count: 1 });
  }

  /** Formats by number of rows, most first. */
  formats(): string[] {
    return [...this.rowsOf].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
  }

  /** Everything collected. */
  finish(): {
    parts: TablePart[];
    captures: AnalysedCapture[];
    coverage: Coverage[];
    hosts: HostFact[];
    warnings: Warning[];
    utc: boolean;
    landmarks: Landmark[];
  } {
    const captures = this.chain ? [] : this.points.map((point) => point.finish());
    const parts = [...this.builders.values()].map(({ builder, unit }) => builder.build(this.source, unit));
    const warnings = [...this.seen].map(([code, { at, detail, count }]) => ({ code, text: detail, at, count }));
    // Formats of one text cite their own anomalies by frame or by line.
    for (const [unit, found] of Map.groupBy(this.seen, ([, seen]) => seen.unit)) {
      const odd = new TableBuilder(anomalies);
      for (const [name, { at, detail, count }] of found) odd.append({ name, detail, count }, at);
      parts.push(odd.build(this.source, unit));
    }
    const utc = this.rowsOf.size > 0 && this.points.every((point) => point.utc) && this.utcFormats >= this.rowsOf.size - this.points.length;
    return { parts, captures, coverage: this.coverages, hosts: this.facts, warnings, utc, landmarks: this.landmarks.list };
  }
}

/**
 * The packets of one capture point. Files of a chain come one after the other: frame numbers run on, times count from
 * the first file's base, and addresses keep the ids of the first file's book.
 */
export class CapturePoint {
  private readonly analyser: CaptureAnalyser;
  private first: CaptureInfo | null = null;
  private info: CaptureInfo | null = null;
  private book: AddressBook | null = null;
  private ids: number[] = [];
  private foreignBook: AddressBook | null = null;
  private shift = 0;
  private frameOffset = 0;
  /** Packets so far. */
  count = 0;
  private readonly infos: CaptureInfo[] = [];
  private readonly spans: { source: number; first: number }[] = [];

  constructor(segments: boolean) {
    this.analyser = new CaptureAnalyser({ segments });
  }

  /** Whether all its times are UTC. */
  get utc(): boolean {
    return this.infos.every((info) => info.zone === "utc");
  }

  /** The next file of the chain, or the first, begins. */
  begin(info: CaptureInfo, source: number): void {
    this.infos.push(info);
    this.spans.push({ source, first: this.count + 1 });
    this.info = info;
    if (!this.first) {
      this.first = info;
      this.analyser.capture(info);
      return;
    }
    this.frameOffset = this.count;
    this.shift = info.base !== null && this.first.base !== null ? Number(info.base - this.first.base) : 0;
  }

  packets(batch: PacketBatch): void {
    if (this.info !== this.first) this.join(batch);
    else this.book ??= batch.addresses;
    this.count += batch.count;
    this.analyser.packets(batch);
  }

  private join(batch: PacketBatch): void {
    if (this.foreignBook !== batch.addresses) {
      this.foreignBook = batch.addresses;
      this.ids = [0];
    }
    this.book ??= new AddressBook();
    for (let i = 0; i < batch.count; i++) {
      batch.frame[i]! += this.frameOffset;
      batch.time[i]! += this.shift;
      const family = batch.family[i]!;
      if (family !== Family.ipv6 && family !== Family.name) continue;
      batch.source[i] = this.known(batch.addresses, batch.source[i]!);
      batch.destination[i] = this.known(batch.addresses, batch.destination[i]!);
    }
  }

  private known(addresses: AddressBook, id: number): number {
    this.ids[id] ??= this.book!.id(addresses.texts[id]!);
    return this.ids[id]!;
  }

  finish(): AnalysedCapture {
    const first = this.first!;
    for (const info of this.infos.slice(1)) {
      first.damaged ||= info.damaged;
      first.dropped = first.dropped === null ? info.dropped : first.dropped + (info.dropped ?? 0);
    }
    const capture = this.analyser.finish(this.spans[0]!.source);
    const { spans } = this;
    if (spans.length === 1) return capture;
    return {
      ...capture,
      sources: spans.map((span) => span.source),
      connections: { ...capture.connections, spans },
      parts: capture.parts.map((part) => ({ ...part, spans })),
    };
  }
}
