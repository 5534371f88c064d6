import { ByteQueue } from "./byte-queue.ts";
import { decodeTlsAlert } from "./tls-alert.ts";
import { ContentType, decodeSslv2Hello, decodeTlsRecord, RECORD_HEADER } from "./tls-record.ts";
import { HandshakeType, type Moment, type TlsEnd, TlsSession } from "./tls-session.ts";

/** Bytes of one end that are held while a record or a message is not whole. A message may be 16 MiB; none that matters is. */
const MAX_HELD = 256 * 1024;
/** Handshakes of one connection that are told apart: renegotiation in the clear. */
const MAX_SESSIONS = 16;
const MESSAGE_HEADER = 4;
/** Bytes of an SSL 2.0 hello before its lists. */
const SSLV2_HEAD = 11;
/** Registered handshake types; an encrypted message mostly begins with something else. */
const KNOWN_TYPES: ReadonlySet<number> = new Set([...Object.values(HandshakeType), 5, 21, 23, 24, 67]);

/** One direction of a connection on its way through the record layer. */
class Direction {
  readonly from: TlsEnd;
  /** Bytes from the first record on that is not whole. */
  readonly records = new ByteQueue(MAX_HELD);
  /** Handshake messages without record headers, from the first on that is not whole. */
  readonly messages = new ByteQueue(MAX_HELD);
  /** Bytes of the current record still to be passed over. */
  skip = 0;
  /** Records read. */
  count = 0;
  /** Nothing more can be read: bytes are missing or are no TLS, or all that follows is encrypted. */
  over = false;

  constructor(from: TlsEnd) {
    this.from = from;
  }
}

/** Whether bytes begin like TLS, as a whole handshake or alert, a hello of SSL 2.0, or from the middle; null while too few to tell. */
export function beginsTls(head: Uint8Array): boolean | null {
  if (head.length > 2 && (head[0]! & 0x80) !== 0 && head[2] === 1)
    return head.length < SSLV2_HEAD ? null : decodeSslv2Hello(head, 0, head.length) !== null;
  if (head.length < RECORD_HEADER) {
    const start = head[0] ?? 22;
    return start >= ContentType.changeCipherSpec && start <= ContentType.heartbeat && (head[1] ?? 3) === 3 ? null : false;
  }
  const record = decodeTlsRecord(head, 0, head.length);
  if (!record || record.length === 0) return false;
  if (record.type === ContentType.changeCipherSpec) return record.length === 1;
  if (record.type === ContentType.handshake && head.length > RECORD_HEADER)
    return KNOWN_TYPES.has(head[RECORD_HEADER]!) || record.length >= 40;
  return true;
}

/**
 * Follows the two directions of one TCP connection through TLS records (RFC 8446 section 5.1) to its handshakes. Feed it the bytes
 * of each end in order. What is encrypted is passed over.
 */
export class TlsConversation {
  readonly sessions: TlsSession[] = [];
  private readonly client = new Direction("client");
  private readonly server = new Direction("server");

  /** Bytes of an end are missing: the place of its record headers is no longer known. Answers whether more of that end is wanted: no. */
  gap(from: TlsEnd): boolean {
    this.close(this[from]);
    return false;
  }

  /** Answers whether more of that end is wanted. */
  data(from: TlsEnd, bytes: Uint8Array, at: Moment): boolean {
    const direction = this[from];
    const passed = Math.min(direction.skip, bytes.length);
    direction.skip -= passed;
    if (direction.over || passed === bytes.length) return !direction.over;
    if (!direction.records.push(bytes.subarray(passed))) direction.over = true;
    while (!direction.over && this.record(direction, at));
    if (direction.over) this.close(direction);
    else direction.records.own();
    return !direction.over;
  }

  /** Of a direction that cannot be read any further nothing is kept. */
  private close(direction: Direction): void {
    direction.over = true;
    direction.records.clear();
    direction.messages.clear();
  }

  /** Reads one record; false where none is whole. */
  private record(direction: Direction, at: Moment): boolean {
    const { bytes, length } = direction.records;
    if (length < RECORD_HEADER) return false;
    const record = decodeTlsRecord(bytes, 0, length);
    if (!record) return this.sslv2Hello(direction, at);
    const whole = RECORD_HEADER + record.length;
    if (record.type === ContentType.applicationData || record.type === ContentType.heartbeat) {
      direction.skip = Math.max(0, whole - length);
      this.application(direction, record.type, at);
    } else {
      if (length < whole) return false;
      this.fragment(direction, record.type, bytes.subarray(RECORD_HEADER, whole), at);
    }
    direction.records.drop(whole);
    direction.count++;
    return true;
  }

  private sslv2Hello(direction: Direction, at: Moment): boolean {
    const { bytes, length } = direction.records;
    const first = direction.from === "client" && direction.count === 0;
    if (first && length < SSLV2_HEAD && (bytes[0]! & 0x80) !== 0 && bytes[2] === 1) return false;
    const hello = first ? decodeSslv2Hello(bytes, 0, length) : null;
    if (hello) {
      if (length < hello.length) return false;
      this.session(at).sslv2Hello(hello, at.frame);
      direction.records.drop(hello.length);
      direction.count++;
    } else direction.over = true;
    return hello !== null;
  }

  private session(at: Moment): TlsSession {
    const current = this.sessions.at(-1);
    if (current) return current;
    const session = new TlsSession(at);
    this.sessions.push(session);
    return session;
  }

  /** After an end's own data its handshakes, if any, are encrypted. */
  private application({ from }: Direction, type: number, at: Moment): void {
    const session = this.session(at);
    if (type === ContentType.applicationData) session.data[from] = true;
    this[from].over = true;
  }

  private fragment(direction: Direction, type: number, fragment: Uint8Array, at: Moment): void {
    const { from } = direction;
    const encrypted = this.sessions.at(-1)?.encrypted[from] ?? false;
    if (type === ContentType.changeCipherSpec) {
      if (fragment.length === 1) this.session(at).encrypted[from] = true;
      else direction.over = true;
    } else if (type === ContentType.alert) {
      const alert = encrypted ? null : decodeTlsAlert(fragment);
      if (alert) this.session(at).noteAlert(from, alert, at.frame);
    } else if (!encrypted) this.handshake(direction, fragment, at);
  }

  /** Handshake messages may share a record, and may span several. */
  private handshake(direction: Direction, fragment: Uint8Array, at: Moment): void {
    const { messages } = direction;
    if (!messages.push(fragment)) direction.over = true;
    while (!direction.over && messages.length >= MESSAGE_HEADER) {
      const { bytes } = messages;
      const type = bytes[0]!;
      const whole = MESSAGE_HEADER + ((bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!);
      if (!KNOWN_TYPES.has(type) || whole > MAX_HELD) direction.over = true;
      if (direction.over || messages.length < whole) break;
      this.message(direction.from, type, bytes.subarray(MESSAGE_HEADER, whole), at);
      messages.drop(whole);
    }
    messages.own();
  }

  private message(from: TlsEnd, type: number, body: Uint8Array, at: Moment): void {
    let session = this.session(at);
    const again = type === HandshakeType.clientHello && session.serverHello !== null && !session.serverHello.retry;
    if (again && this.sessions.length < MAX_SESSIONS) {
      session = new TlsSession(at);
      this.sessions.push(session);
    }
    session.message(from, type, at.frame, body);
  }
}
