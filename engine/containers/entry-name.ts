import { codeUnits } from "../bytes/code-pages.ts";

const MAX_NAME_CHARACTERS = 1024;

/** Text of a name's bytes: UTF-8 where they are, else code page 437, which APPNOTE.TXT appendix D names for zip. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const table = codeUnits("ibm437");
    return Array.from(bytes, (byte) => String.fromCharCode(table[byte]!)).join("");
  }
}

/** Characters that could forge a line of a report or turn its writing direction. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * An entry's name as a path with `/` inside its archive, or why it is refused. Nothing is ever written under such a name; it is
 * refused because an archive with such names was made to attack, and because a path must mean one thing.
 */
export function entryPath(name: string): { path: string } | { refused: "traversal-name" | "absolute-name" | "unusable-name" } {
  if (name.length > MAX_NAME_CHARACTERS || name.includes("\0")) return { refused: "unusable-name" };
  if (/^(?:[/\\]|[A-Za-z]:)/.test(name)) return { refused: "absolute-name" };
  const parts = name.split(/[/\\]/);
  if (parts.includes("..")) return { refused: "traversal-name" };
  const path = parts.filter((part) => part !== "" && part !== ".").join("/");
  return path === "" ? { refused: "unusable-name" } : { path: path.replace(UNPRINTABLE, "\ufffd") };
}

/** A name as warnings show it: bounded, and without characters that could forge a line. */
export function quoted(name: string): string {
  const safe = name.replace(UNPRINTABLE, "\ufffd");
  return `"${safe.length > 120 ? `${safe.slice(0, 120)}…` : safe}"`;
}

/** What macOS adds to archives beside the files themselves. */
export function isDesktopClutter(path: string): boolean {
  return /(?:^|\/)(?:__MACOSX\/|\.DS_Store$)/.test(path);
}

/** Hands out paths so that no two files of a bundle have the same: the second `a.txt` is `a (2).txt`. */
export class PathRegistry {
  private readonly taken = new Map<string, number>();

  claim(path: string): string {
    const seen = this.taken.get(path);
    if (seen === undefined) {
      this.taken.set(path, 1);
      return path;
    }
    const dot = path.indexOf(".", path.lastIndexOf("/") + 2);
    const [stem, rest] = dot < 0 ? [path, ""] : [path.slice(0, dot), path.slice(dot)];
    for (let number = seen + 1; ; number++) {
      const candidate = `${stem} (${number})${rest}`;
      if (this.taken.has(candidate)) continue;
      this.taken.set(path, number);
      this.taken.set(candidate, 1);
      return candidate;
    }
  }
}
