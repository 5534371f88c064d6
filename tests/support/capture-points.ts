import { memorySource } from "../../engine/bytes/byte-source.ts";
import { analyseSource } from "../../engine/derive/analyse-source.ts";
import { type Correlation, correlate } from "../../engine/derive/correlate.ts";
import type { AnalysedCapture } from "../../engine/derive/source-result.ts";
import type { SourceHints } from "../../engine/formats/format.ts";
import { tableDeclaration } from "../../engine/tables/index.ts";
import { Table, type Value } from "../../engine/tables/table.ts";

/** One file of a bundle as a test hands it over. */
export interface TestFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly hints?: SourceHints;
}

/** Reads capture files with everything pairing needs; source numbers are places in the list. */
export async function analyseCaptures(files: readonly TestFile[]): Promise<AnalysedCapture[]> {
  const captures: AnalysedCapture[] = [];
  for (const [source, { path, content, hints = {} }] of files.entries()) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const file = { path, size: bytes.length, open: async () => memorySource(bytes) };
    const services = { createHasher: () => ({ update() {}, digestHex: () => "" }), progress: async () => {} };
    const [result] = await analyseSource({ files: [{ source, file, hints }], segments: true, hash: false }, services);
    captures.push(...result!.captures);
  }
  return captures;
}

export async function correlateFiles(files: readonly TestFile[]): Promise<Correlation> {
  return correlate(
    await analyseCaptures(files),
    files.map(({ path, hints = {} }) => ({ path, hints })),
  );
}

/** Rows of one table of a correlation, as objects. */
export function rowsOf({ parts }: Pick<Correlation, "parts">, name: string): Record<string, Value>[] {
  const declaration = tableDeclaration(name)!;
  const table = new Table(
    declaration,
    parts.filter((part) => part.table === name),
  );
  const columns = Object.keys(declaration.columns);
  return Array.from({ length: table.length }, (_, row) => Object.fromEntries(columns.map((column) => [column, table.value(row, column)])));
}

/** Frame numbers a citation column holds, `source:frame`. */
export function framesOf(value: Value | undefined): string[] {
  return (Array.isArray(value) ? (value as { source: number; at: number }[]) : []).map(({ source, at }) => `${source}:${at}`);
}
