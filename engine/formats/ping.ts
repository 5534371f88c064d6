import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { plainName } from "../tables/dns-rows.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 300;
/** `Pinging da.contoso.com [203.0.113.5] with 32 bytes of data:`, whatever the words; `PING da.contoso.com (203.0.113.5) 56(84) bytes of data.` */
const HEADING = /(?:^|[\s'"«])(?<name>[\w-]+(?:\.[\w-]+)*\.?)\s\[(?<ip>[\da-f.:%]{3,60})\]\s?\D{0,40}\b\d{1,5}\b.{0,60}:\s*$/iu;
const OTHER = /^PING\s(?<name>[\w-]+(?:\.[\w-]+)*)\s?\((?<ip>[\da-f.:%]{3,60})\)(?:\s\d{1,5}\(\d{1,5}\)|:\s\d{1,5})\s/;

/**
 * The heading of `ping`, which names the address a name leads to, in any display language. Answers to it say nothing of the name.
 *
 *     Pinging da.contoso.com [203.0.113.5] with 32 bytes of data:
 */
export const ping: TextFormat = {
  kind: "text",
  id: "ping",
  title: "ping",
  unit: "line",
  tables: ["dns_answers"],
  detect: (lines) => lines.some((line) => resolution(line) !== null),
  reader: (emit) => new PingReader(emit),
};

function resolution(line: string): { readonly name: string; readonly address: string } | null {
  const field = line.length < MAX_LINE ? (HEADING.exec(line) ?? OTHER.exec(line))?.groups : undefined;
  if (!field || !/[a-z]/i.test(field.name!)) return null;
  const v4 = parseIpv4(field.ip!);
  const v6 = v4 === null ? parseIpv6(field.ip!) : null;
  const address = v4 !== null ? ipv4Text(v4) : v6 !== null ? ipv6Text(v6) : null;
  return address === null ? null : { name: plainName(field.name!), address };
}

class PingReader implements TextReader {
  private readonly emit: Emit;
  private rows = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    const found = resolution(text);
    if (!found) return;
    this.rows++;
    this.emit.row("dns_answers", { tool: "ping", outcome: "answered", ...found }, number);
  }

  end(): void {
    const why = "ping shows only the names it was asked for";
    if (this.rows > 0) this.emit.coverage({ table: "dns_answers", host: null, side: null, from: null, to: null, complete: false, why });
  }
}
