import type { Entry } from "./catalogue.ts";

/**
 * Codes, article numbers, ports, events, versions and names as people type them. Whatever has a number is filed under that number,
 * unsigned and in decimal, so that one look-up finds all that a plain number can be; a notation that says more (`tcp 3389`, `0x274C`)
 * narrows what it is looked up as.
 */
export interface Reading {
  /** Digits of an unsigned number, a version, or a name in lower case. */
  readonly key: string;
  /** Keys that go on after a dot are meant as well: `4.0.7577` leads to `4.0.7577.4356`. */
  readonly prefix: boolean;
  /** Kind of entry it can only be. */
  readonly kind?: Entry["kind"];
  /** What the number counts, as `sip`, `tcp`; error codes without a space of their own are `code`. */
  readonly space?: string;
}

/** Longer text is no notation. */
const LONGEST = 300;
const HIGHEST = 0xffff_ffff;
/** Sign-extended to 64 bits, as some logs print an HRESULT, it is the same code. */
const HEX = /^0x(?:f{8}(?=[0-9a-f]{8}))?0*([0-9a-f]{1,8})[lh]?$/;
/** Without 0x it needs a letter, or all eight digits of an HRESULT. */
const BARE_HEX = /^(?:f{8}(?=[0-9a-f]{8}))?((?=[0-9a-f]*[a-f])[0-9a-f]{3,8}|[89][0-9a-f]{7})h?$/;
const DECIMAL = /^-?\d{1,10}$/;
const ERROR_WORDS =
  /^(?:(?:win32|winsock|wsa|socket|error|err|code|hresult|hr|ntstatus|result|exit|return|last)[\s:=#-]*)+(?=[\d-]|[0-9a-f]{3,}h?$)/;
const KB = /^(?:(?:microsoft|ms|([a-z]+))[\s-]+)?kb[\s:#-]*0*(\d{5,8})$/;
const EVENT = /^event(?:s|[\s-]?ids?|[\s-]?code)?[\s:=#-]*(\d{1,5})$/;
const PORT_WORDS =
  /^(?:(tcp|udp)[\s:/.-]*)?(?:(?:src|dst|source|destination|local|remote|server)?[\s_-]*ports?)?[\s:/=#-]*(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?$/;
const PORT_SLASH = /^(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?\s*\/?\s*(tcp|udp)$/;
const RANGE = /^(\d{1,5})\s*[-–]\s*(\d{1,5})$/;
const LABELLED = /^([a-z][a-z0-9]*)(?:\/\d(?:\.\d)?)?[\s/:=-]+(?:error|code|status|response)?[\s:=]*(\d{1,10}|0x[0-9a-f]{1,8})$/;
const VERSION = /^(?:v|ver\.?|version|build)?[\s:]*(\d+(?:\.\d+){1,5})(?:\.\*?)?$/;
const BUILD = /^build[\s:]*(\d{3,6})$/;

/** A code in hexadecimal, or decimal with or without sign, as the unsigned number of at most 32 bits it stands for; null for anything else. */
export function readCode(text: string): number | null {
  const lower = text.trim().toLowerCase();
  const hex = HEX.exec(lower);
  if (hex) return Number.parseInt(hex[1]!, 16);
  if (!DECIMAL.test(lower)) return null;
  const value = Number(lower);
  if (value < -0x8000_0000 || value > HIGHEST) return null;
  return value < 0 ? value + HIGHEST + 1 : value;
}

/** A name, path or version as it is filed: lower case, hives by their short names, any GUID as `{interface}`. */
export function nameKey(text: string): string {
  return text
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^(?:computer\\)?hkey_local_machine(?=\\|$)/, "hklm")
    .replace(/^(?:computer\\)?hkey_current_user(?=\\|$)/, "hkcu")
    .replace(/^(hk[a-z]{2}):(?=\\)/, "$1")
    .replace(/\{[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}/g, "{interface}");
}

/** Everything a text may be a notation of, the likeliest first; a plain number is one reading that fits every kind. Never throws. */
export function readNotation(text: string): Reading[] {
  if (text.length > LONGEST) return [];
  const bare = bared(text.normalize("NFKC"));
  if (bare === "") return [];
  const lower = bare.toLowerCase();
  const readings = [...numbered(lower), { key: nameKey(bare), prefix: false }];
  const seen = new Set<string>();
  return readings.filter((reading) => {
    const mark = JSON.stringify(reading);
    return !seen.has(mark) && seen.add(mark);
  });
}

/** Without the quotes, brackets and full stops a copied code brings along. */
function bared(text: string): string {
  const trimmed = text.trim().replace(/[.,;:!?]+$/, "");
  const wrapped = /^(?:"(.*)"|'(.*)'|`(.*)`|\((.*)\)|\[(.*)\]|<(.*)>|“(.*)”|„(.*)“)$/su.exec(trimmed);
  return (wrapped ? (wrapped.slice(1).find((inside) => inside !== undefined) ?? "") : trimmed).trim();
}

function numbered(lower: string): Reading[] {
  const found: Reading[] = [];
  const add = (key: string | number, narrowed: Partial<Reading> = {}) => found.push({ key: String(key), prefix: false, ...narrowed });

  const kb = KB.exec(lower);
  if (kb) add(Number(kb[2]), { kind: "update", ...(kb[1] === undefined ? {} : { space: `${kb[1]}-kb` }) });
  const event = EVENT.exec(lower);
  if (event) add(Number(event[1]), { kind: "event" });

  const plain = /^\d+$/.test(lower) ? readCode(lower) : null;
  if (plain !== null) add(plain);
  const range = RANGE.exec(lower);
  if (range) add(`${Number(range[1])}-${Number(range[2])}`, { kind: "port" });
  else if (plain === null) addPort(lower, add);

  const afterWords = lower.replace(ERROR_WORDS, "");
  const code = plain === null ? (readCode(afterWords) ?? bareHex(afterWords)) : null;
  if (code !== null && !found.some((one) => one.kind === "port")) {
    add(code, { kind: "error", ...(/^\d+$/.test(afterWords) ? {} : { space: "code" }) });
  }
  if (plain !== null && BARE_HEX.test(lower)) add(Number.parseInt(lower, 16), { kind: "error", space: "code" });

  const labelled = LABELLED.exec(lower);
  const value = labelled ? readCode(labelled[2]!) : null;
  if (labelled && value !== null) add(value, { space: labelled[1]! });

  const version = VERSION.exec(lower);
  if (version) add(version[1]!, { prefix: true });
  const build = BUILD.exec(lower);
  if (build) add(`build ${build[1]}`);
  return found;
}

function addPort(lower: string, add: (key: string | number, narrowed: Partial<Reading>) => void): void {
  const words = /^(?:tcp|udp|:|.*port)/.test(lower) ? PORT_WORDS.exec(lower) : null;
  const slash = PORT_SLASH.exec(lower);
  const [from, to, protocol] = words ? [words[2], words[3], words[1]] : slash ? [slash[1], slash[2], slash[3]] : [];
  if (from === undefined || Number(from) > 0xffff) return;
  const key = to === undefined ? Number(from) : `${Number(from)}-${Number(to)}`;
  add(key, { kind: "port", ...(protocol === undefined ? {} : { space: protocol }) });
}

function bareHex(text: string): number | null {
  const match = BARE_HEX.exec(text);
  return match ? Number.parseInt(match[1]!, 16) : null;
}
