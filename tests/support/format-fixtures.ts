import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { memorySource } from "../../engine/bytes/byte-source.ts";
import { detectEncoding, readLines } from "../../engine/bytes/text.ts";
import type { Format, SourceHints, TextFormat } from "../../engine/formats/format.ts";
import { formats } from "../../engine/formats/index.ts";
import { type Collected, collector } from "./collect.ts";

const FOLDER = join(import.meta.dirname, "..", "formats");
const HEAD_BYTES = 64 * 1024;

/** What a fixture's `.rows.yaml` says: null cells are left out; whatever block is absent is not compared. */
interface Expected {
  readonly origin: string;
  readonly hints?: SourceHints;
  readonly rows?: readonly object[];
  readonly anomalies?: readonly object[];
  readonly coverage?: readonly object[];
  readonly hosts?: readonly object[];
  readonly packets?: number;
  readonly utc?: boolean;
}

export interface Fixture {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

export const fixtures: readonly Fixture[] = readdirSync(FOLDER).flatMap((id) => {
  const files = readdirSync(join(FOLDER, id));
  return files
    .filter((file) => file.endsWith(".rows.yaml"))
    .map((file) => {
      const name = file.replace(/\.rows\.yaml$/, "");
      const input = files.find((candidate) => candidate !== file && candidate.replace(/\.\w+$/, "") === name);
      if (!input) throw new Error(`${id}/${file} has no input beside it`);
      return {
        id,
        name,
        bytes: new Uint8Array(readFileSync(join(FOLDER, id, input))),
        expected: parse(readFileSync(join(FOLDER, id, file), "utf8")) as Expected,
      };
    });
});

async function linesOf(bytes: Uint8Array): Promise<string[]> {
  const encoding = detectEncoding(bytes.subarray(0, HEAD_BYTES));
  const lines: string[] = [];
  if (encoding === null) return lines;
  await readLines(
    memorySource(bytes),
    encoding,
    (some) => lines.push(...some),
    async () => {},
  );
  return lines;
}

export async function claimants(bytes: Uint8Array): Promise<string[]> {
  const binary = formats.filter((format) => format.kind === "binary" && format.detect(bytes.subarray(0, HEAD_BYTES)));
  if (binary.length > 0) return binary.map((format) => format.id);
  const lines = await linesOf(bytes);
  return formats.filter((format) => format.kind === "text" && format.detect(lines)).map((format) => format.id);
}

export async function read(format: Format, bytes: Uint8Array, hints: SourceHints = {}): Promise<Collected> {
  const collected = collector();
  if (format.kind === "binary") await format.parse(memorySource(bytes), collected.emit, hints);
  else feed(format, await linesOf(bytes), collected, hints);
  return collected;
}

export function feed(format: TextFormat, lines: readonly string[], collected: Collected, hints: SourceHints = {}): void {
  const reader = format.reader(collected.emit, hints);
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  reader.end();
}

export const title = ({ id, name }: Fixture) => `${id}/${name}`;
