import { parseIpv4, parseIpv6 } from "../../bytes/address.ts";
import { type Answer, type AnswerRecord, answerCells } from "../../tables/dns-rows.ts";
import type { Value } from "../../tables/table.ts";

/** Wireshark's row of a DNS message; since 1.8 with its id, since 1.12 with the question in an answer, too. */
const WIRESHARK =
  /^(?:\[[^\]]{0,80}\]\s*){0,3}Standard query(?<response> response)?(?:\s+(?<id>0x[\da-f]{4}))?,?\s*(?<failure>No such name|Server failure|Refused|Format error|Not implemented)?,?\s*(?<rest>.{0,2000})$/i;
const NETMON =
  /^(?:DNS:)?\s*QueryId = (?<id>0x[\da-f]{1,4}), QUERY \(Standard query\), (?:Query\s+for\s+(?<name>\S{1,255})\s+of type (?<type>[\w ]{1,30}?) on class|Response - (?<code>Success|[A-Za-z ]{3,30}?)\s*(?:$|,(?<list>.{0,500}$)))/i;

const FAILURES: Readonly<Record<string, Answer["outcome"]>> = {
  "no such name": "no_such_name",
  "name error": "no_such_name",
  "server failure": "server_failure",
  refused: "refused",
};
const NETMON_TYPES: Readonly<Record<string, string>> = { "host addr": "A", "canonical name": "CNAME" };
/** Words of a record behind its type, by type; one where it is not listed. */
const WORDS: Readonly<Record<string, number>> = {
  SRV: 4,
  MX: 2,
  OPT: 0,
  TXT: 0,
  HTTPS: 0,
  SVCB: 0,
  RRSIG: 0,
  NSEC: 0,
  NSEC3: 0,
  DS: 0,
  DNSKEY: 0,
};
const TYPE = /^(?:A|AAAA|CNAME|NS|PTR|SOA|SRV|MX|OPT|TXT|ANY|HTTPS|SVCB|RRSIG|NSEC3?|DS|DNSKEY)$/;
/** Records of one row. */
const MAX_RECORDS = 100;
/** Questions waiting for their answer; the oldest are forgotten first. */
const MAX_PENDING = 10_000;

interface Question {
  readonly name: string;
  readonly type: string | null;
}

/** Cells of one row of `dns_answers`. */
type Cells = Record<string, Value>;

/** Reads what packet lists say of DNS. An answer that does not repeat its question is given to the one that waits for it. */
export class DnsDescriptions {
  private readonly pending = new Map<string, Question[]>();
  /** Rows of `dns_answers` so far. */
  rows = 0;

  /** A row of Wireshark's list. */
  wireshark(source: string, destination: string, info: string): Cells[] {
    const field = WIRESHARK.exec(info)?.groups;
    if (!field) return [];
    const records = recordsOf(field.rest!);
    const id = field.id ?? "";
    if (field.response === undefined) {
      const [first] = records;
      if (first?.value) this.ask(`${source} ${destination} ${id}`, { name: first.value, type: first.type });
      return [];
    }
    const waiting = this.take(`${destination} ${source} ${id}`);
    const repeats = records[0] !== undefined && isQuestion(records[0], waiting);
    const question = repeats ? { name: records[0]!.value, type: records[0]!.type } : waiting;
    if (!question) return [];
    const outcome = field.failure === undefined ? "answered" : (FAILURES[field.failure.toLowerCase()] ?? "error");
    const cut = /…|\.\.\.$/.test(field.rest!);
    return this.answer(source, destination, { ...question, outcome, records: chained(question.name, records.slice(repeats ? 1 : 0)), cut });
  }

