import type { Value } from "../tables/table.ts";

/** A TCP connection whose bytes a protocol reads. Without a SYN, which end is the client is a guess by port. */
export interface StreamConnection {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  /** Number of the connection's row in `tcp_connections` of its capture point. */
  readonly stream: number;
}

/** The packet that brought what is read: its frame, and its time in nanoseconds since the Unix epoch where the capture knows it. */
export interface Place {
  readonly frame: number;
  readonly time: bigint | null;
}

/** Where a protocol puts what it reads in the packets of one capture point. */
export interface ProtocolEmit {
  /** A row of a declared table, citing `frame`. Rows beyond `MAX_ROWS` of a table are counted, not kept. */
  row(table: string, values: Readonly<Record<string, Value | undefined>>, frame: number): void;
}

/**
 * Reads one connection. Bytes come in the order they were sent, each once, whatever was lost, repeated or overtaken on the way;
 * both ends' bytes come in the order in which they were captured. They stay valid until the call returns.
 */
export interface StreamReader {
  /** Answers whether it wants more from that end. */
  read(fromClient: boolean, bytes: Uint8Array, place: Place): boolean;
  /** Bytes of that end were not captured: what comes next continues behind them. Answers whether it wants more from that end. */
  gap(fromClient: boolean, place: Place): boolean;
  /** Nothing more comes: neither end is wanted any more, the capture ended, or too many streams are read at once. Called once, last. */
  end(): void;
}

/** A protocol over TCP, known by its first bytes whatever the port. */
export interface StreamProtocol {
  /** The protocol's usual name, lower case. */
  readonly id: string;
  /** Whether these are the first bytes an end sent, or the first captured of it, in this protocol; null if more of them are needed to tell (at most `HEAD_BYTES`). */
  starts(head: Uint8Array): boolean | null;
  /** Starts to read a connection whose one end `starts` has told of. */
  open(connection: StreamConnection, emit: ProtocolEmit): StreamReader;
}

/** Bytes by which a protocol must have been told. */
export const HEAD_BYTES = 64;
