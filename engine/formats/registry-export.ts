import type { Emit, TextFormat, TextReader } from "./format.ts";
import { RegistryCoverage } from "./registry-coverage.ts";
import { RegistryMachine } from "./registry-machine.ts";
import { bytesData, numberData, type RegistryData, type RegistryKey, readKey, registryRow, textData } from "./registry-value.ts";

/** Characters of one value, its wrapped lines together, beyond which the rest is not read: it is not shown either. */
const MAX_VALUE = 64 * 1024;
/** Lines a text may run on for: regedit writes line ends inside a text as they are. */
const MAX_TEXT_LINES = 200;
const HEADER = /^\s*(?:REGEDIT4|Windows Registry Editor Version 5\.00)\s*$/i;
const KEY_LINE = /^\s*\[(?<delete>-?)(?<key>(?:HKEY_[A-Z_]+|HK(?:LM|CU|CR|U|CC))(?:\\.*)?)\]\s*$/i;
const VALUE_LINE = /^\s*(?:@|"(?<name>(?:[^"\\]|\\.)*)")\s*=\s*(?<data>.*)$/s;
const HEX = /^hex(?:\((?<type>[\da-f]{1,8})\))?:(?<bytes>.*)$/is;
const CUT = /^(?:\.{3,}|…|\[?(?:\.\.\.|…)\]?|<?-*\s*(?:snip|cut|gekürzt|truncated)\b.*)$/i;

/**
 * Registry files of regedit and `reg export`: REGEDIT4 with texts of hex values in an ANSI code page, version 5 in UTF-16, and pieces
 * of either pasted without their header. A key that was read without holes is whole: an export always writes all its values. Comments
 * and deletions show that somebody wrote the file by hand, to be imported; it then proves no absence.
 *
 *     Windows Registry Editor Version 5.00
 *
 *     [HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
 *     "SynAttackProtect"=dword:00000001
 */
export const registryExport: TextFormat = {
  kind: "text",
  id: "registry-export",
  title: "Registry file (.reg)",
  unit: "line",
  tables: ["registry_values", "hosts"],
  detect: (lines) => lines.some((line) => line.length < 2400 && KEY_LINE.test(line)),
  reader: (emit) => new RegistryExportReader(emit),
};

