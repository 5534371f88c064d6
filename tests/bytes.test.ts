import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteSource, memorySource } from "../engine/bytes/byte-source.ts";
import { createSha256 } from "../engine/bytes/sha256.ts";
import { detectEncoding, MAX_LINE_CHARACTERS, readLines, type TextEncoding, type TextOutcome } from "../engine/bytes/text.ts";
import {
  civilToNanoseconds,
  filetimeToNanoseconds,
  formatIsoTime,
  parseDuration,
  parseIsoTime,
  parseUtcOffset,
} from "../engine/bytes/time.ts";

const SEED = { seed: 20130108, numRuns: 200 };
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const ascii = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16le = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"));
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16());
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

async function linesOf(source: Uint8Array | ByteSource, encoding: TextEncoding): Promise<{ lines: string[]; outcome: TextOutcome }> {
  const lines: string[] = [];
  const outcome = await readLines(
    source instanceof Uint8Array ? memorySource(source) : source,
    encoding,
    (some, first) => {
      expect(first).toBe(lines.length + 1);
      lines.push(...some);
    },
    async () => {},
  );
  expect(outcome.lines).toBe(lines.length);
  return { lines, outcome };
}

describe("detectEncoding", () => {
  it.each([
    ["plain ASCII", ascii("Active Connections\r\n"), "utf-8"],
    ["nothing at all", new Uint8Array(0), "utf-8"],
    ["UTF-8", utf8("Größe → 3389"), "utf-8"],
    ["UTF-8 with a mark", join(hex("EFBBBF"), ascii("a,b")), "utf-8"],
    ["UTF-8 with one byte broken", join(utf8("für über Köln schön"), hex("FF")), "utf-8"],
    ["UTF-16LE with a mark", join(hex("FFFE"), utf16le("Windows Registry Editor")), "utf-16le"],
    ["UTF-16BE with a mark", join(hex("FEFF"), utf16be("abc")), "utf-16be"],
    ["UTF-16LE without a mark", utf16le("Windows Registry Editor Version 5.00\r\n"), "utf-16le"],
    ["UTF-16BE without a mark", utf16be("Windows Registry Editor Version 5.00\r\n"), "utf-16be"],
    ["Russian UTF-16LE without a mark", utf16le("Активные подключения\r\n  TCP 0.0.0.0:135\r\n"), "utf-16le"],
    ["Japanese UTF-16LE without a mark", utf16le("アクティブな接続\r\n  プロトコル  ローカル アドレス  状態\r\n"), "utf-16le"],
    ["a log allocated in advance", join(ascii("first line\r\nsecond\r\n"), new Uint8Array(5000)), "utf-8"],
    ["UTF-16 allocated in advance", join(utf16le("first line\r\nsecond\r\n"), new Uint8Array(5000)), "utf-16le"],
    ["text with a stray NUL", ascii("line one\r\nline\0two\r\n"), "utf-8"],
  ])("reads %s", (_, bytes, encoding) => expect(detectEncoding(bytes)).toBe(encoding));

  it.each([
    ["a libpcap header", hex("d4c3b2a1 02000400 00000000 00000000 ffff0000 01000000 40e0ea50 12340500 3c000000 3c000000")],
    ["a pcapng section header", hex("0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff 1c000000")],
    [
      "an event log header",
      join(ascii("ElfFile\0"), hex("00000000 00000000 01000000 00000000 1402000000000000 80000000 01000300 00100200")),
    ],
    ["zeros", new Uint8Array(100).fill(1)],
    ["16-bit counters", new Uint8Array(Uint16Array.from({ length: 200 }, (_, i) => i * 7).buffer)],
    [
      "a hash",
      new Uint8Array(Array.from({ length: 64 }, (_, i) => createHash("sha256").update(String(i)).digest()).flatMap((d) => [...d])),
    ],
  ])("does not take %s for text", (_, bytes) => expect(detectEncoding(bytes)).toBeNull());

  // Bytes as Windows' own commands write them, spelled out; the code charts give the letters.
  it.each([
    ["German netstat in cp850", "41 42 48 99 52 45 4E", "ibm850", "ABHÖREN"],
    ["German ipconfig in cp850", "9A 62 65 72 74 72 61 67 75 6E 67 20 66 81 72", "ibm850", "Übertragung für"],
    ["German in windows-1252", "DC 62 65 72 74 72 61 67 75 6E 67 20 66 FC 72", "windows-1252", "Übertragung für"],
    ["French netstat in cp850", "90 74 61 74 20 64 82 70 61 73 73 82", "ibm850", "État dépassé"],
    ["French in windows-1252", "C9 74 61 74 20 64 E9 70 61 73 73 E9 A0 3A", "windows-1252", "État dépassé\u00a0:"],
    ["Spanish netstat in cp850", "44 69 72 65 63 63 69 A2 6E 20 61 A4 6F", "ibm850", "Dirección año"],
    ["Spanish in windows-1252", "44 69 72 65 63 63 69 F3 6E 20 61 F1 6F", "windows-1252", "Dirección año"],
    ["Turkish netstat in cp857", "44 98 4E 4C 45 4E 98 59 4F 52", "ibm857", "DİNLENİYOR"],
    ["Turkish in windows-1254", "44 DD 4E 4C 45 4E DD 59 4F 52 20 42 61 F0 6C 61 6E 74 FD", "windows-1254", "DİNLENİYOR Bağlantı"],
    ["Russian in windows-1251", "C0 EA F2 E8 E2 ED FB E5 20 EF EE E4 EA EB FE F7 E5 ED E8 FF", "windows-1251", "Активные подключения"],
    ["Russian in cp866", "80 AA E2 A8 A2 AD EB A5 20 AF AE A4 AA AB EE E7 A5 AD A8 EF", "ibm866", "Активные подключения"],
    ["Polish in windows-1250", "50 6F B3 B9 63 7A 65 6E 69 61", "windows-1250", "Połączenia"],
    ["Polish in cp852", "50 6F 88 A5 63 7A 65 6E 69 61", "ibm852", "Połączenia"],
    ["typographic quotes in windows-1252", "93 64 6F 6E 92 74 94 20 96 20 85", "windows-1252", "“don’t” – …"],
    ["tree's lines in cp850", "C3 C4 C4 C4 57 69 6E 64 6F 77 73 0D 0A C0 C4 C4 C4 66 81 72", "ibm850", "├───Windows\r\n└───für"],
    ["box characters only cp437 has", "C9 CD CD CD CD D1 CD CD CD CD B8 20 D5 CD CD CD", "ibm437", "╔════╤════╕ ╒═══"],
  ])("tells %s", async (_, bytes, encoding, text) => {
    expect(detectEncoding(hex(bytes))).toBe(encoding);
    expect((await linesOf(hex(bytes), encoding as TextEncoding)).lines.join("\r\n")).toBe(text);
  });

  it("answers for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(["object", "string"]).toContain(typeof detectEncoding(bytes));
      }),
      SEED,
    );
  });
});

