/** Laying out plain text in columns of terminal cells. */

// East Asian Wide and Fullwidth, and emoji presentation, in the blocks that matter (Unicode 16, EastAsianWidth.txt).
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Terminal cells one character takes: 0 for combining marks, 2 for East Asian wide ones. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Terminal cells a text takes; the text must hold no escape sequences. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** Breaks at blanks into lines of at most `width` cells; a word that is longer is cut. Never returns an empty list. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(2, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/).filter((part) => part !== "")) {
    if (line !== "" && textWidth(line) + 1 + textWidth(word) <= room) line += ` ${word}`;
    else {
      if (line !== "") lines.push(line);
      const pieces = cut(word, room);
      lines.push(...pieces.slice(0, -1));
      line = pieces.at(-1)!;
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

function cut(word: string, width: number): string[] {
  if (textWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of word) {
    const next = characterWidth(character);
    if (used + next > width) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += next;
  }
  return [...pieces, piece];
}

/** One column of a row: its text (each entry wrapped on its own), its width in cells, and how a finished line is painted. */
export interface Cell {
  readonly text: string | readonly string[];
  readonly width: number;
  readonly paint?: (line: string) => string;
  /** Blanks before the next column; 2 if not given. */
  readonly gap?: number;
}

/** Sets cells side by side, as many lines as the tallest needs. Trailing blanks are left off. */
export function layoutRow(indent: number, cells: readonly Cell[]): string[] {
  const columns = cells.map(({ text, width }) => (typeof text === "string" ? [text] : text).flatMap((entry) => wrap(entry, width)));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    const last = columns.findLastIndex((lines) => (lines[row] ?? "") !== "");
    const parts = cells.slice(0, last + 1).map(({ width, paint, gap = 2 }, column) => {
      const line = columns[column]![row] ?? "";
      const blanks = column === last ? "" : " ".repeat(Math.max(0, width - textWidth(line)) + gap);
      return (line === "" || !paint ? line : paint(line)) + blanks;
    });
    return (" ".repeat(indent) + parts.join("")).trimEnd();
  });
}
