import type { ErrorCode, EventReference, Port, RegistryValue, Update } from "../rules/knowledge-schema.ts";
import type { Resolution, RuleLevel, RuleStatus } from "../rules/rule.ts";

/**
 * What Casebook knows as documents for readers: the site's pages, the static JSON API and the server's `/v1/cases` and `/v1/reference`
 * all show these. Keys are snake_case, for they are JSON that people type. Lists are in order of id.
 */
export interface Catalogue {
  readonly version: string;
  /** `sha256:…` over the rules. */
  readonly digest: string;
  /** Newest date in the data, `2026-11-20`. */
  readonly data_as_of: string;
  readonly cases: readonly CaseDocument[];
  readonly recipes: readonly RecipeDocument[];
  readonly references: ReferenceTables;
}

/** Reference data by kind, as its files have it (`engine/rules/knowledge-schema.ts`). */
export interface ReferenceTables {
  readonly updates: readonly Update[];
  readonly ports: readonly Port[];
  readonly registry: readonly RegistryValue[];
  readonly errors: readonly ErrorCode[];
  readonly events: readonly EventReference[];
}

export type ReferenceKind = keyof ReferenceTables;

/** One case: rule and article together. */
export interface CaseDocument {
  readonly id: string;
  /** Folder of the rule, `rds`. */
  readonly area: string;
  readonly title: string;
  readonly status: RuleStatus;
  readonly level: RuleLevel;
  readonly products: readonly string[];
  readonly symptoms: readonly string[];
  /** Protocols it is about, found in its tables and values: `tcp`, `rdp`, `sip` … */
  readonly protocols: readonly string[];
  readonly evidence: readonly EvidenceDocument[];
  /** As the rule states it: `(a or b) and not c`. */
  readonly condition: string;
  readonly summary: string;
  readonly resolutions: readonly Resolution[];
  readonly verify: readonly string[];
  readonly filters: readonly string[];
  readonly falsepositives: readonly string[];
  readonly references: readonly string[];
  /** Recipes that gather what its evidence reads. */
  readonly collect: readonly string[];
  readonly related: readonly string[];
  /** Cases that share a symptom with it. */
  readonly competes_with: readonly string[];
  readonly yields_to: readonly string[];
  /** Day the article was last revised, `2026-11-23`. */
  readonly updated: string;
  /** Sections of the article in order: Markdown below each second-level heading. */
  readonly sections: readonly { readonly title: string; readonly markdown: string }[];
}

/** One evidence block, readable. */
export interface EvidenceDocument {
  readonly name: string;
  readonly about: string;
  /** Table it reads; null for a sequence of other evidence. */
  readonly table: string | null;
  /** What a row has to fulfil, one predicate a line in plain words (`server port is 3389`), by alternative. */
  readonly where: readonly (readonly string[])[];
  /** How rows belong to other evidence, in plain words. */
  readonly belongs: readonly string[];
  /** How rows are taken together and counted, in plain words; empty where each row counts for itself. */
  readonly counted: readonly string[];
  /** `some`, `none`, `at least 3`. */
  readonly expect: string;
  /** The block as the rule has it, YAML. */
  readonly source: string;
}

/** `kb/collect/<id>.yaml` with the cases that ask for it. */
export interface RecipeDocument {
  readonly id: string;
  readonly title: string;
  readonly gathers: readonly { readonly table: string; readonly side?: "client" | "server" }[];
  readonly windows: string;
  readonly elevated: boolean;
  readonly start: readonly RecipeStep[];
  readonly stop: readonly RecipeStep[];
  readonly bundle: readonly string[];
  readonly limits: readonly string[];
  readonly privacy: string;
  readonly source: string;
  readonly as_of: string;
  readonly cases: readonly string[];
}

export interface RecipeStep {
  readonly text: string;
  readonly command?: string;
  readonly at?: "client" | "server" | "both";
}

/**
 * Anything a search or a look-up can lead to. `address` is the site's path of it without leading slash, with anchor:
 * `cases/rdp-listener-gone/`, `reference/errors/#0x274c`, `collect/netstat/`.
 */
export interface Entry {
  readonly address: string;
  readonly kind: "case" | "recipe" | "update" | "port" | "registry" | "error" | "event" | "page";
  readonly title: string;
  /** One or two sentences, plain text. */
  readonly text: string;
  readonly facets: Facets;
}

/** What a search may be narrowed to; a missing facet fits none. */
export interface Facets {
  readonly area?: string;
  readonly product?: readonly string[];
  readonly protocol?: readonly string[];
  readonly level?: RuleLevel;
  /** Tables its evidence reads. */
  readonly evidence?: readonly string[];
}
