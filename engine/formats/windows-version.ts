import type { Emit, HostFact, TextFormat, TextReader } from "./format.ts";
import { productOf, servicePackOf } from "./windows-product.ts";

const MAX_LINE = 400;
/** `ver`, and the first line of every command prompt; the word before the number is in the display language. */
const BANNER = /^Microsoft Windows(?: [\w.]{1,12}){0,2} \[\S{1,20} (?<version>\d{1,2}\.\d{1,2}\.\d{3,5}(?:\.\d{1,6})?)\]$/u;
/** `[Environment]::OSVersion`. */
const ENVIRONMENT =
  /^(?:VersionString\s*:\s*|Win32NT\s.*)Microsoft Windows NT (?<version>\d{1,2}\.\d{1,2}\.\d{3,5})(?:\.\d{1,6})?(?<words>.{0,30})$/;
/** `winver`: the build in brackets, below or behind the name of the system. */
const WINVER =
  /^(?<name>.{0,80}?)(?<version>\d{1,2}\.\d{1,2}) \(\S{2,20} (?<build>\d{4,5})(?:\.\d{1,6})?(?<words>\s?: Service Pack \d)?\)$/u;
/** A property of Win32_OperatingSystem or Get-ComputerInfo: `Caption=…` from wmic, `Version : …` from PowerShell. */
const PROPERTY = /^(?<name>[A-Za-z]{2,40})(?:=|\s*:(?: |$))(?<value>.{0,200})$/;
const PROPERTIES: Readonly<Record<string, keyof Block>> = {
  caption: "product",
  osname: "product",
  version: "version",
  osversion: "version",
  buildnumber: "build",
  osbuildnumber: "build",
  csdversion: "words",
  oscsdversion: "words",
  csname: "host",
  cscaption: "host",
};
/** Columns of `wmic os get`, and a row below them. */
const COLUMNS = /^Caption\s.*\bVersion\b/;
const COLUMNS_ROW = /^(?<name>Microsoft.{0,60}?)\s{2,}(?<words>.*?)(?<version>\d{1,2}\.\d{1,2}\.\d{4,5})\b/;

interface Block {
  product?: string;
  version?: string;
  build?: string;
  words?: string;
  host?: string;
}

/**
 * Lines that tell which Windows it is: the banner of `ver`, `winver`, `[Environment]::OSVersion`, and properties of
 * Win32_OperatingSystem as `wmic os get /value`, `Get-CimInstance` or `Get-ComputerInfo` list them.
 *
 *     Microsoft Windows [Version 6.1.7601]
 */
export const windowsVersion: TextFormat = {
  kind: "text",
  id: "windows-version",
  title: "Windows version (ver, winver, wmic os)",
  unit: "line",
  tables: ["hosts"],
  detect: detectVersion,
  reader: (emit) => new VersionReader(emit),
};

function detectVersion(lines: readonly string[]): boolean {
  const found: HostFact[] = [];
  const reader = new VersionReader({ host: (fact) => found.push(fact) });
  for (const line of lines) {
    reader.line(line);
    if (found.length > 0) return true;
  }
  reader.end();
  return found.length > 0;
}

class VersionReader implements TextReader {
  private readonly emit: Pick<Emit, "host">;
  private previous = "";
  private block: Block = {};
  private columns = false;

  constructor(emit: Pick<Emit, "host">) {
    this.emit = emit;
  }

  line(raw: string): void {
    if (raw.length > MAX_LINE) return;
    const text = raw.trim();
    if (text === "") return;
    const own = BANNER.exec(text)?.groups ?? ENVIRONMENT.exec(text)?.groups;
    if (own) this.tell(own.version!, own.words ?? "", "", null);
    else if (this.columns) this.row(text);
    else this.winver(text);
    this.columns = COLUMNS.test(text);
    this.property(text);
    this.previous = text;
  }

  private winver(text: string): void {
    const found = WINVER.exec(text)?.groups;
    const name = /windows/i.test(found?.name ?? "") ? found!.name! : this.previous;
    if (found && /^Microsoft®? Windows|^Windows/i.test(name)) this.tell(`${found.version}.${found.build}`, found.words ?? "", name, null);
  }

  private row(text: string): void {
    const found = COLUMNS_ROW.exec(text)?.groups;
    if (found) this.tell(found.version!, found.words!, found.name!, null);
  }

  private property(text: string): void {
    const found = PROPERTY.exec(text)?.groups;
    if (!found) {
      this.close();
      return;
    }
    const key = PROPERTIES[found.name!.toLowerCase()];
    if (key === undefined) return;
    const value = found.value!.trim();
    if (this.block[key] !== undefined && this.block[key] !== value) this.close();
    this.block[key] = value;
  }

  end(): void {
    this.close();
  }

  /** Other classes have a Version, too: this one's ends in the build, or goes with the name of a Windows. */
  private close(): void {
    const { product = "", version = "", build, words = "", host = "" } = this.block;
    this.block = {};
    if (!/^\d{1,2}\.\d{1,2}\.\d{4,5}$/.test(version)) return;
    if (build === undefined ? productOf(product) !== null : version.endsWith(`.${build}`)) this.tell(version, words, product, host);
  }

  private tell(version: string, words: string, name: string, host: string | null): void {
    const [product, servicePack] = [productOf(name), servicePackOf(version, words)];
    const fact: HostFact = {
      names: host !== null && /^[\w-]{1,15}$/.test(host) ? [host] : [],
      addresses: [],
      version,
      ...(product === null ? {} : { product }),
      ...(servicePack === null ? {} : { servicePack }),
    };
    this.emit.host(fact);
  }
}
