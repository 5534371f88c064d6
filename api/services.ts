import type { Catalogue } from "../engine/catalogue/catalogue.ts";
import type { Search } from "../engine/catalogue/search.ts";
import type { Backend } from "./backend/backend.ts";
import type { Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";
import type { RunOptions } from "./work/runner.ts";
import type { RuleCheck, RuleTrial } from "./work/task.ts";

/** What the HTTP interface works with. */
export interface Services extends Pick<Backend, "store" | "queue" | "blobs"> {
  readonly settings: Settings;
  readonly catalogue: Catalogue;
  /** Over the catalogue. */
  readonly search: Search;
  readonly metrics: Metrics;
  /** Whether the server can be reached from its own machine only. */
  readonly loopback: boolean;
  /** Folder of the built site; null to serve none. */
  readonly site: string | null;
  /** Folder of the cases' test bundles; null where there is none, as in an installed package. */
  readonly testCases: string | null;
  /** Tries submitted rules, in a thread of its own. */
  readonly checkRule: (rule: string, against: readonly RuleTrial[], options: RunOptions) => Promise<RuleCheck>;
  /** Says that a job was queued, to workers of this process. */
  readonly wake: () => void;
  /** Whether the server is ending: what is going on may end, new requests are refused (`plugins/draining.ts`), and it is not ready. */
  readonly draining: () => boolean;
  /** How often it is asked whether a key is still good while events are sent to whoever has it, in milliseconds. */
  readonly keyCheck: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
