import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { type AnswerRecord, answerCells } from "../tables/dns-rows.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

/** `Record Name . . . . . : da.contoso.com`: a caption led to its colon by dots. */
const DOTTED = /^\s*\S.{0,60}?(?:\s\.)+\s*:\s*(?<value>\S.{0,300}?)\s*$/u;
const HEADING = /^\s+(?<name>[\w*-][\w.*-]{0,254})\s*$/;
const RULE = /^\s+-{10,}\s*$/;
const MAX_LINE = 500;
const MAX_RECORDS = 200;
const TYPES: Readonly<Record<string, string>> = { 1: "A", 5: "CNAME", 12: "PTR", 28: "AAAA", 33: "SRV" };
/** Lines of a record in order: name, type, time to live, length, section, data. */
const [NAME, TYPE, TIME_TO_LIVE, , , DATA] = [0, 1, 2, 3, 4, 5];

/**
 * `ipconfig /displaydns` in any display language: a name over a rule, and for each record six lines in fixed order, the second with the
 * type's number. A name without records was asked for in vain.
 *
 *     da.contoso.com
 *     ----------------------------------------
 *     Record Name . . . . . : da.contoso.com
 *     Record Type . . . . . : 1
 */
export const displaydns: TextFormat = {
  kind: "text",
  id: "displaydns",
  title: "DNS resolver cache (ipconfig /displaydns)",
  unit: "line",
  tables: ["dns_answers"],
  detect: (lines) =>
    lines.some((line, at) => RULE.test(line) && HEADING.test(lines[at - 1] ?? "") && isRecord(lines[at + 1] ?? "", lines[at + 2] ?? "")),
  reader: (emit) => new DisplaydnsReader(emit),
};

/** The first two lines of a record: a name, and a number for its type. */
function isRecord(first: string, second: string): boolean {
  return DOTTED.test(first) && /^\d{1,5}$/.test(DOTTED.exec(second)?.groups?.value ?? "");
}

class DisplaydnsReader implements TextReader {
  private readonly emit: Emit;
  private heading: { readonly name: string; readonly at: number } | null = null;
  private entry: { readonly name: string; readonly at: number; readonly records: AnswerRecord[] } | null = null;
  private record: string[] = [];
  private rows = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const value = DOTTED.exec(text)?.groups?.value;
    if (RULE.test(text) && this.heading && number - this.heading.at === 1) {
      this.close();
      this.entry = { name: this.heading.name, at: this.heading.at, records: [] };
    } else if (this.entry && value !== undefined) this.cell(this.entry.records, value);
    else if (text.trim() === "") this.record = [];
    const heading = value === undefined ? HEADING.exec(text)?.groups?.name : undefined;
    this.heading = heading === undefined ? null : { name: heading, at: number };
  }

  private cell(records: AnswerRecord[], value: string): void {
    this.record.push(value);
    if (this.record.length !== DATA! + 1) return;
    const [name, data] = [this.record[NAME!]!, this.record[DATA!]!];
    const type = TYPES[this.record[TYPE!]!] ?? `TYPE${this.record[TYPE!]}`;
    const isAddress = parseIpv4(data) !== null || parseIpv6(data) !== null;
    const timeToLive = Number(this.record[TIME_TO_LIVE!]);
    if (records.length < MAX_RECORDS)
      records.push({
        name,
        type,
        timeToLive: Number.isFinite(timeToLive) ? timeToLive : null,
        address: isAddress ? data : null,
        target: isAddress || type === "SRV" ? null : data,
        port: null,
      });
  }

  private close(): void {
    const { entry } = this;
    [this.entry, this.record] = [null, []];
    // The words for "does not exist" and for "no such records" differ by language: only what is there is told.
    if (!entry || entry.records.length === 0) return;
    for (const cells of answerCells({ name: entry.name, type: null, outcome: "answered", records: entry.records, cut: true })) {
      this.rows++;
      this.emit.row("dns_answers", { tool: "displaydns", ...cells }, entry.at);
    }
  }

  end(): void {
    this.close();
    const why = "the resolver's cache forgets names";
    if (this.rows > 0) this.emit.coverage({ table: "dns_answers", host: null, side: null, from: null, to: null, complete: false, why });
  }
}
