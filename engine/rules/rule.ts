import type { Component } from "../queries/plan.ts";
import type { Query } from "../queries/selection.ts";
import type { Polarity } from "../queries/vectors.ts";
import type { Applicability } from "./applies.ts";
import type { Condition } from "./condition.ts";
import type { Summary, Template } from "./template.ts";

export type RuleLevel = "informational" | "low" | "medium" | "high" | "critical";
export type RuleStatus = "experimental" | "test" | "stable" | "deprecated";

/** What to change; the facts beside `text` depend on the kind. */
export interface Resolution {
  readonly kind: string;
  readonly text: string;
  readonly [fact: string]: unknown;
}

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly status: RuleStatus;
  readonly level: RuleLevel;
  readonly products: readonly string[];
  readonly appliesTo: readonly Applicability[];
  readonly symptoms: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  readonly resolutions: readonly Resolution[];
  readonly verify: readonly string[];
  readonly article: string;
  readonly related: readonly string[];
  /** More particular cases this one stands back for. */
  readonly yieldsTo: readonly string[];
  /** Null in a rule that cannot be asked. */
  readonly body: RuleBody | null;
  /** Why the rule cannot be asked; its verdict is `error`. */
  readonly defect: string | null;
}

export interface RuleBody {
  /** In the order of the file. */
  readonly queries: ReadonlyMap<string, Query>;
  readonly condition: Condition;
  readonly polarity: ReadonlyMap<string, Polarity>;
  readonly components: readonly Component[];
  readonly summary: Summary;
  readonly filters: readonly Template[];
  readonly ladder: string | null;
}

/** How to gather evidence, `kb/collect/<id>.yaml`. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly gathers: readonly {
    readonly table: string;
    readonly side?: "client" | "server";
    readonly only?: Readonly<Record<string, readonly string[]>>;
  }[];
}
