import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { plainName } from "../tables/dns-rows.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 400;
/** Addresses one answer may list. */
const MAX_ADDRESSES = 100;
const PAIR = /^\s*(?<caption>\p{L}[\p{L} -]{1,24}?)\s?:\s+(?<value>\S+)\s*$/u;
const ALONE = /^\s+(?<value>[\da-f.:]{3,45})\s*$/i;
/** The command with the name it is asked for, or that name at nslookup's own prompt. */
const COMMAND = /(?:^|[>#$\s\\])nslookup(?:\.exe)?\s+(?:-\S+\s+)*(?<name>[\w][\w.-]*)|^>\s*(?<asked>[\w-]+(?:\.[\w-]+)+\.?)\s*$/i;
const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>|^>\s/;
/** `*** dns.contoso.com can't find da.contoso.com: Non-existent domain`, in whatever order a language puts it; `**` on other systems. */
const REFUSAL = /^\s*\*{2,3}\s+(?<words>.{3,300})$/u;
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/non-?existent domain|NXDOMAIN/i, "no_such_name"],
  [/server failed|SERVFAIL/i, "server_failure"],
  [/query refused|REFUSED/i, "refused"],
  [/timed[- ]out|no response from server/i, "unanswered"],
];
const ALIASES = /^alias/i;
/** Captions of the answer's name, for answers copied without the server above them. */
const NAME_CAPTION = /^(?:name|nom|nombre|nome|naam|ad|namn|navn|nazwa|имя)$/iu;

/**
 * `nslookup`, Windows in any display language and other systems: the server asked and its address, then the name and its addresses.
 * The first pair of a block is the server, the second the answer.
 *
 *     Server:  dns.contoso.com
 *     Address:  192.0.2.53
 *
 *     Name:    da.contoso.com
 *     Address:  203.0.113.5
 */
export const nslookup: TextFormat = {
  kind: "text",
  id: "nslookup",
  title: "nslookup",
  unit: "line",
  tables: ["dns_answers"],
  detect(lines) {
    let blocks = 0;
    for (const [at, line] of lines.entries()) {
      if (line.length > MAX_LINE) continue;
      if (isBlock(line, lines[at + 1] ?? "")) blocks = /^\s*$/.test(lines[at + 2] ?? "") ? blocks + 1 : blocks;
      if (refusalOf(line) !== null && blocks > 0) return true;
      if (blocks > 1 || (isBlock(line, lines[at + 1] ?? "") && lines.slice(Math.max(0, at - 6), at).some((before) => COMMAND.test(before))))
        return true;
    }
    return false;
  },
  reader: (emit) => new NslookupReader(emit),
};

/** A name and, on the next line, an address. */
function isBlock(line: string, next: string): boolean {
  if (next.length > MAX_LINE) return false;
  const [first, second] = [PAIR.exec(line)?.groups, PAIR.exec(next)?.groups];
  return (
    first !== undefined && second !== undefined && addressOf(second.value!) !== null && /[a-z]|^\d+\.\d+\.\d+\.\d+$/i.test(first.value!)
  );
}

function addressOf(text: string): string | null {
  const bare = text.replace(/#\d+$/, "");
  const v4 = parseIpv4(bare);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(bare);
  return v6 === null ? null : ipv6Text(v6);
}

function refusalOf(line: string): { readonly words: string; readonly outcome: string } | null {
  const words = REFUSAL.exec(line)?.groups?.words;
  const known = words === undefined ? undefined : REFUSALS.find(([pattern]) => pattern.test(words));
  return words === undefined || !known ? null : { words, outcome: known[1] };
}

class NslookupReader implements TextReader {
  private readonly emit: Emit;
  private name: { caption: string; value: string; at: number } | null = null;
  private open: { readonly name: string; readonly at: number; readonly addresses: string[]; alias: string | null } | null = null;
  private server: { name: string; ip: string } | null = null;
  private asked: string | null = null;
  /** The next block is the server's. */
  private serverNext = true;
  private rows = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const command = COMMAND.exec(text)?.groups;
    if (command || PROMPT.test(text)) {
      this.close();
      this.serverNext = true;
      this.asked = command?.name ?? command?.asked ?? null;
      return;
    }
    const refusal = refusalOf(text);
    if (refusal) this.refuse(refusal.words, refusal.outcome, number);
    const alone = ALONE.exec(text)?.groups?.value;
    const more = this.open && alone !== undefined ? addressOf(alone) : null;
    if (this.open && more !== null) {
      if (this.open.addresses.length < MAX_ADDRESSES) this.open.addresses.push(more);
      return;
    }
    this.pair(text, number);
  }

  private pair(text: string, number: number): void {
    const field = PAIR.exec(text)?.groups;
    const ip = field ? addressOf(field.value!) : null;
    const named = this.name;
    this.name = null;
    if (field && named && ip !== null && number - named.at === 1) this.block(named, ip);
    // Other systems list each address of the same name as a pair of its own.
    else if (field && this.open && named === null && ip !== null && this.open.addresses.length < MAX_ADDRESSES)
      this.open.addresses.push(ip);
    else if (field && this.open && ALIASES.test(field.caption!)) this.open.alias ??= field.value!;
    else {
      if (field?.value !== this.open?.name) this.close();
      if (field) this.name = { caption: field.caption!, value: field.value!, at: number };
    }
  }

  private block({ caption, value, at }: { caption: string; value: string; at: number }, ip: string): void {
    if (this.serverNext && !NAME_CAPTION.test(caption.trim())) {
      this.server = { name: value, ip };
      this.serverNext = false;
    } else if (this.open) this.open.addresses.push(ip);
    else this.open = { name: value, at, addresses: [ip], alias: null };
  }

  private refuse(words: string, outcome: string, at: number): void {
    // Of the names in the sentence, the one that is not the server's; a server without a name shows itself by its address.
    const names = [...words.matchAll(/[\w-]+(?:\.[\w-]+)+/g)].map(([name]) => name).filter((name) => addressOf(name) === null);
    const name = names.find((candidate) => candidate !== this.server?.name) ?? this.asked;
    if (name !== null && name !== undefined) this.row(at, { name: plainName(name), outcome });
    this.serverNext = true;
  }

  private close(): void {
    const { open } = this;
    this.open = null;
    if (!open) return;
    const found = plainName(open.name);
    const name = plainName(open.alias ?? this.askedInFull(found) ?? open.name);
    const target = name === found ? {} : { target: found };
    for (const address of open.addresses)
      this.row(open.at, { name, outcome: "answered", address, addresses: open.addresses.length, ...target });
    this.serverNext = true;
  }

  /** The name asked for where that is a whole one; the answer then names what it is an alias of. A short name gets its domain from a suffix. */
  private askedInFull(found: string): string | null {
    const asked = this.asked === null ? null : plainName(this.asked);
    return asked?.includes(".") && addressOf(asked) === null && !found.startsWith(`${asked}.`) ? asked : null;
  }

  private row(at: number, cells: Record<string, string | number>): void {
    this.rows++;
    this.emit.row("dns_answers", { tool: "nslookup", server_ip: this.server?.ip, ...cells }, at);
  }

  end(): void {
    this.close();
    const why = "nslookup shows only the names it was asked for";
    if (this.rows > 0) this.emit.coverage({ table: "dns_answers", host: null, side: null, from: null, to: null, complete: false, why });
  }
}
