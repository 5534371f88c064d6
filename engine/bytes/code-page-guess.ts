import { type CodePage, codePages, codeUnits } from "./code-pages.ts";

/** Letters beyond ASCII that the languages of Windows' display and formats write. */
const LETTERS = {
  de: "äöüßÄÖÜ",
  fr: "àâçéèêëîïôùûœæÀÂÇÉÈÊËÎÏÔÙÛŒ",
  es: "áéíóúñüÁÉÍÓÚÑªº",
  it: "àèéìòùÀÈÉÌÒÙ",
  pt: "ãõáâàéêíóôúçÃÕÁÂÀÉÊÍÓÔÚÇªº",
  nordic: "åäöæøéÅÄÖÆØÉ",
  is: "áéíóúýðþæöÁÉÍÓÚÝÐÞÆÖ",
  tr: "çğıöşüâîÇĞİÖŞÜÂÎ",
  pl: "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
  cs: "áčďéěíňóřšťúůýžľĺŕôäÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĽÔ",
  hu: "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
  ro: "ăâîşţĂÂÎŞŢ",
  hr: "čćđšžČĆĐŠŽ",
  ru: "абвгдежзийклмнопрстуфхцчшщъыьэюяёґєіїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁҐЄІЇ",
} as const;

type Language = keyof typeof LETTERS;

/** What is tried, the likelier first: of two that explain the bytes equally well the earlier one is taken. */
const CANDIDATES: readonly (readonly [CodePage, readonly Language[]])[] = [
  ["windows-1252", ["de", "fr", "es", "it", "pt", "nordic"]],
  ["ibm850", ["de", "fr", "es", "it", "pt", "nordic"]],
  ["ibm437", ["de", "fr", "es", "it"]],
  ["windows-1254", ["tr"]],
  ["ibm857", ["tr"]],
  ["windows-1251", ["ru"]],
  ["ibm866", ["ru"]],
  ["windows-1250", ["pl", "cs", "hu", "ro", "hr"]],
  ["ibm852", ["pl", "cs", "hu", "ro", "hr"]],
  ["windows-1252", ["is"]],
  ["ibm850", ["is"]],
];

/** Bytes beyond ASCII that are looked at; a text settles the question much earlier. */
const MAX_SAMPLES = 4096;

const Kind = {
  undefined: 0,
  upper: 1,
  lower: 2,
  digit: 3,
  space: 4,
  symbol: 5,
  box: 6,
  opening: 7,
  closing: 8,
  apostrophe: 9,
  dash: 10,
  nbsp: 11,
} as const;

function kindOf(character: string): number {
  if (character === "\ufffd") return Kind.undefined;
  if (/\p{Lu}/u.test(character)) return Kind.upper;
  if (/\p{L}/u.test(character)) return Kind.lower;
  if (/[0-9]/.test(character)) return Kind.digit;
  if (character === "\u00a0") return Kind.nbsp;
  if (/\s/.test(character)) return Kind.space;
  if (/[\u2500-\u25ff]/.test(character)) return Kind.box;
  if (/[„‚“‘«‹¿¡]/.test(character)) return Kind.opening;
  if (/[”»›…]/.test(character)) return Kind.closing;
  if (character === "’") return Kind.apostrophe;
  return /[–—]/.test(character) ? Kind.dash : Kind.symbol;
}

const kindsOfPage = new Map<CodePage, Uint8Array>();

function kinds(page: CodePage): Uint8Array {
  let known = kindsOfPage.get(page);
  if (!known) {
    known = Uint8Array.from(codeUnits(page), (unit) => kindOf(String.fromCharCode(unit)));
    kindsOfPage.set(page, known);
  }
  return known;
}

/**
 * The code page under which bytes beyond ASCII make words: letters some language uses, in the case of their neighbours; quotes
 * where quotes open and close; lines of box characters not torn by letters. It is a judgement. Known to be undecidable, and
 * then taken for the Windows page before the OEM page: a lone `ß` of cp850 (`á` of windows-1252), a lone `à` at the end of a
 * word (`…`), upper-case `Ö` of windows-1252 (`Í` of cp850). cp437 is taken only where its own characters occur.
 */