  /** A description of Network Monitor's. */
  netmon(source: string, destination: string, description: string): Cells[] {
    const field = NETMON.exec(description)?.groups;
    if (!field) return [];
    if (field.name !== undefined) {
      const type = NETMON_TYPES[field.type!.toLowerCase()] ?? field.type!.toUpperCase();
      this.ask(`${source} ${destination} ${field.id}`, { name: field.name, type });
      return [];
    }
    const question = this.take(`${destination} ${source} ${field.id}`);
    if (!question) return [];
    const success = /^success$/i.test(field.code!);
    const values = (field.list ?? "").split(",").map((value) => value.trim().replace(/\.$/, ""));
    const records = values.filter(isAddress).map((address) => addressRecord(question.name, address));
    // Numbers instead of addresses are records it does not print.
    const cut = values.some((value) => value !== "" && !isAddress(value));
    const outcome = success ? "answered" : (FAILURES[field.code!.toLowerCase()] ?? "error");
    return this.answer(source, destination, { ...question, outcome, records, cut });
  }

  private answer(source: string, destination: string, answer: Answer): Cells[] {
    const ends = { tool: "capture", host: [destination], client_ip: destination, server_ip: source };
    const rows = answerCells(answer).map((cells) => ownTexts({ ...ends, ...cells }));
    this.rows += rows.length;
    return rows;
  }

  private ask(key: string, question: Question): void {
    const known = this.pending.get(key);
    if (known?.some(({ name, type }) => name === question.name && type === question.type)) return;
    if (known) known.push({ name: own(question.name), type: question.type });
    else {
      if (this.pending.size >= MAX_PENDING) this.pending.delete(this.pending.keys().next().value!);
      this.pending.set(own(key), [{ name: own(question.name), type: question.type }]);
    }
  }

  private take(key: string): Question | undefined {
    const known = this.pending.get(key);
    const question = known?.shift();
    if (known?.length === 0) this.pending.delete(key);
    return question;
  }
}

interface Listed {
  readonly type: string;
  readonly value: string;
  readonly port: number | null;
}

/** `A da.contoso.com CNAME rp.contoso.com A 203.0.113.5`. */
function recordsOf(text: string): Listed[] {
  const words = text.trim().split(/\s+/);
  const records: Listed[] = [];
  for (let at = 0; at < words.length && records.length < MAX_RECORDS; ) {
    const type = words[at]!.replace(/,$/, "");
    if (!TYPE.test(type)) {
      at++;
      continue;
    }
    // In a question a type is followed by the name alone.
    const wanted = WORDS[type] ?? 1;
    const plain = wanted > 1 && !/^\d+$/.test(words[at + 1] ?? "");
    const count = plain ? 1 : wanted;
    const value = words[at + count] ?? "";
    if (count > 0) records.push({ type, value: value.replace(/,$/, ""), port: type === "SRV" && !plain ? Number(words[at + 3]) : null });
    at += count + 1;
  }
  return records;
}

/** Whether the first record of an answer repeats the question. */
function isQuestion({ type, value, port }: Listed, waiting: Question | undefined): boolean {
  if (waiting) return waiting.type === type && waiting.name.toLowerCase() === value.toLowerCase();
  return (type === "A" || type === "AAAA" || type === "SRV") && port === null && value.includes(".") && !isAddress(value);
}

/** Owners are not printed: each record belongs to the name the aliases before it lead to. */
function chained(name: string, records: readonly Listed[]): AnswerRecord[] {
  let owner = name;
  return records.map(({ type, value, port }) => {
    if (isAddress(value)) return addressRecord(owner, value);
    const record = { name: owner, type, timeToLive: null, address: null, target: value, port };
    if (type === "CNAME") owner = value;
    return record;
  });
}

function addressRecord(name: string, address: string): AnswerRecord {
  return { name, type: address.includes(":") ? "AAAA" : "A", timeToLive: null, address, target: null, port: null };
}

/** A copy: a slice would keep the whole piece of the file that it was read with. */
function own(text: string): string {
  return ` ${text}`.slice(1);
}

function ownTexts(cells: Cells): Cells {
  return Object.fromEntries(Object.entries(cells).map(([column, value]) => [column, typeof value === "string" ? own(value) : value]));
}

function isAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null;
}
