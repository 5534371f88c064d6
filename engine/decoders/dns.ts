import { ipv4Text, ipv6Text } from "../bytes/address.ts";

/** One resource record, RFC 1035 section 4.1.3. */
export interface DnsRecord {
  readonly name: string;
  /** TYPE as a number: 1 is A, 28 is AAAA. */
  readonly type: number;
  /** Seconds. */
  readonly timeToLive: number;
  /** Address of A and AAAA; null otherwise. */
  readonly address: string | null;
  /** Name in CNAME, NS, PTR, DNAME, MX and SRV; null otherwise. */
  readonly target: string | null;
  /** Port of SRV (RFC 2782); null otherwise. */
  readonly port: number | null;
}

/** A message, RFC 1035 section 4.1, as far as it was captured. */
export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  /** 0 is a standard query. */
  readonly opcode: number;
  /** TC: the server left something out. */
  readonly truncated: boolean;
  /** 0 no error, 2 server failure, 3 name error, 5 refused. */
  readonly responseCode: number;
  readonly questions: readonly { readonly name: string; readonly type: number }[];
  /** Records of the answer section. */
  readonly answers: readonly DnsRecord[];
  /** Records of the authority and additional sections. */
  readonly others: readonly DnsRecord[];
  /** All records the header counts were read. */
  readonly whole: boolean;
}

const HEADER = 12;
/** Records of one message that are read; a UDP datagram seldom holds more. */
const MAX_RECORDS = 200;
/** Octets of a name, RFC 1035 section 2.3.4. */
const MAX_NAME = 255;
/** Pointers followed in one name; each has to lead further back. */
const MAX_POINTERS = 32;

const [A, CNAME, NS, PTR, MX, AAAA, SRV, DNAME] = [1, 5, 2, 12, 15, 28, 33, 39];
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  12: "PTR",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
  35: "NAPTR",
  39: "DNAME",
  64: "SVCB",
  65: "HTTPS",
  255: "ANY",
};

/** `AAAA`, or `TYPE99` for one without a name here (RFC 3597 section 5). */
export function dnsTypeName(type: number): string {
  return TYPE_NAMES[type] ?? `TYPE${type}`;
}

/** Reads the message that lies from `at` to `end`; null if not even its header and its first question can be read. */
export function decodeDns(bytes: Uint8Array, at: number, end: number): DnsMessage | null {
  const limit = Math.min(end, bytes.length);
  if (at < 0 || at + HEADER > limit) return null;
  const u16 = (place: number) => (bytes[place]! << 8) | bytes[place + 1]!;
  const flags = u16(at + 2);
  const counts = [u16(at + 4), u16(at + 6), u16(at + 8), u16(at + 10)] as const;
  const reader = new MessageReader(bytes, at, limit);
  const questions: { name: string; type: number }[] = [];
  let whole = counts[0] <= 16;
  for (let n = 0; n < counts[0] && whole; n++) {
    const question = reader.question();
    if (question) questions.push(question);
    else whole = false;
  }
  if (counts[0] > 0 && questions.length === 0) return null;
  const answers = whole ? reader.records(counts[1]) : [];
  const others = whole && reader.sound ? reader.records(counts[2] + counts[3]) : [];
  return {
    id: u16(at),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0x0f,
    truncated: (flags & 0x0200) !== 0,
    responseCode: flags & 0x0f,
    questions,
    answers,
    others,
    whole: whole && reader.sound,
  };
}

class MessageReader {
  /** False once something could not be read. */
  sound = true;
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly end: number;
  private place: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.place = start + HEADER;
  }

  question(): { name: string; type: number } | null {
    const name = this.name();
    if (name === null || this.place + 4 > this.end) return null;
    const type = this.u16(this.place);
    this.place += 4;
    return { name, type };
  }

  records(count: number): DnsRecord[] {
    const records: DnsRecord[] = [];
    for (let n = 0; n < count && this.sound; n++) {
      const record = records.length < MAX_RECORDS ? this.record() : null;
      if (record) records.push(record);
      else this.sound = false;
    }
    return records;
  }

  private record(): DnsRecord | null {
    const name = this.name();
    if (name === null || this.place + 10 > this.end) return null;
    const type = this.u16(this.place);
    const timeToLive = this.u16(this.place + 4) * 0x10000 + this.u16(this.place + 6);
    const length = this.u16(this.place + 8);
    const data = this.place + 10;
    if (data + length > this.end) return null;
    const address = this.address(type, data, length);
    const nameAt = type === SRV ? 6 : type === MX ? 2 : type === CNAME || type === NS || type === PTR || type === DNAME ? 0 : -1;
    this.place = data + nameAt;
    const target = nameAt >= 0 && nameAt < length ? this.name() : null;
    this.place = data + length;
    return { name, type, timeToLive, address, target, port: type === SRV && length > 6 ? this.u16(data + 4) : null };
  }

  private address(type: number, at: number, length: number): string | null {
    if (type === A && length === 4) return ipv4Text(((this.u16(at) << 16) | this.u16(at + 2)) >>> 0);
    if (type !== AAAA || length !== 16) return null;
    return ipv6Text(this.bytes, at);
  }

  private u16(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** The name at the current place, which is left behind it; compression by RFC 1035 section 4.1.4. */
  private name(): string | null {
    let text = "";
    let octets = 1;
    let at = this.place;
    let after = -1;
    for (let pointers = 0; ; ) {
      if (at >= this.end) return null;
      const length = this.bytes[at]!;
      if (length >= 0xc0) {
        if (at + 2 > this.end || ++pointers > MAX_POINTERS) return null;
        if (after < 0) after = at + 2;
        const to = this.start + (((length & 0x3f) << 8) | this.bytes[at + 1]!);
        if (to >= at) return null;
        at = to;
        continue;
      }
      // The other two kinds of label never came into use.
      if (length >= 0x40 || at + 1 + length > this.end) return null;
      if (length === 0) break;
      octets += length + 1;
      if (octets > MAX_NAME) return null;
      text += (text === "" ? "" : ".") + labelText(this.bytes, at + 1, length);
      at += length + 1;
    }
    this.place = after < 0 ? at + 1 : after;
    return text;
  }
}

/** A label's octets as text; what is not printable is written as `\DDD`, and so is a dot that parts no labels (RFC 1035 section 5.1). */
function labelText(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let k = 0; k < length; k++) {
    const octet = bytes[at + k]!;
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c;
    text += plain ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, "0")}`;
  }
  return text;
}
