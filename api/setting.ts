import { isIP } from "node:net";
import { parseByteCount } from "../engine/bytes/byte-count.ts";

/** One thing an operator may set: by an environment variable, by a flag, or by leaving it. */
export interface Setting<T> {
  /** `CASEBOOK_PORT`. */
  readonly variable: string;
  /** `port` for `--port`; null for what only a variable may hold, since other users of the machine see the flags of a process. */
  readonly flag: string | null;
  /** What the value is, for the help: `FILE`. */
  readonly value: string;
  /** The values it may have, where they are few. */
  readonly choices?: readonly string[];
  readonly about: string;
  /** As an operator would write it; null where leaving it means that there is none. */
  readonly standard: string | null;
  /** Of which commands it is. */
  readonly of: readonly Command[];
  /** Throws `Unreadable` with what is expected. */
  read(text: string): T;
}

export type Command = "serve" | "worker";

/** A value that cannot be read; the message says what is expected. */
export class Unreadable extends Error {}

const BOTH: readonly Command[] = ["serve", "worker"];
type Place = readonly [flag: string | null, standard: string | null, about: string, of?: readonly Command[]];

function setting<T>(name: string, value: string, [flag, standard, about, of = BOTH]: Place, read: (text: string) => T): Setting<T> {
  return { variable: `CASEBOOK_${name}`, flag, value, about, standard, of, read };
}

export const text = (name: string, value: string, ...place: Place): Setting<string> => setting(name, value, place, (given) => given);

/** Several words, separated by commas; each is what `expected` says, where it says something. */
export const words = (name: string, value: string, check: WordCheck | null, ...place: Place): Setting<readonly string[]> =>
  setting(name, value, place, (given) => {
    const all = given.split(",").flatMap((word) => word.trim() || []);
    if (check && !all.every(check.fits)) throw new Unreadable(check.expected);
    return all;
  });

/** What each of several words has to be. */
export interface WordCheck {
  readonly expected: string;
  fits(word: string): boolean;
}

export const ORIGINS: WordCheck = {
  expected: "origins such as https://kb.example.org, without a path",
  fits: (word) => URL.canParse(word) && new URL(word).origin === word && !word.includes("*"),
};

export const NETWORKS: WordCheck = {
  expected: "addresses or networks such as 192.0.2.7 or 10.0.0.0/8",
  fits: (word) => {
    const [address = "", prefix = "0", ...more] = word.split("/");
    const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
  },
};

export const size = (name: string, ...place: Place): Setting<number> =>
  setting(name, "SIZE", place, (given) => {
    const bytes = parseByteCount(given);
    if (bytes === null) throw new Unreadable("a size such as 500MB or 2GiB");
    return bytes;
  });

/** A whole number of at least `least`. */
export const count = (name: string, least: number, ...place: Place): Setting<number> =>
  setting(name, "N", place, (given) => {
    const number = Number(given);
    if (!/^\d+$/.test(given) || !Number.isSafeInteger(number) || number < least) throw new Unreadable(`a whole number from ${least}`);
    return number;
  });

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; null for `never`. */
export const duration = (name: string, ...place: Place): Setting<number> => setting(name, "TIME", place, readDuration);

/** Milliseconds, or null for `never`. */
export const durationOrNever = (name: string, ...place: Place): Setting<number | null> =>
  setting(name, "TIME", place, (given) => (given === "never" ? null : readDuration(given, ", or never")));

function readDuration(given: string, or = ""): number {
  const milliseconds = parseDuration(given);
  if (milliseconds === null) throw new Unreadable(`a time such as 30s, 15m, 12h or 30d${or}`);
  return milliseconds;
}

/** Milliseconds of a time as people write it, more than nought: `500ms`, `30s`, `90d`; null where it is none. */
export function parseDuration(given: string): number | null {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(given) ?? [];
  const milliseconds = Number(digits) * (DURATIONS[unit ?? ""] ?? Number.NaN);
  return milliseconds > 0 ? milliseconds : null;
}

export function choice<const C extends string>(name: string, choices: readonly C[], ...place: Place): Setting<C> {
  const read = (given: string): C => {
    const chosen = choices.find((one) => one === given);
    if (chosen === undefined) throw new Unreadable(`one of ${choices.join(", ")}`);
    return chosen;
  };
  return { ...setting(name, choices.join("|"), place, read), choices };
}