describe("readLines", () => {
  it.each([
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["LF", "a\n\nb", ["a", "", "b"]],
    ["a lone CR", "a\rb\r", ["a", "b"]],
    ["all three mixed", "a\r\nb\rc\nd", ["a", "b", "c", "d"]],
    ["CR CR LF, as wmic redirected writes it", "a\r\r\nb", ["a", "", "b"]],
    ["one empty line", "\n", [""]],
    ["nothing", "", []],
    ["NUL bytes", "a\0b\nc", ["a\0b", "c"]],
    ["form feed and NEL, which end no line", "a\fb\u0085c", ["a\fb\u0085c"]],
  ])("ends lines at %s", async (_, text, lines) => {
    expect((await linesOf(utf8(text), "utf-8")).lines).toEqual(lines);
    expect((await linesOf(utf16le(text), "utf-16le")).lines).toEqual(lines);
    expect((await linesOf(utf16be(text), "utf-16be")).lines).toEqual(lines);
  });

  it.each([
    ["utf-8", join(hex("EFBBBF"), utf8("ä\nb"))],
    ["utf-16le", join(hex("FFFE"), utf16le("ä\nb"))],
    ["utf-16be", join(hex("FEFF"), utf16be("ä\nb"))],
  ] as const)("takes no byte order mark for text: %s", async (encoding, bytes) =>
    expect((await linesOf(bytes, encoding)).lines).toEqual(["ä", "b"]),
  );

  it("counts what is not valid and says where it began", async () => {
    const { lines, outcome } = await linesOf(join(utf8("fine ä ö ü ß é\nalso\nbro"), hex("FF"), ascii("ken"), hex("C3")), "utf-8");
    expect(lines[2]).toBe("bro\ufffdken\ufffd");
    expect(outcome).toMatchObject({ invalidSequences: 2, firstInvalidLine: 3 });
  });

  it("learns the code page of a text that begins in ASCII", async () => {
    const text = join(ascii("0123456789ABCDE\r\n".repeat(100_000)), hex("41 42 48 99 52 45 4E"));
    expect(detectEncoding(text.subarray(0, 65536))).toBe("utf-8");
    const { lines, outcome } = await linesOf(text, "utf-8");
    expect(lines.at(-1)).toBe("ABHÖREN");
    expect(outcome).toMatchObject({ encoding: "ibm850", invalidSequences: 0, lines: 100_001 });
  });

  it("cuts an over-long line, says so and goes on", async () => {
    const long = "x".repeat(3 * MAX_LINE_CHARACTERS + 5);
    const { lines, outcome } = await linesOf(ascii(`one\r\n${long}\r\nthree\n${long}`), "utf-8");
    expect(lines.map((line) => line.length)).toEqual([3, MAX_LINE_CHARACTERS, 5, MAX_LINE_CHARACTERS]);
    expect(outcome).toMatchObject({ cutLines: 2, firstCutLine: 2 });
  });

  it("keeps memory flat over hundreds of megabytes", async () => {
    const line = utf8("08:54:40  10.0.107.58 → 10.7.3.187  TCP 66 49152 → 3389 [SYN]\r\n");
    const size = 64 * 1024 * 1024;
    const source: ByteSource = {
      size,
      sequential: true,
      async read(target, position) {
        const count = Math.min(target.length, size - position);
        for (let at = 0; at < count; ) {
          const from = (position + at) % line.length;
          const part = line.subarray(from, Math.min(line.length, from + count - at));
          target.set(part, at);
          at += part.length;
        }
        return count;
      },
      async close() {},
    };
    let [lines, most, ticks] = [0, 0, 0];
    const outcome = await readLines(
      source,
      "utf-8",
      (some) => {
        lines += some.length;
        most = Math.max(most, some.length);
      },
      async (bytes) => {
        expect(bytes).toBe(Math.min(size, ++ticks * (1 << 20)));
      },
    );
    expect(lines).toBe(Math.ceil(size / line.length));
    expect(outcome).toMatchObject({ lines, bytes: size, invalidSequences: 0 });
    expect(most).toBeLessThan(5000);
  });

  it("gives the same lines wherever reads end", async () => {
    const text = fc
      .array(fc.constantFrom("a", "ä", "→", "😀", "\r", "\n", "\r\n", "\0", "word "), { maxLength: 60 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 3, max: 9 }),
        fc.constantFrom("utf-8" as const, "utf-16le" as const, "utf-16be" as const),
        async (content, step, encoding) => {
          const bytes = { "utf-8": utf8, "utf-16le": utf16le, "utf-16be": utf16be }[encoding](content);
          const whole = memorySource(bytes);
          const dribble: ByteSource = { ...whole, read: (target, position) => whole.read(target.subarray(0, step), position) };
          const expected = content.split(/\r\n|\r|\n/);
          if (expected.at(-1) === "") expected.pop();
          expect((await linesOf(dribble, encoding)).lines).toEqual(expected);
        },
      ),
      SEED,
    );
  });
});

