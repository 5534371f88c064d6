import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../../bytes/address.ts";
import { AddressBook, NO_PROTOCOL } from "../../decoders/packet-batch.ts";
import type { Value } from "../../tables/table.ts";
import type { StunText } from "./stun-description.ts";
import type { TlsRow } from "./tls-messages.ts";

/** What a row of a text capture is. */
export const RowKind = {
  /** Not TCP, or nothing more is known. */
  other: 0,
  /** Its TCP header is printed. */
  segment: 1,
  /** Carries data of an application protocol, most likely over TCP, without the TCP header. */
  application: 2,
  /** Not a packet: a line of a trace provider that shares the frame numbers. */
  event: 3,
} as const;

/** `connection` of a row that belongs to none. */
export const NO_CONNECTION = -1;
/** `length` of a row whose payload length is not known. */
export const NO_LENGTH = -1;
/** `scale` of a row without the window scale option. */
export const NO_SCALE = 65535;

const COLUMNS = {
  frame: Uint32Array,
  kind: Uint8Array,
  /** Number of the run of rows that no other line interrupts. */
  block: Uint32Array,
  /** Id in `dates`, 0 for none. */
  date: Uint32Array,
  /** Nanoseconds since midnight, NaN for none. */
  clock: Float64Array,
  /** Nanoseconds of a time that counts from the start or from the row before, NaN for none. */
  elapsed: Float64Array,
  /** Ids in `addresses`, 0 for none. */
  source: Uint32Array,
  destination: Uint32Array,
  etherType: Uint16Array,
  ipProtocol: Uint8Array,
  ipId: Uint32Array,
  sourcePort: Uint16Array,
  destinationPort: Uint16Array,
  flags: Uint8Array,
  seq: Uint32Array,
  ack: Uint32Array,
  /** As printed: Wireshark scales it where it saw the handshake. */
  window: Uint32Array,
  /** TCP or UDP payload, `NO_LENGTH` if not known. */
  length: Int32Array,
  wireLength: Uint32Array,
  mss: Uint16Array,
  /** The window scale option as printed, a shift count or a multiplier; `NO_SCALE` for none. */
  scale: Uint16Array,
  tsval: Uint32Array,
  tsecr: Uint32Array,
  /** Index of the first of the row's edges in `edges`. */
  edgeAt: Uint32Array,
  edgeCount: Uint8Array,
  known: Uint16Array,
  marks: Uint32Array,
  process: Int32Array,
  /** A number the export itself gives to the conversation, 0 for none. */
  stream: Uint32Array,
  /** Hash of the description without the analysis in front, to know a retransmitted message by its text; 0 for none. */
  text: Uint32Array,
  connection: Int32Array,
  /** Number of the row's entry in `extras`, from 1; 0 for none. */
  extra: Uint32Array,
} as const;

type Columns = { -readonly [K in keyof typeof COLUMNS]: InstanceType<(typeof COLUMNS)[K]> };
type ColumnName = keyof Columns;
const NAMES = Object.keys(COLUMNS) as ColumnName[];

/** One row on its way into the log. Readers keep one and fill it anew for every row. */
export type TextRow = { [K in ColumnName]: number } & { edges: number[] };

/** A row of a table, besides packets, that a row of the text stands for; its time and frame are added when it is emitted. */
export interface ExtraRow {
  /** Any declared table. */
  readonly table: string;
  /** Lines below the row may still add to them. */
  values: Readonly<Record<string, Value>>;
  /** Another of the same packet. */
  readonly next?: ExtraRow;
}

/** A row with nothing known. */
export function blankRow(row: TextRow = { edges: [] } as unknown as TextRow): TextRow {
  for (const name of NAMES) row[name] = 0;
  row.clock = row.elapsed = Number.NaN;
  row.ipProtocol = NO_PROTOCOL;
  row.length = NO_LENGTH;
  row.scale = NO_SCALE;
  row.process = -1;
  row.connection = NO_CONNECTION;
  row.edges.length = 0;
  return row;
}

