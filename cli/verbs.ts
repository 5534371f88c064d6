import type { Verb } from "./verb.ts";
import { collect } from "./verbs/collect.ts";
import { match } from "./verbs/match.ts";
import { tables } from "./verbs/tables.ts";

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [match, tables, collect];