describe("createSha256", () => {
  // FIPS 180-4 example values, as NIST publishes them.
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
  ])("hashes %j", (text, digest) => {
    const hasher = createSha256();
    hasher.update(ascii(text));
    expect(hasher.digestHex()).toBe(digest);
  });

  it("equals the native one however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (parts) => {
        const hasher = createSha256();
        for (const part of parts) hasher.update(part);
        expect(hasher.digestHex()).toBe(createHash("sha256").update(Buffer.concat(parts)).digest("hex"));
      }),
      SEED,
    );
  });

  it("equals the native one over many blocks, from any place in a buffer", () => {
    const content = new Uint8Array(1 << 17);
    for (let at = 0; at < content.length; at++) content[at] = (at * 2_654_435_761) >>> 24;
    const place = fc.integer({ min: 0, max: content.length });
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 6 }), (places) => {
        const [first, ...rest] = places.toSorted((a, b) => a - b);
        const hasher = createSha256();
        let from = first!;
        for (const to of rest) {
          hasher.update(content.subarray(from, to));
          from = to;
        }
        expect(hasher.digestHex()).toBe(createHash("sha256").update(content.subarray(first, from)).digest("hex"));
      }),
      SEED,
    );
  });

  it.each(Array.from({ length: 130 }, (_, length) => length))("pads %i bytes", (length) => {
    const bytes = new Uint8Array(length).fill(0xa5);
    const hasher = createSha256();
    hasher.update(bytes);
    expect(hasher.digestHex()).toBe(createHash("sha256").update(bytes).digest("hex"));
  });
});

