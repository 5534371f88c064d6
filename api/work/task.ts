import type { MessagePort } from "node:worker_threads";
import type { ContainerLimits } from "../../engine/containers/limits.ts";
import type { Knowledge } from "../../engine/node/knowledge.ts";
import type { ExplanationDocument } from "../../engine/report/explanation-document.ts";
import type { Finding } from "../../engine/report/report.ts";
import type { Diagnostic } from "../../engine/rules/yaml-source.ts";
import type { JobProgress, StoredFile } from "../store/store.ts";

/** What every thread is given when it starts: the same knowledge for all of them, whatever happens to the files meanwhile. */
export interface ThreadData {
  readonly knowledge: Knowledge;
  /** Key that sealed blobs are opened with; null where none is configured. */
  readonly dataKey: Uint8Array | null;
  readonly limits: Partial<ContainerLimits>;
}

/** A file of a bundle as a thread opens it. */
export interface TaskFile {
  /** Path inside the bundle. */
  readonly path: string;
  /** Where its blob lies on this machine. */
  readonly location: string;
  /** Size of its content in bytes. */
  readonly bytes: number;
  /** What was noted of it when it was stored; null for a file that comes with the program. */
  readonly stored: Pick<StoredFile, "blob" | "sha256"> | null;
}

/** A bundle whose blobs lie on this machine. */
export interface TaskBundle {
  readonly name: string;
  readonly files: readonly TaskFile[];
}

/** The two ends' shared line: news from the thread, and a flag that asks it to stop. */
export interface Line {
  readonly port: MessagePort;
  /** Over shared memory; not zero asks to stop at the next opportunity. */
  readonly stop: Int32Array;
}

export interface AnalysisTask extends Line {
  readonly bundle: TaskBundle;
}

/** What the thread says first (which thread it is) and while it works. */
export type ThreadNews = { readonly thread: number } | JobProgress;

/** Results as they are stored: JSON of the whole report, and gzip JSON of `{ <rule>: ExplanationDocument[] }`. */
export interface AnalysisResult {
  readonly report: Uint8Array;
  readonly explanations: Uint8Array;
}

/** Instead of a result: why the bundle cannot be analysed, for whoever submitted it. Classes of errors are lost between threads. */
export interface Refusal {
  readonly refused: string;
}

export interface RuleCheckTask extends Line {
  /** The rule as it was submitted, YAML or JSON. */
  readonly rule: string;
  readonly against: readonly RuleTrial[];
}

/** Evidence that a rule is tried on: a stored bundle, or a folder with a bundle and perhaps an `expect.yaml` beside it. */
export type RuleTrial =
  | { readonly name: string; readonly bundle: TaskBundle }
  | { readonly name: string; readonly case: { readonly rule: string; readonly variant: string; readonly folder: string } };

/** What came of a submitted rule. Where there are problems that keep it from being asked, `trials` is empty. */
export interface RuleCheck {
  /** The id it states; null if it states none. */
  readonly rule: string | null;
  /** Everything that is wrong with it, as `casebook rules lint` says it. */
  readonly problems: readonly Diagnostic[];
  readonly trials: readonly RuleTrialOutcome[];
}

export interface RuleTrialOutcome {
  /** Name of the bundle, or `<case>/<variant>`. */
  readonly name: string;
  readonly finding: Finding;
  readonly explanation: readonly ExplanationDocument[];
  /** Rules that match this bundle, the submitted one included. */
  readonly matched: readonly string[];
  /** For a test bundle of the rule's own case: how the report differs from what is expected; null elsewhere. */
  readonly differences: readonly string[] | null;
}
