import type { ByteSource } from "./byte-source.ts";
import { codeUnits } from "./code-pages.ts";
import { byteOrderMark, characterBoundary, detectEncoding, type TextEncoding } from "./encoding.ts";

export { detectEncoding, type TextEncoding } from "./encoding.ts";

/** Bytes asked of the source at a time. */
const CHUNK_BYTES = 1 << 20;
/** Bytes decoded at a time: a line that someone keeps holds on to the text it was cut from, so that text is kept short. */
const BLOCK_BYTES = 64 * 1024;
/** Characters of a line beyond which the rest of it is dropped. */
export const MAX_LINE_CHARACTERS = 1 << 20;
/** Characters of a line beyond which it is handed over in pieces, each ending behind a `>`: the Event Viewer saves a whole log as one line of XML. */
const PIECE_CHARACTERS = 256 * 1024;

/** What reading the lines of a text came across. Line numbers are from 1, and 0 where there is none. */
export interface TextOutcome {
  /** The encoding used in the end: a text that begins in ASCII shows its code page only where the first other byte stands. */
  readonly encoding: TextEncoding;
  readonly lines: number;
  readonly bytes: number;
  /** Lines longer than `MAX_LINE_CHARACTERS`, cut to that. */
  readonly cutLines: number;
  readonly firstCutLine: number;
  /** Byte sequences the encoding does not have; each is U+FFFD in the lines. */
  readonly invalidSequences: number;
  readonly firstInvalidLine: number;
}

/**
 * Reads a text of any size and hands over its lines without their ends, some at a time; `firstNumber` is the number of the first
 * of them. A long line of XML comes in several pieces under one number. CRLF, LF and a lone CR each end a line, so numbers are those an editor shows; a last line needs no end. NUL bytes stay
 * in the line. Memory is flat. Rejects only when the source or `progress` does; `progress` gets the bytes read so far.
 */
export async function readLines(
  source: ByteSource,
  encoding: TextEncoding,
  onLines: (lines: readonly string[], firstNumber: number) => void,
  progress: (bytes: number) => Promise<void>,
): Promise<TextOutcome> {
  const splitter = new LineSplitter(onLines);
  // A small text needs no more than itself, and a byte to see its end; up to three bytes of a character are held over.
  const chunk = Math.min(CHUNK_BYTES, (source.size ?? CHUNK_BYTES) + 1);
  const buffer = new Uint8Array(chunk + 4);
  let [position, held] = [0, 0];
  let decoder = createDecoder(encoding);
  // Only where nothing but ASCII has been seen may a later byte still tell the code page.
  let ascii = encoding === "utf-8";
  for (;;) {
    const count = await source.read(buffer.subarray(held, held + chunk), position);
    const filled = held + count;
    const mark = position === 0 ? byteOrderMark(buffer.subarray(0, filled)) : null;
    if (mark) ascii = false;
    let at = mark?.encoding === encoding ? mark.length : 0;
    position += count;
    while (at < filled) {
      const whole = count === 0 ? filled : characterBoundary(buffer, at, filled, "utf-8");
      if (ascii && !isAscii(buffer, at, Math.min(whole, at + BLOCK_BYTES))) {
        ascii = false;
        const seen = detectEncoding(buffer.subarray(at, whole));
        if (seen !== null && seen !== "utf-16le" && seen !== "utf-16be") decoder = createDecoder(seen);
      }
      const end = Math.min(at + BLOCK_BYTES, filled);
      const cut = count === 0 ? end : characterBoundary(buffer, at, end, decoder.encoding);
      if (cut <= at) break;
      splitter.add(decoder.decode(buffer.subarray(at, cut)));
      at = cut;
    }
    buffer.copyWithin(0, at, filled);
    held = filled - at;
    if (count === 0) break;
    await progress(position);
  }
  splitter.end();
  return { encoding: decoder.encoding, bytes: position, ...splitter.outcome() };
}

interface Decoder {
  readonly encoding: TextEncoding;
  /** Text of bytes that begin and end on a character boundary. */
  decode(bytes: Uint8Array): string;
}