class RegistryExportReader implements TextReader {
  private readonly emit: Emit;
  private readonly machine = new RegistryMachine();
  private readonly coverage: RegistryCoverage;
  private ansi = false;
  private key: RegistryKey | null = null;
  /** Whether all lines of the key were read so far. */
  private whole = true;
  private readonly names: string[] = [];
  private byHand = false;
  private blank = false;
  /** A value whose lines are still coming. */
  private open: { text: string; at: number; lines: number } | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
    this.coverage = new RegistryCoverage(emit);
  }

  line(text: string, number: number): void {
    if (text.length > MAX_VALUE) this.tooLong(number);
    else if (this.open && !KEY_LINE.test(text)) this.goOn(this.open, text);
    else if (HEADER.test(text)) {
      this.leave();
      this.ansi = /^\s*REGEDIT4/i.test(text);
    } else if (KEY_LINE.test(text)) this.enter(KEY_LINE.exec(text)!.groups as { delete: string; key: string });
    else if (this.key !== null) this.body(text, number);
  }

  private enter({ delete: deleted, key }: { delete: string; key: string }): void {
    this.leave();
    if (deleted !== "") this.byHand = true;
    else this.key = readKey(key);
  }

  private body(text: string, at: number): void {
    const line = text.trim();
    if (line !== "") this.entry(line, at);
    this.blank = line === "";
  }

  private entry(line: string, at: number): void {
    if (line.startsWith(";")) this.byHand = true;
    else if (/^(?:@|"[^"]*")\s*=/.test(line) || VALUE_LINE.test(line.slice(0, 2000))) {
      this.open = { text: "", at, lines: 0 };
      this.goOn(this.open, line);
    } else if (CUT.test(line)) this.whole = false;
    else if (/^["@]/.test(line)) this.unreadable(at, line);
    // A wrapped line whose backslash a mail program ate belongs to the value above it.
    else if (/^[\da-f]{2}(?:[,\\]|$)/i.test(line)) this.whole = false;
    else {
      // Prose or another command's output: the key is over, and was perhaps not whole.
      if (!this.blank) this.whole = false;
      this.leave();
    }
  }

  /** Takes in a further line of a value, and the value itself once it is whole. */
  private goOn(open: NonNullable<typeof this.open>, line: string): void {
    open.lines++;
    const wrapped = /^(.*?)\\\s*$/s.exec(line);
    const hex = open.lines > 1 ? isHex(open.text) : isHex(line);
    const part = hex ? (wrapped ? wrapped[1]! : line).trim() : line;
    if (open.text.length < MAX_VALUE) open.text += open.lines > 1 && !hex ? `\r\n${part}` : part;
    if (hex ? wrapped !== null : isOpenText(open.text) && open.lines < MAX_TEXT_LINES) return;
    this.open = null;
    this.value(open.text, open.at);
  }

  private value(text: string, at: number): void {
    const found = VALUE_LINE.exec(text)?.groups;
    const written = (found?.data ?? "").trim();
    const data = found ? this.data(written) : null;
    if (written === "-") this.byHand = true;
    else if (data === null) this.unreadable(at, text);
    else {
      const name = found!.name === undefined ? "@" : found!.name.replace(/\\(.)/g, "$1");
      this.emit.row("registry_values", registryRow(this.key!, name, data), at);
      this.names.push(name);
      this.machine.value(this.key!, name, data);
    }
  }

  private data(written: string): RegistryData | null {
    const text = /^"((?:[^"\\]|\\.)*)"?\s*(?:;.*)?$/s.exec(written);
    if (text) return textData("REG_SZ", text[1]!.replace(/\\(.)/gs, "$1"));
    const dword = /^dword:\s*([\da-f]{1,8})\s*(?:;.*)?$/i.exec(written);
    if (dword) return numberData("REG_DWORD", Number.parseInt(dword[1]!, 16));
    const hex = HEX.exec(written)?.groups;
    if (!hex) return null;
    const pairs = hex.bytes!.replace(/;.*$/s, "").split(",");
    const bytes = pairs.map((pair) => pair.trim()).filter((pair) => pair !== "");
    if (!bytes.every((pair) => /^[\da-f]{1,2}$/i.test(pair))) return null;
    const type = hex.type === undefined ? 3 : Number.parseInt(hex.type, 16);
    return bytesData(
      type,
      Uint8Array.from(bytes, (pair) => Number.parseInt(pair, 16)),
      (some) => this.decode(some),
    );
  }

  private decode(bytes: Uint8Array): string {
    return new TextDecoder(this.ansi ? "windows-1252" : "utf-16le").decode(bytes);
  }

  private tooLong(at: number): void {
    this.open = null;
    if (this.key) this.unreadable(at, "a line that is too long");
  }

  private unreadable(at: number, text: string): void {
    this.whole = false;
    this.emit.anomaly("registry-export.unreadable-value", at, `not a value of a registry file: ${text.slice(0, 80)}`);
  }

  private leave(): void {
    if (this.open) this.unreadable(this.open.at, `${this.open.text.slice(0, 60)} breaks off`);
    if (this.key && this.whole) this.coverage.whole(this.key);
    else if (this.key) this.coverage.part(this.key, this.names, "lines of the key are missing");
    this.names.length = 0;
    this.open = null;
    this.key = null;
    this.whole = true;
  }

  end(): void {
    this.leave();
    const fact = this.machine.fact();
    if (fact) this.emit.host(fact);
    this.coverage.end(this.byHand ? "the file was written by hand, to be imported" : null);
  }
}

function isHex(value: string): boolean {
  return /=\s*hex(?:\([\da-f]{1,8}\))?:/i.test(value.slice(0, 1200));
}

/** A quoted text whose closing quote has not come yet. */
function isOpenText(value: string): boolean {
  const data = /^(?:@|"(?:[^"\\]|\\.)*")\s*=\s*(".*)$/s.exec(value)?.[1];
  return data !== undefined && !/^"(?:[^"\\]|\\.)*"/s.test(data);
}
