import type { AnalysedJobs, DetachedJob } from "../../../engine/derive/detached-job.ts";
import type { Stage } from "../../../engine/report/diagnose.ts";
import type { PathWarning } from "../../../engine/report/source-list.ts";

/** A bundle as somebody dropped it onto the page. */
export interface PickedBundle {
  /** Name of the file or folder; of several, the first and how many more. */
  readonly name: string;
  readonly files: readonly PickedFile[];
  readonly warnings: readonly PathWarning[];
}

export interface PickedFile {
  /** Path in the bundle, with forward slashes. */
  readonly path: string;
  readonly blob: Blob;
}

export const DOWNLOAD_FORMATS = ["html", "json", "markdown"] as const;
export type DownloadFormat = (typeof DOWNLOAD_FORMATS)[number];

/** What the page asks of the worker that holds a bundle. The first message is `read`. */
export type MatchRequest =
  /** `knowledge`: the knowledge pack, as it was fetched. */
  | { readonly kind: "read"; readonly bundle: PickedBundle; readonly knowledge: string }
  | { readonly kind: "show"; readonly all: boolean }
  | { readonly kind: "render"; readonly all: boolean; readonly format: DownloadFormat }
  | { readonly kind: "explain"; readonly rule: string };

/** What that worker answers; each request but `read` has one answer, in order. */
export type MatchAnswer =
  | { readonly kind: "progress"; readonly progress: MatchProgress }
  | { readonly kind: "shown"; readonly shown: ShownReport }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "failed"; readonly message: string };

export interface MatchProgress {
  readonly stage: Stage;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly packets: number;
  /** Rules asked; 0 before they are. */
  readonly rules: number;
}

/** A report as the page shows it. */
export interface ShownReport {
  readonly name: string;
  /** Escaped markup of the whole report. */
  readonly markup: string;
  /** Why it says nothing, because nothing was understood. */
  readonly unreadable: string | null;
  /** Findings told in full: anchor and rule. */
  readonly detailed: readonly { readonly id: string; readonly rule: string }[];
  /** Every rule that was asked, in order of title. */
  readonly rules: readonly { readonly id: string; readonly title: string }[];
}

/** What a worker asks of another one of its kind that it starts as a thread. */
export type ThreadRequest =
  | { readonly kind: "job"; readonly job: DetachedJob; readonly files: readonly PickedFile[] }
  | { readonly kind: "digest"; readonly blob: Blob };

export type ThreadAnswer =
  | { readonly kind: "progress"; readonly bytes: number; readonly packets: number }
  | { readonly kind: "job"; readonly analysed: AnalysedJobs }
  | { readonly kind: "digest"; readonly sha256: string };