describe("time", () => {
  it("reads a FILETIME", () => {
    expect(filetimeToNanoseconds(116444736000000000n)).toBe(0n);
    // 2013-01-08T08:54:40.1234567Z is 1357635280 s after 1970.
    expect(filetimeToNanoseconds(130021088801234567n)).toBe(1357635280123456700n);
    expect(formatIsoTime(filetimeToNanoseconds(0n))).toBe("1601-01-01T00:00:00Z");
  });

  it.each([
    [{ year: 2013, month: 13, day: 1 }],
    [{ year: 2013, month: 0, day: 1 }],
    [{ year: 2013, month: 2, day: 29 }],
    [{ year: 1900, month: 2, day: 29 }],
    [{ year: 2013, month: 4, day: 31 }],
    [{ year: 0, month: 1, day: 1 }],
    [{ year: 2013, month: 1, day: 1, hour: 24 }],
    [{ year: 2013, month: 1, day: 1, minute: 60 }],
    [{ year: 2013, month: 1, day: 1, second: 61 }],
    [{ year: 2013.5, month: 1, day: 1 }],
    [{ year: Number.NaN, month: 1, day: 1 }],
  ])("knows no such moment as %j", (civil) => expect(civilToNanoseconds(civil)).toBeNull());

  it("counts as Date does, from year 1 to 9999", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
        (date) => {
          const civil = {
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
            day: date.getUTCDate(),
            hour: date.getUTCHours(),
            minute: date.getUTCMinutes(),
            second: date.getUTCSeconds(),
          };
          const expected = BigInt(Math.floor(date.getTime() / 1000)) * 1_000_000_000n;
          expect(civilToNanoseconds(civil)).toBe(expected);
          expect(formatIsoTime(expected)).toBe(new Date(Number(expected / 1_000_000n)).toISOString().replace(".000Z", "Z"));
        },
      ),
      { ...SEED, numRuns: 1000 },
    );
  });

  it.each([
    ["2013-01-08T08:54:40Z", 1357635280_000000000n, 0],
    ["2013-01-08T10:54:40.5+02:00", 1357635280_500000000n, 120],
    ["2013-01-07T23:24:40,1234567-09:30", 1357635280_123456700n, -570],
    ["2013-01-08 08:54:40.1234567899Z", 1357635280_123456789n, 0],
    ["2013-01-08T08:54:40", 1357635280_000000000n, null],
    ["2013-01-08T08:54", 1357635240_000000000n, null],
    ["2013-01-08", 1357603200_000000000n, null],
    ["2012-06-30T23:59:60Z", 1341100800_000000000n, 0],
  ])("reads %s", (text, time, offset) => expect(parseIsoTime(text)).toEqual({ time, offset }));

  it.each([
    "",
    "2013-13-01",
    "2013-02-30T00:00:00Z",
    "2013-01-08T25:00:00Z",
    "08.01.2013",
    "2013-01-08T08:54:40+24:00",
    "2013-01-08T08:54:40.Z",
    "x2013-01-08",
  ])("does not read %j", (text) => expect(parseIsoTime(text)).toBeNull());

  it("writes what it reads", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -62135596800_000000000n, max: 253402300799_999999999n }), (time) => {
        expect(parseIsoTime(formatIsoTime(time))).toEqual({ time, offset: 0 });
      }),
      SEED,
    );
  });

  it.each([
    ["Z", 0],
    ["UTC", 0],
    ["+02:00", 120],
    ["-0930", -570],
    ["UTC+5:30", 330],
    ["+2", 120],
    ["Europe/Berlin", null],
    ["+25:00", null],
    ["2", null],
  ])("reads the offset %s", (text, minutes) => expect(parseUtcOffset(text)).toBe(minutes));

  it.each([
    ["500ms", 0.5],
    ["2m", 120],
    ["1s", 1],
    ["1h", 3600],
    ["30us", 0.00003],
    ["30µs", 0.00003],
    ["7ns", 7e-9],
    ["1d", 86400],
    ["1.5h", 5400],
    ["0s", 0],
    ["5", null],
    ["", null],
    ["-1s", null],
    ["1 s", null],
    ["1e3s", null],
    [".5s", null],
    ["1w", null],
  ])("reads the duration %j", (text, seconds) => expect(parseDuration(text)).toBe(seconds));
});
