import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { type AnswerRecord, answerCells, plainName } from "../tables/dns-rows.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 400;
const MAX_RECORDS = 200;
const ROW = /^(?<name>[\w*-][\w.*-]{0,254})\s+(?<type>A|AAAA|CNAME)\s+(?<ttl>\d{1,10})\s+(?<section>\p{L}+)\s+(?<data>\S{1,255})\s*$/u;
/** `Resolve-DnsName : da.contoso.com : DNS name does not exist`: cmdlet and name are the same in every language. */
const FAILURE = /^Resolve-DnsName\s*:\s*(?<name>[\w-]+(?:\.[\w-]+)+)\s*:\s*(?<words>.{2,200})$/iu;
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [/does not exist|ERROR_RCODE_NAME_ERROR/i, "no_such_name"],
  [/timeout|timed out/i, "unanswered"],
  [/server failure/i, "server_failure"],
  [/refused/i, "refused"],
];

/**
 * PowerShell's `Resolve-DnsName`: a row for each record, known by type, time to live and section between name and data.
 *
 *     Name                Type   TTL   Section    IPAddress
 *     ----                ----   ---   -------    ---------
 *     da.contoso.com      A      300   Answer     203.0.113.5
 */
export const resolveDnsname: TextFormat = {
  kind: "text",
  id: "resolve-dnsname",
  title: "Resolve-DnsName",
  unit: "line",
  tables: ["dns_answers"],
  detect: (lines) => lines.some((line) => line.length < MAX_LINE && (isRow(line) || FAILURE.test(line))),
  reader: (emit) => new ResolveDnsnameReader(emit),
};

function isRow(line: string): boolean {
  const field = ROW.exec(line)?.groups;
  return field !== undefined && (field.type === "CNAME" ? field.data!.includes(".") : isAddress(field.data!));
}

function isAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null;
}

class ResolveDnsnameReader implements TextReader {
  private readonly emit: Emit;
  private records: AnswerRecord[] = [];
  private at = 0;
  private rows = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const field = isRow(text) ? ROW.exec(text)?.groups : undefined;
    const failure = FAILURE.exec(text)?.groups;
    if (field) {
      if (this.records.length === 0) this.at = number;
      const address = field.type === "CNAME" ? null : field.data!;
      const target = field.type === "CNAME" ? field.data! : null;
      if (this.records.length < MAX_RECORDS)
        this.records.push({ name: field.name!, type: field.type!, timeToLive: Number(field.ttl), address, target, port: null });
      return;
    }
    // CNAME and address rows of one answer stand in blocks of their own, blank lines and headings between them.
    if (/^(?:PS )?[A-Z]:\\[^>]*>|^>/.test(text)) this.close();
    if (failure) {
      const outcome = FAILURES.find(([pattern]) => pattern.test(failure.words!))?.[1] ?? null;
      this.row({ name: plainName(failure.name!), outcome }, number);
    }
  }

  private close(): void {
    const { records } = this;
    this.records = [];
    const aliases = new Set(records.map(({ target }) => target).filter((target) => target !== null));
    // Each name that no alias leads to was asked for.
    for (const name of new Set(records.map((record) => record.name).filter((candidate) => !aliases.has(candidate))))
      for (const cells of answerCells({ name, type: null, outcome: "answered", records, cut: true })) this.row(cells, this.at);
  }

  private row(cells: ReturnType<typeof answerCells>[number], at: number): void {
    this.rows++;
    this.emit.row("dns_answers", { tool: "resolve_dnsname", ...cells }, at);
  }

  end(): void {
    this.close();
    const why = "Resolve-DnsName shows only the names it was asked for";
    if (this.rows > 0) this.emit.coverage({ table: "dns_answers", host: null, side: null, from: null, to: null, complete: false, why });
  }
}
