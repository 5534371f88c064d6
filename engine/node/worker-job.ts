import type { ContainerWarning, Step } from "../containers/index.ts";
import type { SourceResult } from "../derive/source-result.ts";
import type { SourceHints } from "../formats/format.ts";

/** A job as plain data: how another thread opens its files. */
export interface WorkerJob {
  readonly files: readonly {
    readonly source: number;
    /** Absolute path of the file on disk, the way from there, and its name in the bundle. */
    readonly location: string;
    readonly root: string;
    readonly steps: readonly Step[];
    readonly path: string;
    readonly size: number | null;
    readonly hints: SourceHints;
  }[];
  readonly segments: boolean;
  readonly hash: boolean;
}

export type WorkerMessage =
  | { readonly kind: "progress"; readonly bytes: number; readonly packets: number }
  /** `damage`: by file, what showed only while inflating. */
  | { readonly kind: "done"; readonly results: readonly SourceResult[]; readonly damage: readonly (readonly ContainerWarning[])[] };
