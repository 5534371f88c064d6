import { parse } from "yaml";
import { compileRule, compileRuleData } from "./compile.ts";
import type { Update } from "./knowledge-schema.ts";
import type { CompiledRule, Recipe } from "./rule.ts";

/** A text file of the knowledge base. */
export interface KnowledgeText {
  /** Name inside its folder without extension. */
  readonly id: string;
  readonly path: string;
  readonly text: string;
  /** What the text holds, where it was parsed ahead. */
  readonly data?: unknown;
}

/** What Casebook knows, as texts. */
export interface KnowledgeTexts {
  readonly rules: readonly KnowledgeText[];
  readonly recipes: readonly KnowledgeText[];
  /** Reference data by kind, of which verdicts need the updates: `updates`, or parts of it as `updates/2013`. */
  readonly references?: readonly KnowledgeText[];
  /** `sha256:…` over the rules. */
  readonly digest: string;
  /** Newest date in reference data and recipes, `2026-11-20`; empty if there is none. */
  readonly dataAsOf: string;
  /** Version of Casebook. */
  readonly version: string;
}

/** What Casebook knows, ready to be asked. */
export interface CompiledKnowledge {
  readonly rules: readonly CompiledRule[];
  readonly recipes: readonly Recipe[];
  /** Updates that bring products to a build, parsed when they are first asked for. */
  updates(): readonly Update[];
  readonly digest: string;
  readonly dataAsOf: string;
  readonly version: string;
}

/** Compiles every rule and reads every recipe. A rule that is broken stays in the list and says so; a broken recipe gathers nothing. */
export function compileKnowledge(texts: KnowledgeTexts): CompiledKnowledge {
  const rules = texts.rules.map(
    ({ text, path, data }) => (data === undefined ? compileRule(text, path) : compileRuleData(data, path)).rule,
  );
  let updates: readonly Update[] | null = null;
  return {
    ...texts,
    rules,
    recipes: texts.recipes.map(readRecipe),
    updates() {
      updates ??= (texts.references ?? []).filter(({ id }) => /^updates(?:\/|$)/.test(id)).flatMap(readUpdates);
      return updates;
    },
  };
}

/** Entries with builds; one that is broken is left out, for whoever checks the knowledge base to report. */
function readUpdates({ text, data = parsed(text) }: KnowledgeText): Update[] {
  return (Array.isArray(data) ? data : []).filter(hasBuilds);
}

function hasBuilds(entry: unknown): entry is Update {
  if (!isRecord(entry) || typeof entry.id !== "string" || typeof entry.as_of !== "string" || !Array.isArray(entry.builds)) return false;
  return entry.builds.every((build) => isRecord(build) && ["string", "undefined"].includes(typeof build.version));
}

function readRecipe({ id, text, data = parsed(text) }: KnowledgeText): Recipe {
  const fields = isRecord(data) ? data : {};
  const gathers = Array.isArray(fields.gathers) ? fields.gathers.filter(isRecord) : [];
  return {
    id,
    title: typeof fields.title === "string" ? fields.title : id,
    gathers: gathers.map(({ table, side }) => ({ table: String(table), ...(side === "client" || side === "server" ? { side } : {}) })),
  };
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
