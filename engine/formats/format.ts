import type { ByteSource } from "../bytes/byte-source.ts";
import type { PacketBatch } from "../decoders/packet-batch.ts";
import type { Coverage } from "../tables/coverage.ts";
import type { CitationUnit, Value } from "../tables/table.ts";
import type { FrameSearch, Landmark } from "./frame-search.ts";

/** What `bundle.yaml` states of one source; whatever it leaves out is inferred. */
export interface SourceHints {
  /** Names or addresses of the machine the file came from. */
  readonly host?: readonly string[];
  readonly side?: "client" | "server" | "middle";
  /** Minutes east of UTC of the file's local times. */
  readonly utcOffset?: number;
  /** What the time column of a text export means. */
  readonly time?: "absolute" | "since_start" | "since_previous";
  /** Calendar date, `2013-01-08`, for times of day without one. */
  readonly date?: string;
  /** Date and time of day, `2013-01-08 09:18:53.832`, from which times of a list count that are none themselves. */
  readonly start?: string;
  /** Order of day and month in numeric dates. */
  readonly dateOrder?: "mdy" | "dmy" | "ymd";
  /** The capture or display filter that was used, in words or as written. */
  readonly filter?: string;
}

/** What a capture says of itself; `excerpt` and the counts may still change until the format has returned. */
export interface CaptureInfo {
  /** Nanoseconds since the Unix epoch that batch times count from; null where the export has only relative times. */
  base: bigint | null;
  /** Whether `base` is UTC, or the local time of a machine whose zone nobody stated. */
  zone: "utc" | "unknown";
  /** Without a base: times count from midnight of a day nobody stated, so that two such captures of one day can be compared. */
  timeOfDay?: boolean;
  textExport: boolean;
  /** A text export whose frame numbers have holes. */
  excerpt: boolean;
  filter: string | null;
  /** Packets the capturing tool says it dropped; null if it does not say. */
  dropped: number | null;
  /** The capture ends in the middle of a record, or part of it could not be read. */
  damaged: boolean;
  /** Process names by the ids that packets carry, where the capture names processes. */
  readonly processes?: Readonly<Record<number, string>>;
  /** Comments somebody wrote into the capture; absent where its format has none. */
  comments?: number;
  /** Blocks of decryption secrets (TLS key logs and the like) the capture carries. */
  secrets?: number;
}

/** Identity facts a source states about a machine. */
export interface HostFact {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** Product id as rules name it. */
  readonly product?: string;
  readonly version?: string;
  /** Number of the service pack; 0 for none. */
  readonly servicePack?: number;
}

/** Where a format puts what it reads. */
export interface Emit {
  /** A row of a declared table; `at` is the line or record number, from 1. */
  row(table: string, values: Readonly<Record<string, Value | undefined>>, at: number): void;
  /** Something that breaks the format, or could not be read. `name` is `<format>.<what>`; repeated names are counted. */
  anomaly(name: string, at: number, detail: string): void;
  /** Announces packets; called before the first batch. The format may go on changing `info` until it returns. */
  capture(info: CaptureInfo): void;
  /** A place from which a later pass can read on; binary captures tell one now and then, between two batches. */
  landmark?(landmark: Landmark): void;
  /** What a second pass looks for: binary captures pass over all other frames. Where it is left out, every frame is wanted. */
  readonly search?: FrameSearch;
  /** Hands over a batch; it may be refilled once this returns. */
  packets(batch: PacketBatch): void;
  /** What the source could have shown; see `Coverage`. The caller fills in the source and, where null, host and side. */
  coverage(coverage: Omit<Coverage, "source">): void;
  host(fact: HostFact): void;
  /** Says that the times of this format's rows are UTC: by the format's nature, or because `utcOffset` was applied. Captures say it in `CaptureInfo.zone`. */
  utc(): void;
  /** Lets the caller show progress, breathe and cancel; rejects when cancelled. Formats call it about once a mebibyte. */
  progress(bytes: number): Promise<void>;
}

interface FormatBase {
  /** `pcapng`, `netstat`: kebab-case, the file's name. */
  readonly id: string;
  /** What a person calls it. */
  readonly title: string;
  readonly unit: CitationUnit;
  /** Tables it can fill; a query over a table no recognised format fills is unknown. */
  readonly tables: readonly string[];
}

/** A format known by its bytes. */
export interface BinaryFormat extends FormatBase {
  readonly kind: "binary";
  /** `head` holds the first bytes of the file, at most 64 KiB. */
  detect(head: Uint8Array): boolean;
  /** Reads the whole source. Never rejects for what the data holds: emits anomalies and stops or goes on. */
  parse(source: ByteSource, emit: Emit, hints: SourceHints): Promise<void>;
}

/**
 * A format known by the shape of its lines. A text may be a transcript with several commands in it, so each text format that
 * recognises something is handed every line, takes what is its own and passes over the rest in silence.
 */
export interface TextFormat extends FormatBase {
  readonly kind: "text";
  /** Its lines are markup, in which `&lt;` means what it says; others are read as they were before a page's source wrote them. */
  readonly markup?: boolean;
  /** `lines` are the first lines of the text, up to 256 KiB of it. Two formats must not claim the same line. */
  detect(lines: readonly string[]): boolean;
  reader(emit: Emit, hints: SourceHints): TextReader;
}

export interface TextReader {
  /** One line without its line end; `number` is from 1. */
  line(text: string, number: number): void;
  /** After the last line. */
  end(): void;
}

export type Format = BinaryFormat | TextFormat;
