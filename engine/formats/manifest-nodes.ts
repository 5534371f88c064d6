import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";

/** Something in `bundle.yaml` that could not be used; the rest of it was. */
export interface ManifestWarning {
  readonly path: string;
  readonly code: string;
  /** Begins with `line:column`, both from 1. */
  readonly text: string;
  /** Line, 0 for the whole file. */
  readonly at: number;
  readonly count: number;
}

/** Anchors are convenient; a file that needs more of them than this was made to expand. */
const MAX_ALIASES = 200;
/** Warnings beyond which a file says nothing new. */
const MAX_WARNINGS = 100;
const MAX_TEXT = 400;

/** Reads the nodes of one YAML document and writes down what is wrong with them, with line and column. Never throws. */
export class ManifestNodes {
  readonly root: Node | null;
  readonly warnings: ManifestWarning[] = [];
  private readonly path: string;
  private readonly lines = new LineCounter();
  private readonly document: Document | null = null;
  private aliases = 0;

  constructor(text: string, path: string) {
    this.path = path;
    try {
      // Every scalar is text, so that 2013-01-08 and +0200 are what was written. Keys are checked here: the library compares each with each.
      const document = parseDocument(text, {
        schema: "failsafe",
        uniqueKeys: false,
        lineCounter: this.lines,
        prettyErrors: false,
        logLevel: "silent",
      });
      for (const problem of [...document.errors, ...document.warnings]) this.warnAt(problem.pos[0], "syntax", problem.message);
      this.document = document;
      this.root = document.contents as Node | null;
    } catch (error) {
      // Nesting thousands deep exhausts the parser's stack.
      this.warnAt(null, "syntax", error instanceof Error ? error.message : String(error));
      this.root = null;
    }
  }

  /** Writes a warning at a node. */
  warn(node: unknown, code: string, text: string): void {
    const range =
      node !== null && typeof node === "object" && "range" in node ? (node.range as readonly number[] | null | undefined) : null;
    this.warnAt(range?.[0] ?? null, code, text);
  }

  private warnAt(offset: number | null, code: string, text: string): void {
    if (this.warnings.length >= MAX_WARNINGS) return;
    const place = offset === null ? null : this.lines.linePos(offset);
    this.warnings.push({
      path: this.path,
      code: `bundle-manifest.${code}`,
      text: (place ? `${place.line}:${place.col} ${text}` : text).slice(0, MAX_TEXT),
      at: place?.line ?? 0,
      count: 1,
    });
  }

  private resolved(node: unknown): unknown {
    if (!isAlias(node) || !this.document) return node;
    if (++this.aliases > MAX_ALIASES) {
      if (this.aliases === MAX_ALIASES + 1) this.warn(node, "aliases", `more than ${MAX_ALIASES} aliases: the rest is not read`);
      return null;
    }
    return node.resolve(this.document) ?? null;
  }

  /** Text of a scalar; null with a warning for anything else, and for an empty one. */
  text(node: unknown, what: string): string | null {
    const scalar = this.resolved(node);
    // A tag the library knows, such as !!timestamp, would make something else of the text.
    const value = isScalar(scalar) ? (typeof scalar.value === "string" ? scalar.value : (scalar.source ?? "")).trim() : "";
    if (value !== "") return value;
    this.warn(node, "invalid-value", `${what} must be text`);
    return null;
  }

  /** Texts of a list, or of one scalar in its place. */
  texts(node: unknown, what: string): { readonly text: string; readonly node: unknown }[] {
    const list = this.resolved(node);
    return (isSeq(list) ? list.items : [node]).flatMap((item) => {
      const text = this.text(item, what);
      return text === null ? [] : [{ text, node: item }];
    });
  }

  /** Items of a list. */
  items(node: unknown, what: string): unknown[] {
    const list = this.resolved(node);
    if (isSeq(list)) return list.items;
    this.warn(node, "invalid-value", `${what} must be a list`);
    return [];
  }

  /** Pairs of a map in order, a key given twice only once; `known` lists the keys there are, null where any may stand. */
  pairs(
    node: unknown,
    what: string,
    known: readonly string[] | null,
  ): { readonly key: string; readonly keyNode: unknown; readonly value: unknown }[] {
    const map = this.resolved(node);
    if (!isMap(map)) {
      this.warn(node, "invalid-value", `${what} must be a map of keys and values`);
      return [];
    }
    const seen = new Set<string>();
    return (map as YAMLMap).items.flatMap(({ key: keyNode, value }) => {
      const key = this.text(keyNode, `a key of ${what}`);
      if (key === null) return [];
      if (known && !known.includes(key)) this.warn(keyNode, "unknown-key", `${what} has no key "${key}"; there are ${known.join(", ")}`);
      else if (seen.has(key)) this.warn(keyNode, "duplicate-key", `"${key}" stands twice in ${what}; the first is taken`);
      else {
        seen.add(key);
        return [{ key, keyNode, value }];
      }
      return [];
    });
  }
}
