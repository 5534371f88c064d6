import { packageVersion } from "../engine/node/package-root.ts";
import { Failure, nearest } from "./failure.ts";
import { overview, verbHelp } from "./help.ts";
import { EXIT, type Terminal, textWidthOf } from "./terminal.ts";
import { quote, readArguments, type Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

/** Runs one command line and returns its exit code. Never throws: what goes wrong is said on standard error. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (terminal.signal.aborted) {
      terminal.complain("casebook: stopped\n");
      return EXIT.stopped;
    }
    if (error instanceof Failure) terminal.complain(`casebook: ${error.message}\n${error.hint === "" ? "" : `${error.hint}\n`}`);
    else
      terminal.complain(
        `casebook: failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a defect of Casebook; please report it with the lines above.\n`,
      );
    return EXIT.failed;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, second] = args;
  const width = textWidthOf(terminal);
  if (first === undefined) {
    terminal.complain(overview(verbs, width));
    return EXIT.failed;
  }
  if (isHelp(first) || (first === "help" && second === undefined)) {
    await terminal.write(overview(verbs, width));
    return EXIT.done;
  }
  if (first === "--version" || first === "-V") {
    await terminal.write(`casebook ${await packageVersion()}\n`);
    return EXIT.done;
  }
  if (first === "help") return dispatch([...args.slice(1), "--help"], terminal);
  const [verb, rest] = findVerb(args);
  if (verb === null) {
    const group = verbs.filter(({ name }) => name.startsWith(`${first} `));
    await terminal.write(group.map((member) => verbHelp(member, width)).join("\n"));
    return EXIT.done;
  }
  const end = rest.indexOf("--");
  if (rest.slice(0, end < 0 ? undefined : end).some(isHelp)) {
    await terminal.write(verbHelp(verb, width));
    return EXIT.done;
  }
  return verb.run(readArguments(verb, rest), terminal);
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

/** The verb the first one or two words name; null for the help of a group such as `rules`. */
function findVerb(args: readonly string[]): readonly [Verb | null, readonly string[]] {
  const [first, second] = args;
  const single = verbs.find(({ name }) => name === first);
  if (single) return [single, args.slice(1)];
  const members = verbs.filter(({ name }) => name.startsWith(`${first} `));
  if (members.length === 0) throw unknownVerb(first!, verbs);
  if (second !== undefined && isHelp(second)) return [null, []];
  const member = members.find(({ name }) => name === `${first} ${second}`);
  if (member) return [member, args.slice(2)];
  if (second === undefined)
    throw new Failure(`${first} needs one of ${members.map(({ name }) => name.split(" ")[1]).join(", ")}`, `See casebook ${first} --help`);
  throw unknownVerb(`${first} ${second}`, members);
}

function unknownVerb(word: string, candidates: readonly Verb[]): Failure {
  const names = candidates.map(({ name }) => name);
  const meant = nearest(word, names) ?? nearest(word, [...new Set(names.map((name) => name.split(" ")[0]!))]);
  return new Failure(`unknown verb ${quote(word)}`, `${meant ? `Did you mean ${meant}? ` : ""}The verbs are ${names.join(", ")}`);
}
