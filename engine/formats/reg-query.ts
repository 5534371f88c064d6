import type { Emit, TextFormat, TextReader } from "./format.ts";
import { RegistryCoverage } from "./registry-coverage.ts";
import { RegistryMachine } from "./registry-machine.ts";
import { bytesData, listData, numberData, type RegistryData, type RegistryKey, readKey, registryRow, textData } from "./registry-value.ts";

const MAX_LINE = 64 * 1024;
const TYPES =
  "REG_NONE|REG_SZ|REG_EXPAND_SZ|REG_BINARY|REG_DWORD_BIG_ENDIAN|REG_DWORD|REG_LINK|REG_MULTI_SZ|REG_FULL_RESOURCE_DESCRIPTOR|REG_RESOURCE_LIST|REG_RESOURCE_REQUIREMENTS_LIST|REG_QWORD";
/** Four blanks between the columns since Vista, a tab before; a copy may have lost all but one. */
const VALUE = new RegExp(String.raw`^\s*(?<name>\S(?:.{0,300}?\S)?)\s+(?<type>${TYPES})(?:\s+(?<data>.*))?$`);
const KEY = /^\s*(?:HKEY_[A-Z_]+|HK(?:LM|CU|CR|U|CC))\\\S.{0,2000}$/;
const COMMAND = /(?:^|[>\s])reg(?:\.exe)?\s+query\s+(?:"(?<quoted>[^"]+)"|(?<plain>\S+))(?<rest>.*)$/i;
const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>|^[A-Z]:>/;
/** reg.exe says so in capitals in every language: ERROR:, FEHLER:, ERREUR :. */
const FAILURE = /^\p{Lu}{4,12}\s?[:：]/u;
const DENIED = /denied|verweigert|refusé|denegado|negado|negato|geweigerd|отказано|engellendi|odmowa/iu;

/**
 * `reg query`, with /s, /v or neither, in any display language: keys and the names of types are known by shape. A key is whole where
 * it was listed without asking for one value; one value that reg.exe says it cannot find is not there.
 *
 *     HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
 *         KeepAliveTime    REG_DWORD    0x493e0
 */
export const regQuery: TextFormat = {
  kind: "text",
  id: "reg-query",
  title: "reg query output",
  unit: "line",
  tables: ["registry_values", "hosts"],
  detect: (lines) => lines.some((line, at) => isAsked(line) || (isKey(line) && lines.slice(at + 1, at + 4).some(isValue))),
  reader: (emit) => new RegQueryReader(emit),
};

function isKey(line: string): boolean {
  return line.length < 2100 && KEY.test(line);
}

function isValue(line: string): boolean {
  return line.length <= MAX_LINE && line.includes("REG_") && VALUE.test(line);
}

function isAsked(line: string): boolean {
  const found = line.length < 2100 ? COMMAND.exec(line)?.groups : undefined;
  return found !== undefined && readKey(found.quoted ?? found.plain!) !== null;
}

/** What the transcript's command asked for. */
interface Request {
  readonly key: RegistryKey;
  /** The one value named by /v, `@` for /ve. */
  readonly value: string | null;
  /** With all subkeys, /s; otherwise they are listed without their values. */
  readonly deep: boolean;
  /** Some values only: /f, /t, or a search behind a pipe. */
  readonly some: boolean;
}

class RegQueryReader implements TextReader {
  private readonly emit: Emit;
  private readonly machine = new RegistryMachine();
  private readonly coverage: RegistryCoverage;
  private request: Request | null = null;
  private answered = false;
  private key: RegistryKey | null = null;
  private names: string[] = [];

  constructor(emit: Emit) {
    this.emit = emit;
    this.coverage = new RegistryCoverage(emit);
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE || text.trim() === "") return;
    if (isAsked(text)) this.ask(COMMAND.exec(text)!.groups as { quoted?: string; plain?: string; rest: string });
    else if (PROMPT.test(text)) this.over();
    else if (isKey(text)) this.enter(text);
    else if (this.key !== null && isValue(text)) this.value(this.key, VALUE.exec(text)!.groups as { name: string; type: string }, number);
    else if (FAILURE.test(text.trim()) && this.request !== null && !this.answered) this.missing(this.request, text);
    else if (/^\S/.test(text)) this.leave();
  }

  private ask({ quoted, plain, rest }: { quoted?: string; plain?: string; rest: string }): void {
    this.over();
    const name = /\s[/-]v\s+(?:"([^"]+)"|(\S+))/i.exec(rest);
    const value = name ? (name[1] ?? name[2]!) : /\s[/-]ve\b/i.test(rest) ? "@" : null;
    this.request = { key: readKey(quoted ?? plain!)!, value, deep: /\s[/-]s\b/i.test(rest), some: /\s[/-][ft]\b|\|/i.test(rest) };
  }

  private enter(text: string): void {
    this.leave();
    const key = readKey(text);
    const host = this.request?.key.host ?? null;
    this.key = key && { ...key, host: key.host ?? host };
    this.answered = true;
  }

  private value(key: RegistryKey, { name, type, data = "" }: { name: string; type: string; data?: string }, at: number): void {
    // The default value's name is in brackets and in the display language.
    const shown = /^\([^)]{1,40}\)$|^<[^>]{1,40}>$/.test(name) ? "@" : name;
    this.names.push(shown);
    const read = readData(type, data.trim());
    if (read === null) {
      this.emit.anomaly("reg-query.unreadable-data", at, `not data of a ${type}: ${data.slice(0, 60)}`);
      return;
    }
    this.emit.row("registry_values", registryRow(key, shown, read), at);
    if (key.host === null) this.machine.value(key, shown, read);
  }

  /** The value, or its key, is not there. Of another machine the same words may mean that it cannot be reached. */
  private missing({ key, value }: Request, text: string): void {
    this.answered = true;
    if (value !== null && key.host === null && !DENIED.test(text)) this.coverage.part(key, [value], null);
  }

  private leave(): void {
    const { key, request, names } = this;
    this.key = null;
    this.names = [];
    if (!key) return;
    if (request?.some) this.coverage.part(key, names, "not all its values were asked for");
    else if (request?.value) this.coverage.part(key, [request.value], null);
    else if (request ? request.deep || key.name.toLowerCase() === request.key.name.toLowerCase() : names.length > 1)
      this.coverage.whole(key);
    // Without the command, a single value may be the answer to a question about it.
    else if (names.length > 0) this.coverage.part(key, names, "it may have been asked for by name");
  }

  private over(): void {
    this.leave();
    this.request = null;
    this.answered = false;
  }

  end(): void {
    this.over();
    const fact = this.machine.fact();
    if (fact) this.emit.host(fact);
    this.coverage.end();
  }
}

function readData(type: string, data: string): RegistryData | null {
  if (type === "REG_DWORD" || type === "REG_QWORD" || type === "REG_DWORD_BIG_ENDIAN") {
    const found = /^(?:0x([\da-f]{1,16})|(\d{1,20}))(?:\s*\(.*\))?$/i.exec(data);
    return found ? numberData(type, found[1] === undefined ? BigInt(found[2]!) : BigInt(`0x${found[1]}`)) : null;
  }
  if (type === "REG_MULTI_SZ")
    return listData(
      type,
      data.split("\\0").filter((entry) => entry !== ""),
    );
  if (type === "REG_SZ" || type === "REG_EXPAND_SZ" || type === "REG_LINK") return textData(type, data);
  const digits = data.replace(/\s/g, "");
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) return null;
  return {
    ...bytesData(
      3,
      Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
      String,
    ),
    type,
  };
}
