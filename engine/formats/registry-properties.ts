import type { Emit, TextFormat, TextReader } from "./format.ts";
import { RegistryCoverage } from "./registry-coverage.ts";
import { RegistryMachine } from "./registry-machine.ts";
import { listData, numberData, type RegistryData, type RegistryKey, readKey, registryRow, textData } from "./registry-value.ts";

const MAX_LINE = 4000;
/** Lines of one object kept until its path is seen. */
const MAX_HELD = 2000;
const PROPERTY = /^(?<name>\S(?:[^:]{0,200}?\S)?)\s*: ?(?<value>.*)$/;
const PATH = /^PSPath\s*: (?:Microsoft\.PowerShell\.Core\\)?Registry::(?<key>HKEY_.*)$/i;
/** What PowerShell adds to the values of a key. */
const ADDED = /^PS(?:Path|ParentPath|ChildName|Drive|Provider|ComputerName|ShowComputerName)$|^RunspaceId$/i;
/** A long value goes on, set in below the first of it. */
const WRAPPED = /^\s{3,}(?<rest>\S.*)$/;

interface Property {
  readonly name: string;
  value: string;
  readonly at: number;
}

/**
 * `Get-ItemProperty` of a registry key as a list: an object's properties up to the PSPath that names its key. Types are not shown;
 * digits are taken as a number. A list in braces that PowerShell cut off with dots is no list.
 *
 *     KeepAliveTime : 300000
 *     PSPath        : Microsoft.PowerShell.Core\Registry::HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
 */
export const registryProperties: TextFormat = {
  kind: "text",
  id: "registry-properties",
  title: "Registry values listed by PowerShell",
  unit: "line",
  tables: ["registry_values", "hosts"],
  detect: (lines) => lines.some((line) => line.length <= MAX_LINE && PATH.test(line)),
  reader: (emit) => new PropertiesReader(emit),
};

class PropertiesReader implements TextReader {
  private readonly emit: Emit;
  private readonly machine = new RegistryMachine();
  private readonly coverage: RegistryCoverage;
  private held: Property[] = [];
  /** Lines of the object seen, more than were kept. */
  private dropped = false;
  private open: Property | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
    this.coverage = new RegistryCoverage(emit);
  }

  line(text: string, number: number): void {
    const wrapped = text.length <= MAX_LINE ? WRAPPED.exec(text)?.groups : undefined;
    if (this.open && wrapped) {
      if (this.open.value.length < MAX_LINE) this.open.value += wrapped.rest!;
      return;
    }
    this.settle();
    const found = text.length <= MAX_LINE ? PROPERTY.exec(text)?.groups : undefined;
    // A prompt has a colon, too.
    if (!found || /^(?:PS )?[A-Z]:\\/.test(text)) {
      this.held = [];
      this.dropped = false;
    } else this.open = { name: found.name!, value: found.value!, at: number };
  }

  /** The newest property is complete: keep it, or, if it names the key, pass on those before it. */
  private settle(): void {
    const { open } = this;
    this.open = null;
    if (!open) return;
    const path = PATH.exec(`${open.name} : ${open.value}`)?.groups;
    const key = path ? readKey(path.key!) : null;
    if (key) this.object(key);
    else if (!ADDED.test(open.name)) {
      if (this.held.length < MAX_HELD) this.held.push(open);
      else this.dropped = true;
    }
  }

  private object(key: RegistryKey): void {
    const { held } = this;
    this.held = [];
    for (const { name, value, at } of held) {
      const data = readData(value.trim());
      const shown = /^\(default\)$/i.test(name) ? "@" : name;
      this.emit.row("registry_values", registryRow(key, shown, data), at);
      this.machine.value(key, shown, data);
    }
    const names = held.map(({ name }) => name);
    if (this.dropped) this.coverage.part(key, names, "it has more values than were kept");
    else if (held.length > 1) this.coverage.whole(key);
    else this.coverage.part(key, names, "it may have been asked for by name");
  }

  end(): void {
    this.settle();
    const fact = this.machine.fact();
    if (fact) this.emit.host(fact);
    this.coverage.end();
  }
}

function readData(value: string): RegistryData {
  if (/^\d{1,20}$/.test(value)) return numberData(null, BigInt(value));
  // A DWORD over 2^31 is a negative Int32 to PowerShell.
  if (/^-\d{1,10}$/.test(value)) return numberData(null, Number(value) >>> 0);
  const list = /^\{(.*)\}$/.exec(value)?.[1];
  if (list === undefined || /(?:\.{3}|…)$/.test(list)) return textData(null, value);
  return listData(
    null,
    list.split(", ").filter((entry) => entry !== ""),
  );
}