export function guessCodePage(bytes: Uint8Array): CodePage {
  const samples: number[] = [];
  for (let at = 0; at < bytes.length && samples.length < MAX_SAMPLES; at++) if (bytes[at]! >= 0x80) samples.push(at);
  let [best, bestScore]: [CodePage, number] = ["windows-1252", Number.NEGATIVE_INFINITY];
  for (const [page, languages] of CANDIDATES) {
    const context = samples.map((at) => placing(kinds(page), bytes, at));
    for (const language of languages) {
      const own = new Set([...LETTERS[language]].map((letter) => codePages[page].indexOf(letter) + 0x80));
      let score = 0;
      for (const [index, at] of samples.entries()) score += context[index]! + belonging(kinds(page)[bytes[at]!]!, own.has(bytes[at]!));
      if (score > bestScore) [best, bestScore] = [page, score];
    }
  }
  return best;
}

function isLetter(kind: number): boolean {
  return kind === Kind.upper || kind === Kind.lower;
}

function belonging(kind: number, ofLanguage: boolean): number {
  if (!isLetter(kind)) return 0;
  return ofLanguage ? 2 : -2;
}

/** How well a character beyond ASCII sits between its neighbours, from -6 to 2. */
function placing(kindOfByte: Uint8Array, bytes: Uint8Array, at: number): number {
  const byte = bytes[at]!;
  const kind = kindOfByte[byte]!;
  const before = at > 0 ? kindOfByte[bytes[at - 1]!]! : Kind.space;
  const after = at + 1 < bytes.length ? kindOfByte[bytes[at + 1]!]! : Kind.space;
  const [letterBefore, letterAfter] = [isLetter(before), isLetter(after)];
  const inWord = letterBefore && letterAfter;
  switch (kind) {
    case Kind.undefined:
      return -6;
    case Kind.upper:
    case Kind.lower:
      return placingOfLetter(kindOfByte, bytes, at, kind, before, after);
    case Kind.box:
      if (inWord) return -4;
      return before === Kind.box || after === Kind.box ? 1 : 0;
    case Kind.nbsp:
      if (before === Kind.digit && after === Kind.digit) return 2;
      if (inWord) return -3;
      return letterBefore && /[:;!?%»]/.test(String.fromCharCode(bytes[at + 1] ?? 0x20)) ? 2 : 0;
    case Kind.opening:
      return letterBefore ? -3 : letterAfter ? 2 : 0;
    case Kind.closing:
      return letterAfter ? -3 : letterBefore ? 2 : 0;
    case Kind.apostrophe:
      return letterBefore ? 2 : 0;
    case Kind.dash:
      return letterBefore === letterAfter ? 1 : -1;
    default:
      return inWord ? -3 : 0;
  }
}

function placingOfLetter(kindOfByte: Uint8Array, bytes: Uint8Array, at: number, kind: number, before: number, after: number): number {
  const byte = bytes[at]!;
  // Three of one letter in a row is a drawn line of another page.
  if (bytes[at - 1] === byte && bytes[at + 1] === byte) return -4;
  if (before === Kind.digit || after === Kind.digit) return -2;
  // Standing alone it says little: `à`, but also a stray symbol of another page.
  if (!isLetter(before) && !isLetter(after)) return -2;
  if (kind === Kind.upper && before === Kind.lower) return -3;
  if (kind === Kind.lower && after === Kind.upper) return -3;
  // A Cyrillic letter in a Latin word; only the Cyrillic pages have letters that are not of the Latin script here.
  const ascii = (byteAt: number | undefined) => byteAt !== undefined && byteAt < 0x80 && isLetter(kindOfByte[byteAt]!);
  const cyrillic = kindOfByte === kindsOfPage.get("windows-1251") || kindOfByte === kindsOfPage.get("ibm866");
  return cyrillic && (ascii(bytes[at - 1]) || ascii(bytes[at + 1])) ? -4 : 0;
}
