import { parseArgs } from "node:util";
import { parseByteCount } from "../engine/bytes/byte-count.ts";
import { Failure, nearest } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** One `--option`: a switch, or one that takes a value. */
export interface Option {
  readonly about: string;
  /** What the value is, for the help: `FILE`; absent for a switch. */
  readonly value?: string;
  /** The values it may have, where they are few. */
  readonly choices?: readonly string[];
}

/** Options and positional arguments as given. */
export interface Invocation {
  readonly values: Readonly<Record<string, string>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** One thing the command can do; parsing, help and completion of wrong words are derived from this. */
export interface Verb {
  /** One or two words: `match`, `rules lint`. */
  readonly name: string;
  /** Positional arguments for the usage line: `<path...>`. */
  readonly usage: string;
  /** How many positional arguments it takes. */
  readonly arity: readonly [least: number, most: number];
  readonly about: string;
  /** A few more sentences for its own help. */
  readonly details?: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  /** Returns the exit code; throws `Failure` where the person can do something about it. */
  run(invocation: Invocation, terminal: Terminal): Promise<number>;
}

/** Reads the arguments after a verb's name. */
export function readArguments(verb: Verb, args: readonly string[]): Invocation {
  const options = Object.fromEntries(
    Object.entries(verb.options).map(([name, option]) => [name, { type: option.value ? ("string" as const) : ("boolean" as const) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = verb.options[token.name];
    if (!option || !token.rawName.startsWith("--")) throw unknownOption(verb, token.rawName);
    if (!option.value && token.value !== undefined) throw wrong(verb, `${token.rawName} takes no value`);
    if (!option.value) switches.add(token.name);
    else values[token.name] = checkedValue(verb, token.rawName, option, token.value);
  }
  const [least, most] = verb.arity;
  if (positionals.length < least) throw wrong(verb, `${verb.usage.split(" ")[positionals.length] ?? "an argument"} is missing`);
  if (positionals.length > most) throw wrong(verb, `too many arguments, from ${quote(positionals[most]!)} on`);
  return { values, switches, positionals };
}

function checkedValue(verb: Verb, rawName: string, option: Option, value: string | undefined): string {
  if (value === undefined || (value.startsWith("-") && value.length > 1)) throw wrong(verb, `${rawName} needs a value: ${option.value}`);
  if (option.choices && !option.choices.includes(value)) {
    const meant = nearest(value, option.choices);
    throw wrong(
      verb,
      `${rawName} cannot be ${quote(value)}`,
      `Use one of ${option.choices.join(", ")}${meant ? `; did you mean ${meant}?` : ""}`,
    );
  }
  return value;
}

function unknownOption(verb: Verb, rawName: string): Failure {
  const meant = nearest(
    rawName,
    Object.keys(verb.options).map((name) => `--${name}`),
  );
  return wrong(verb, `unknown option ${quote(rawName)}`, meant ? `Did you mean ${meant}?` : undefined);
}

function wrong(verb: Verb, message: string, hint?: string): Failure {
  return new Failure(`${verb.name}: ${message}`, hint ?? `See casebook ${verb.name} --help`);
}

export function quote(text: string): string {
  return JSON.stringify(text);
}

/** A whole number of at least `least`, for an option that counts. */
export function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw new Failure(`--${name} cannot be ${quote(value)}`, `Use a whole number from ${least}`);
  return number;
}

/** A size in bytes: `2000000`, `2MB`, `1.5GiB`. */
export function byteCount(name: string, value: string): number {
  const bytes = parseByteCount(value);
  if (bytes === null) throw new Failure(`--${name} cannot be ${quote(value)}`, "Use a size such as 500MB or 2GiB");
  return bytes;
}
