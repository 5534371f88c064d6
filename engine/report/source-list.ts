import type { ContainerReport } from "../containers/index.ts";
import type { SourceResult } from "../derive/source-result.ts";
import type { TablePart } from "../tables/table.ts";
import type { ReportSource, Side } from "./report.ts";

/** Something that was noticed about a path before or while its archive was opened. */
export interface PathWarning {
  readonly path: string;
  readonly code: string;
  readonly text: string;
  readonly at?: number;
  readonly count?: number;
}

/** What is known of one file of the bundle. */
export interface ListedFile {
  readonly path: string;
  readonly result: SourceResult;
  readonly side: Side | "middle" | null;
  readonly host: readonly string[] | null;
  /** Not evidence: `bundle.yaml`. */
  readonly manifest: boolean;
}

/** The report's list of sources: every file, every archive, and every path that was refused, so that nothing is dropped in silence. */
export function sourceList(
  files: readonly ListedFile[],
  containers: readonly ContainerReport[],
  warnings: readonly PathWarning[],
  parts: readonly TablePart[],
): ReportSource[] {
  const left = Map.groupBy(warnings, (warning) => warning.path);
  const of = (path: string) => {
    const own = left.get(path) ?? [];
    left.delete(path);
    return own.map(complete);
  };
  const rows = rowsBySource(parts);
  const listed: ReportSource[] = files.map((file, index) => {
    const { path, result, side, host } = file;
    const [format = emptyOr(file), ...also] = result.formats;
    const packets = result.captures.reduce((sum, capture) => sum + capture.quality.packets, 0);
    return {
      path,
      format: file.manifest ? "bundle-yaml" : format,
      ...(also.length > 0 ? { also } : {}),
      bytes: result.bytes,
      side,
      host,
      rows: Object.fromEntries([...(rows.get(index) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))),
      ...(result.captures.length > 0 ? { packets } : {}),
      warnings: [...of(path), ...result.warnings],
    };
  });
  for (const { path, kind, bytes } of containers)
    listed.push({ path, format: kind, bytes, side: null, host: null, rows: {}, warnings: of(path) });
  for (const path of [...left.keys()])
    listed.push({ path, format: "refused", bytes: 0, side: null, host: null, rows: {}, warnings: of(path) });
  return listed.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function emptyOr({ result }: ListedFile): string {
  return result.bytes === 0 && result.warnings.length === 0 ? "empty" : "unrecognised";
}

function complete({ code, text, at = 0, count = 1 }: PathWarning) {
  return { code, text, at, count };
}

/** Rows of each table that came from each source. */
function rowsBySource(parts: readonly TablePart[]): Map<number, Map<string, number>> {
  const rows = new Map<number, Map<string, number>>();
  for (const part of parts) {
    for (const [source, count] of part.spans ? rowsInSpans(part) : [[part.source, part.length] as const]) {
      if (count === 0) continue;
      const tables = rows.get(source) ?? new Map<string, number>();
      tables.set(part.table, (tables.get(part.table) ?? 0) + count);
      rows.set(source, tables);
    }
  }
  return rows;
}

/** Of a capture point of several files, the rows that begin in each of them. */
function rowsInSpans({ spans, at, length }: TablePart): (readonly [source: number, count: number])[] {
  return spans!.map(({ source, first }, index) => {
    const next = spans![index + 1]?.first ?? Number.POSITIVE_INFINITY;
    let count = 0;
    for (let row = 0; row < length; row++) if (at[row]! >= first && at[row]! < next) count++;
    return [source, count] as const;
  });
}
