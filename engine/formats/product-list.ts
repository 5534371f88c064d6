import { isBuild, isComparable, productOfFile, productOfName } from "../tables/product-names.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 2000;
const BUILD = "\\d{1,9}(?:\\.\\d{1,9}){3}";
/** `Microsoft Lync Server 2010, Core Components   4.0.7577.203`, or the version in front, or cells of CSV, whatever stands beside them. */
const LYNC_NAME = /(?:Microsoft )?Lync (?:Basic )?(?:Server )?20\d\d[^"\t]*?(?=\s{2,}|\t|"|,(?=\s*"?\d+\.\d+\.\d+\.\d+)|$)/i;
const VERSION = new RegExp(`(?<![\\d.])${BUILD}(?![\\d.])`);
/** `4.0.7577.4356   4.0.7577.4356   C:\\Program Files (x86)\\Microsoft Lync\\communicator.exe` */
const FILE = /(?:[A-Za-z]:|\\)[^"*?<>|\t]{0,250}?\\(?:communicator|lync|rtcsrv)\.exe\b/i;
/** `DisplayName : Microsoft Lync 2010`, `Name=…`; the version stands on another line of the same block. */
const FIELD =
  /^\s*"?(?<name>DisplayName|ComponentName|ProductName|Name|FileName|DisplayVersion|FileVersion|ProductVersion|Version)"?\s*[:=]\s*"?(?<value>[^"\r\n]{1,300}?)"?\s*$/i;

/**
 * Builds of Lync in lists of products or files: `Get-CsServerPatchVersion`, `wmic product` and `wmic datafile`, PowerShell's
 * `VersionInfo`, the uninstall keys, as tables, CSV or lists of fields. Known by the names of products and programs, which no language
 * changes, beside a version of four numbers. Everything else in such a list gives no row, nor do parts of a server that updates leave as they are.
 *
 *     Microsoft Lync Server 2010, Core Components                4.0.7577.203
 */
export const productList: TextFormat = {
  kind: "text",
  id: "product-list",
  title: "list of installed products or file versions",
  unit: "line",
  tables: ["product_versions"],
  detect(lines) {
    const found = { row: false };
    const reader = new ProductListReader({
      row: () => {
        found.row = true;
      },
      coverage: () => {},
      utc: () => {},
    });
    for (const [index, line] of lines.entries()) {
      reader.line(line, index + 1);
      if (found.row) return true;
    }
    reader.end();
    return found.row;
  },
  reader: (emit) => new ProductListReader(emit),
};

class ProductListReader implements TextReader {
  private readonly emit: Pick<Emit, "row" | "coverage" | "utc">;
  private block: { name: string | null; file: string | null; version: string | null; at: number } | null = null;
  private comparable = false;

  constructor(emit: Pick<Emit, "row" | "coverage" | "utc">) {
    this.emit = emit;
    // No times, so none of another zone.
    emit.utc();
  }

  line(raw: string, at: number): void {
    if (raw.length > MAX_LINE) return;
    const field = FIELD.exec(raw)?.groups;
    if (field) this.field(field.name!.toLowerCase(), field.value!.trim(), at);
    else if (raw.trim() === "") this.finish();
    else {
      const version = VERSION.exec(raw)?.[0];
      if (version === undefined || /UCCAPI\/|RTC\//.test(raw)) return;
      const file = FILE.exec(raw)?.[0];
      const name = LYNC_NAME.exec(raw)?.[0];
      if (file !== undefined) this.file(file, version, at);
      else if (name !== undefined) this.product(name.replace(VERSION, ""), version, at);
    }
  }

  /** Fields come in any order; a name that comes again begins another block. */
  private field(name: string, value: string, at: number): void {
    const kind = name.endsWith("version") ? "version" : name === "filename" || FILE.test(value) ? "file" : "name";
    if (kind === "version" && !isBuild(value)) return;
    // FileVersion and ProductVersion of one file: the first counts.
    if (kind !== "version" && this.block !== null && this.block[kind] !== null) this.finish();
    this.block ??= { name: null, file: null, version: null, at };
    this.block[kind] ??= value;
    if (kind !== "version") this.block.at = at;
  }

  private finish(): void {
    const { block } = this;
    this.block = null;
    if (!block || block.version === null) return;
    if (block.file !== null) this.file(block.file, block.version, block.at);
    else if (block.name !== null && LYNC_NAME.test(block.name)) this.product(block.name, block.version, block.at);
  }

  private file(path: string, version: string, at: number): void {
    if (!FILE.test(path)) return;
    this.row("file_version", path, version, productOfFile(path, version), at);
  }

  private product(name: string, version: string, at: number): void {
    const clean = name.replace(/[\s,;]+$/, "");
    this.row("product_list", clean, version, productOfName(clean, version), at);
  }

  private row(via: string, name: string, version: string, found: ReturnType<typeof productOfName>, at: number): void {
    // What cannot be compared would look like a product that is up to date.
    if (!isComparable(found)) return;
    this.comparable = true;
    this.emit.row("product_versions", { via, name: ` ${name.slice(0, 200)}`.slice(1), version, ...found }, at);
  }

  end(): void {
    this.finish();
    if (this.comparable)
      this.emit.coverage({
        table: "product_versions",
        host: null,
        side: null,
        from: null,
        to: null,
        complete: false,
        why: "a list need not hold every product",
      });
  }
}
