import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
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
  private readonly document: Document.Parsed;
  private readonly lines = new LineCounter();

  constructor(text: string, path: string) {
    this.path = path;
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
