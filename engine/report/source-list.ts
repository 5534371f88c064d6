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
  const left = new Set(warnings);
  const of = (path: string) => {
    const own = warnings.filter((warning) => warning.path === path);
    for (const warning of own) left.delete(warning);
    return own.map(complete);
  };
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
      rows: rowsOf(index, parts),
      ...(result.captures.length > 0 ? { packets } : {}),
      warnings: [...of(path), ...result.warnings],
    };
  });
  for (const { path, kind, bytes } of containers)
    listed.push({ path, format: kind, bytes, side: null, host: null, rows: {}, warnings: of(path) });
  for (const path of new Set([...left].map((warning) => warning.path))) {
    listed.push({ path, format: "refused", bytes: 0, side: null, host: null, rows: {}, warnings: of(path) });
  }
  return listed.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function emptyOr({ result }: ListedFile): string {
  return result.bytes === 0 && result.warnings.length === 0 ? "empty" : "unrecognised";
}

function complete({ code, text, at = 0, count = 1 }: PathWarning) {
  return { code, text, at, count };
}

/** Rows of each table that came from a source, in order of table name. */
function rowsOf(source: number, parts: readonly TablePart[]): Record<string, number> {
  const rows = new Map<string, number>();
  for (const part of parts) {
    const count = part.spans ? rowsInSpan(part, source) : part.source === source ? part.length : 0;
    if (count > 0) rows.set(part.table, (rows.get(part.table) ?? 0) + count);
  }
  return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of a capture point of several files, the rows that begin in one of them. */
function rowsInSpan({ spans, at, length }: TablePart, source: number): number {
  const index = spans!.findIndex((span) => span.source === source);
  if (index < 0) return 0;
  const [first, next] = [spans![index]!.first, spans![index + 1]?.first ?? Number.POSITIVE_INFINITY];
  let count = 0;
  for (let row = 0; row < length; row++) if (at[row]! >= first && at[row]! < next) count++;
  return count;
}
