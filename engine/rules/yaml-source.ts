import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import type { Path } from "../queries/problem.ts";

/** One thing that is wrong in a file, where a person or an editor finds it. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

/** Aliases a rule file may expand to: enough for reuse, too few for a bomb. */
const MAX_ALIASES = 100;

/** A YAML text with its data and the way back from a path in the data to a line. */
export class YamlSource {
  readonly path: string;
  readonly data: unknown;
  readonly problems: readonly Diagnostic[];
  private readonly text: string;
  private readonly document: Document.Parsed;
  private readonly lines = new LineCounter();

  constructor(text: string, path: string) {
    this.path = path;
    this.text = text;
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, logLevel: "error" });
    const problems = [...this.document.errors, ...this.document.warnings].map((error) =>
      this.at(error.pos[0], "yaml", error.message.split("\n")[0]!),
    );
    let data: unknown = null;
    if (problems.length === 0) {
      try {
        data = this.document.toJS({ maxAliasCount: MAX_ALIASES });
      } catch (error) {
        problems.push(this.at(0, "yaml", error instanceof Error ? error.message : String(error)));
      }
    }
    this.data = data;
    this.problems = problems;
  }

  /** A diagnostic at a path, or at the nearest thing above it that exists. */
  diagnostic(path: Path, code: string, message: string, point: { readonly key?: boolean; readonly offset?: number } = {}): Diagnostic {
    return this.at(this.offsetOf(path, point), code, message);
  }

  /** The data with numbers in hexadecimal as texts, `0x274c`, the way they were written. Null where the text has problems. */
  asWritten(): unknown {
    if (this.problems.length > 0) return null;
    if (!/\b0x/i.test(this.text)) return this.data;
    const numbers = new Map<Scalar, unknown>();
    visit(this.document, {
      Scalar(_, node) {
        if (typeof node.value === "number" && node.source !== undefined && /^[-+]?0x/i.test(node.source)) numbers.set(node, node.value);
      },
    });
    // Lent to the tree for a moment: a copy of it would cost as much as parsing did.
    for (const scalar of numbers.keys()) scalar.value = scalar.source;
    const written = this.document.toJS({ maxAliasCount: MAX_ALIASES });
    for (const [scalar, value] of numbers) scalar.value = value;
    return written;
  }

  /** The lines of one entry of a map in the map at `key`, comments and key included, without their indentation; empty if there is none. */
  textOf(key: string, entry: string): string {
    const map = isMap(this.document.contents) ? this.document.contents.get(key, true) : null;
    const pair = isMap(map) ? map.items.find((one) => isScalar(one.key) && String(one.key.value) === entry) : undefined;
    if (!pair) return "";
    const start = startOf(pair.key);
    const end = (pair.value as Node | null)?.range?.[1] ?? start;
    const column = this.lines.linePos(start).col - 1;
    const indent = new RegExp(`^ {0,${column}}`);
    const [first = "", ...rest] = this.text.slice(start, end).trimEnd().split(/\r?\n/);
    return [first, ...rest.map((line) => line.replace(indent, ""))].join("\n");
  }

  private at(offset: number, code: string, message: string): Diagnostic {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.path, line: Math.max(1, line), column: Math.max(1, col), code, message };
  }

  private offsetOf(path: Path, { key, offset }: { readonly key?: boolean; readonly offset?: number }): number {
    let node: unknown = this.document.contents;
    let start = startOf(node);
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.document);
      const entry = isMap(node)
        ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step))
        : isSeq(node)
          ? node.items[step as number]
          : undefined;
      if (entry === undefined) return start;
      if (isPair(entry)) {
        const last = depth === path.length - 1;
        start = startOf((entry as Pair<Node>).key);
        if (last && key) return start;
        node = entry.value;
        if (node !== null && startOf(node) > 0) start = startOf(node);
      } else {
        node = entry;
        start = startOf(node);
      }
    }
    const quoted = isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE");
    const inline = isScalar(node) && (quoted || node.type === "PLAIN");
    return offset !== undefined && inline ? start + offset + (quoted ? 1 : 0) : start;
  }
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
}