function allocate(capacity: number): Columns {
  return Object.fromEntries(NAMES.map((name) => [name, new COLUMNS[name](capacity)])) as unknown as Columns;
}

/** The rows of a text capture in typed arrays, about 110 bytes each, kept until the text has ended because later rows explain earlier ones. */
export class TextPacketLog {
  count = 0;
  readonly addresses = new AddressBook();
  /** Dates as written, by id; 0 is none. */
  readonly dates = new AddressBook();
  /** SACK edges of all rows, left and right in turn. */
  edges = new Uint32Array(64);
  readonly extras: ExtraRow[] = [];
  /** Rows that print TLS messages, in the order listed. */
  readonly tls: TlsRow[] = [];
  /** Messages of STUN by `TextRow.extra`; they are put together to rows once all are known. */
  readonly stun = new Map<number, StunText>();
  /** Set where times are UTC by their own saying. */
  utc = false;
  /** The rows; valid up to `count`. Replaced when the log grows. */
  rows: Columns = allocate(256);
  private edgeCount = 0;
  /** Counts down from the end, where `extras` does not reach. */
  private stunNumber = 0;
  private capacity = 256;
  private readonly known = new Map<string, number>();

  /** Frame numbers are left out, as far as rows stand in order. */
  get hasHoles(): boolean {
    const { frame } = this.rows;
    return this.count > 0 && frame[this.count - 1]! - frame[0]! !== this.count - 1;
  }

  /** Notes rows of a table that a packet stands for; the result goes to `TextRow.extra`. */
  keepRows(table: ExtraRow["table"], rows: readonly Readonly<Record<string, Value>>[]): number {
    const first = rows.reduceRight<ExtraRow | undefined>((next, values) => ({ table, values, ...(next && { next }) }), undefined);
    return first ? this.extras.push(first) : 0;
  }

  /** Notes a message of STUN that a packet stands for; the result goes to `TextRow.extra`. */
  keepStun(text: StunText | null): number {
    if (text) this.stun.set(--this.stunNumber >>> 0, text);
    return text ? this.stunNumber >>> 0 : 0;
  }

  append(row: TextRow): number {
    if (this.count === this.capacity) this.grow();
    const { rows } = this;
    row.edgeAt = this.keepEdges(row.edges);
    row.edgeCount = row.edges.length;
    for (const name of NAMES) rows[name][this.count] = row[name];
    return this.count++;
  }

  private grow(): void {
    const wider = allocate(this.capacity * 2);
    for (const name of NAMES) wider[name].set(this.rows[name]);
    this.rows = wider;
    this.capacity *= 2;
  }

  private keepEdges(edges: readonly number[]): number {
    const at = this.edgeCount;
    if (at + edges.length > this.edges.length) {
      const wider = new Uint32Array(this.edges.length * 2 + edges.length);
      wider.set(this.edges);
      this.edges = wider;
    }
    for (const edge of edges) this.edges[this.edgeCount++] = edge;
    return at;
  }

  /** Puts the rows into another order: row `i` becomes what row `order[i]` was; rows `order` leaves out are dropped. */
  arrange(order: Uint32Array): void {
    for (const name of NAMES) {
      const [from, to] = [this.rows[name], new COLUMNS[name](order.length)];
      for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
      (this.rows as Record<ColumnName, unknown>)[name] = to;
    }
    this.count = this.capacity = order.length;
  }

  /** Id of an address or name; addresses are brought into canonical spelling first. */
  addressId(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    // The text may be a slice of a long line; a copy lets go of the line.
    const copy = ` ${text}`.slice(1);
    const id = this.addresses.id(canonicalAddress(copy));
    this.known.set(copy, id);
    return id;
  }
}

function canonicalAddress(text: string): string {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(text);
  return v6 === null ? text : ipv6Text(v6);
}

/** 32-bit hash (FNV-1a) of a text, never 0. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}
