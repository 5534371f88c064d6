import type { Coverage } from "../tables/coverage.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 4000;
/** Command of a transcript, as far as it says that not all updates were asked for. */
const COMMAND = /(?:^|[>\s])(?:wmic\b.*\bqfe\b|get-hotfix\b)(?<rest>.*)$/i;
const NARROWED =
  /-id\b|\bwhere\b|\|\s*(?!more\b|ft\b|fl\b|sort\b|sort-object\b|format-|out-|select\b|select-object\b|export-|tee\b|clip\b)\S+.*/i;
const UPDATE = /(?<![\w])(KB|Q)(\d{5,8})(?!\d)/i;
/** What else Win32_QuickFixEngineering lists. */
const OTHER_ENTRY = /\bFile 1\b|\{[\da-f-]{36}\}/i;
/** A property of one update: `HotFixID=KB2621440` from wmic, `HotFixID : KB2621440` from PowerShell. */
const PROPERTY = /^\s*(?<name>HotFixID|InstalledOn|Description|CSName|Source|PSComputerName)\s*(?:=|: )\s*(?<value>.*?)\s*$/i;

/**
 * Installed updates as `Get-HotFix` and `wmic qfe` list them: tables, lists and CSV. The names of the properties are those of
 * Win32_QuickFixEngineering in every display language. Covers `installed_updates` where nothing shows that the list was narrowed down.
 *
 *     Source        Description      HotFixID      InstalledBy          InstalledOn
 *     ------        -----------      --------      -----------          -----------
 *     RDS01         Security Update  KB2621440     NT AUTHORITY\SYSTEM  3/14/2012 12:00:00 AM
 */
export const installedUpdates: TextFormat = {
  kind: "text",
  id: "installed-updates",
  title: "Installed updates (Get-HotFix, wmic qfe)",
  unit: "line",
  tables: ["installed_updates"],
  detect: (lines) =>
    lines.some((line) => line.length <= MAX_LINE && (headerOf(line) !== null || PROPERTY.exec(line)?.groups?.name === "HotFixID")),
  reader: (emit) => new UpdatesReader(emit),
};

interface Header {
  /** By property, where its cell begins: a column of characters, or the number of a CSV field. */
  readonly at: ReadonlyMap<string, number>;
  readonly starts: readonly number[];
  readonly csv: boolean;
}

function headerOf(line: string): Header | null {
  if (!/\bHotFixID\b/.test(line) || /[=:]/.test(line)) return null;
  const csv = line.includes(",");
  const at = new Map<string, number>();
  if (csv) for (const [index, name] of cellsOf(line).entries()) at.set(name, index);
  else for (const word of line.matchAll(/\S+/g)) at.set(word[0], word.index);
  if (!at.has("HotFixID")) return null;
  return { at, starts: [...at.values()].sort((a, b) => a - b), csv };
}

function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted ?? plain ?? "").trim());
}

function cell(line: string, header: Header, name: string): string | null {
  const start = header.at.get(name);
  if (start === undefined) return null;
  if (header.csv) return cellsOf(line)[start] || null;
  // A copy that lost its blanks no longer keeps to the columns.
  if (start > 0 && line[start - 1] !== " ") return null;
  const end = header.starts.find((other) => other > start);
  return line.slice(start, end).trim() || null;
}

interface Listing {
  header: Header | null;
  count: number;
  narrowed: string | null;
  readonly hosts: Set<string>;
}

class UpdatesReader implements TextReader {
  private readonly emit: Emit;
  private listing: Listing | null = null;
  private narrowed: string | null = null;
  private block: Record<string, string> = {};
  private blockAt = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE || text.trim() === "") return;
    const command = COMMAND.exec(text)?.groups;
    const header = headerOf(text);
    const property = PROPERTY.exec(text)?.groups;
    if (command) {
      this.close();
      const how = NARROWED.exec(command.rest!);
      this.narrowed = how ? how[0].trim().slice(0, 60) : null;
    } else if (header) {
      this.close();
      this.listing = { header, count: 0, narrowed: this.narrowed, hosts: new Set() };
    } else if (property) this.property(property.name!.toLowerCase(), property.value!, number);
    else if (this.listing?.header) this.row(this.listing, this.listing.header, text, number);
  }

  private property(name: string, value: string, at: number): void {
    if (this.block[name] !== undefined) this.settle();
    this.block[name] = value;
    if (name === "hotfixid") this.blockAt = at;
  }

  private settle(): void {
    const { hotfixid, installedon, description, csname, source, pscomputername } = this.block;
    this.block = {};
    if (hotfixid === undefined) return;
    this.listing ??= { header: null, count: 0, narrowed: this.narrowed, hosts: new Set() };
    this.update(this.listing, hotfixid, source ?? csname ?? pscomputername ?? null, description ?? null, installedon ?? null, this.blockAt);
  }

  private row(listing: Listing, header: Header, text: string, at: number): void {
    if (/^[\s-]+$/.test(text)) return;
    if (!UPDATE.test(text) && !OTHER_ENTRY.test(text)) {
      this.close();
      return;
    }
    const host =
      cell(text, header, "Source") ?? cell(text, header, "CSName") ?? cell(text, header, "Node") ?? cell(text, header, "PSComputerName");
    const id = cell(text, header, "HotFixID") ?? "";
    const kb = UPDATE.test(id) || OTHER_ENTRY.test(id) ? id : text;
    this.update(listing, kb, host, cell(text, header, "Description"), cell(text, header, "InstalledOn"), at);
  }

  private update(
    listing: Listing,
    id: string,
    host: string | null,
    description: string | null,
    installedOn: string | null,
    at: number,
  ): void {
    listing.count++;
    const name = host !== null && /^[\w.-]{1,255}$/.test(host) ? host : null;
    if (name !== null) listing.hosts.add(name);
    const found = UPDATE.exec(id);
    if (!found) return;
    const kb = `${found[1]!.toUpperCase()}${found[2]}`;
    const values = { host: name === null ? null : [name], kb, description: description || null, installed_on: installedOn || null };
    this.emit.row("installed_updates", values, at);
  }

  end(): void {
    this.close();
  }

  private close(): void {
    this.settle();
    const { listing } = this;
    this.listing = null;
    if (!listing) return;
    this.narrowed = null;
    const hosts = [...listing.hosts];
    for (const name of hosts) this.emit.host({ names: [name], addresses: [] });
    for (const host of hosts.length > 0 ? hosts.map((name) => [name]) : [null]) this.emit.coverage(coverageOf(listing, host));
  }
}

function coverageOf(listing: Listing, host: readonly string[] | null): Omit<Coverage, "source"> {
  const point = { table: "installed_updates", host, side: null, from: null, to: null } as const;
  if (listing.narrowed !== null) return { ...point, complete: false, why: `not all updates were asked for: ${listing.narrowed}` };
  if (listing.count <= 1) return { ...point, complete: false, why: "it lists one update, which may have been asked for by its number" };
  return { ...point, complete: true };
}