function createDecoder(encoding: TextEncoding): Decoder {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  if (encoding === "utf-8") return { encoding, decode: (bytes) => utf8.decode(bytes) };
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    const utf16 = new TextDecoder(encoding, { ignoreBOM: true });
    return { encoding, decode: (bytes) => utf16.decode(bytes) };
  }
  const table = codeUnits(encoding);
  const units = new DataView(new ArrayBuffer(2 * BLOCK_BYTES));
  const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });
  return {
    encoding,
    decode(bytes) {
      if (isAscii(bytes, 0, bytes.length)) return utf8.decode(bytes);
      for (let at = 0; at < bytes.length; at++) units.setUint16(2 * at, table[bytes[at]!]!, true);
      return utf16.decode(new Uint8Array(units.buffer, 0, 2 * bytes.length));
    },
  };
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** Joins blocks of text and cuts them into numbered lines. */
class LineSplitter {
  private readonly onLines: (lines: readonly string[], firstNumber: number) => void;
  private lines: string[] = [];
  private number = 0;
  /** The line begun; ends in CR while it is not known whether an LF follows. */
  private begun = "";
  /** The line begun is full: what follows up to its end is dropped. */
  private full = false;
  private cutLines = 0;
  private firstCutLine = 0;
  private invalidSequences = 0;
  private firstInvalidLine = 0;

  constructor(onLines: (lines: readonly string[], firstNumber: number) => void) {
    this.onLines = onLines;
  }

  add(block: string): void {
    const invalid = countReplaced(block);
    this.invalidSequences += invalid;
    let text = block;
    if (this.full) {
      const end = text.search(/[\r\n]/);
      if (end < 0) return;
      text = text.slice(end);
      this.full = false;
      this.countCut(this.number + 1);
    }
    const pieces = (this.begun + text).split("\n");
    const last = pieces.pop()!;
    for (const piece of pieces) this.addLine(piece.endsWith("\r") ? piece.slice(0, -1) : piece);
    this.begin(last);
    if (invalid > 0 && this.firstInvalidLine === 0) {
      const index = this.lines.findIndex((line) => line.includes("\ufffd"));
      this.firstInvalidLine = index < 0 ? this.number + 1 : this.number - this.lines.length + 1 + index;
    }
    this.flush();
  }

  end(): void {
    const [complete, rest] = this.begun.endsWith("\r") ? [true, this.begun.slice(0, -1)] : [false, this.begun];
    if (this.full) this.countCut(this.number + 1);
    if (complete || rest !== "") this.addLine(rest);
    this.begun = "";
    this.flush();
  }

  outcome() {
    const { number: lines, cutLines, firstCutLine, invalidSequences, firstInvalidLine } = this;
    return { lines, cutLines, firstCutLine, invalidSequences, firstInvalidLine };
  }

  /** A piece that ended in LF or CRLF; a CR inside it ended a line too. */
  private addLine(piece: string): void {
    if (!piece.includes("\r")) this.push(piece);
    else for (const line of piece.split("\r")) this.push(line);
  }

  /** The piece after the last LF: lines in it that a CR ended are complete, unless the CR is its last character. */
  private begin(piece: string): void {
    const lastCr = piece.lastIndexOf("\r", piece.length - 2);
    const complete = piece.length > 1 && lastCr >= 0 ? piece.slice(0, lastCr) : null;
    if (complete !== null) this.addLine(complete);
    this.begun = complete === null ? piece : piece.slice(lastCr + 1);
    if (this.begun.length > PIECE_CHARACTERS) this.handOverPieces();
    if (this.begun.length > MAX_LINE_CHARACTERS && !this.begun.endsWith("\r")) {
      this.begun = this.begun.slice(0, MAX_LINE_CHARACTERS);
      this.full = true;
    }
  }

  /** Hands over the line begun up to its last `>`; the rest of it keeps its number. */
  private handOverPieces(): void {
    const end = this.begun.lastIndexOf(">") + 1;
    if (end === 0) return;
    this.flush();
    this.onLines([this.begun.slice(0, end)], this.number + 1);
    this.begun = this.begun.slice(end);
  }

  private push(line: string): void {
    this.number++;
    if (line.length > MAX_LINE_CHARACTERS) {
      this.countCut(this.number);
      this.lines.push(line.slice(0, MAX_LINE_CHARACTERS));
    } else this.lines.push(line);
  }

  private countCut(number: number): void {
    if (this.cutLines++ === 0) this.firstCutLine = number;
  }

  private flush(): void {
    if (this.lines.length === 0) return;
    this.onLines(this.lines, this.number - this.lines.length + 1);
    this.lines = [];
  }
}

function countReplaced(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) count++;
  return count;
}
