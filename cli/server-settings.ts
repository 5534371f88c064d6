import { readSettings, type Settings, SettingsError, settingDeclarations, unknownVariables } from "../api/settings.ts";
import { StartFailure } from "../api/start-failure.ts";
import { KnowledgeError } from "../engine/node/knowledge.ts";
import { Failure, nearest } from "./failure.ts";
import type { Terminal } from "./terminal.ts";
import type { Invocation } from "./verb.ts";

/** Variables of the commands that talk to a server. */
const OTHERS: readonly string[] = ["CASEBOOK_URL", "CASEBOOK_KEY"];

/** Settings from flags and environment; what is wrong with them is the person's to put right. A variable nobody knows is pointed out. */
export function serverSettings({ values }: Invocation, terminal: Terminal): Settings {
  const known = Object.values(settingDeclarations).map(({ variable }) => variable);
  for (const name of unknownVariables(terminal.env, OTHERS)) {
    const meant = nearest(name, known);
    terminal.complain(`casebook: ${name} means nothing and is ignored${meant ? `; did you mean ${meant}?` : ""}\n`);
  }
  try {
    return readSettings(values, terminal.env);
  } catch (error) {
    throw asFailure(error);
  }
}

/** Runs something that may not be able to start; what the person can put right is told in one sentence. */
export async function starting<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  return [StartFailure, SettingsError, KnowledgeError].some((kind) => error instanceof kind)
    ? new Failure((error as Error).message)
    : error;
}
