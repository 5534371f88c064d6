import { byteSize } from "../engine/report/wording.ts";
import type { Terminal } from "./terminal.ts";

/** How far a run has come. */
export interface Progress {
  readonly stage: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly packets: number;
}

/** Short work shows no bar: it would only flicker. */
const PATIENCE_MS = 1000;
const REDRAW_MS = 100;
const BAR_WIDTH = 24;

export interface ProgressBar {
  update(progress: Progress): void;
  /** Wipes the bar, so that what follows starts on a clean line. */
  end(): void;
}

/** A bar on standard error, if that is a terminal and the work takes over a second. */
export function progressBar(terminal: Terminal, wanted: boolean): ProgressBar {
  const start = terminal.now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      const now = terminal.now();
      if (!wanted || !terminal.interactive || now - start < PATIENCE_MS || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      terminal.complain(`\r\x1b[K${progressLine(progress)}`);
    },
    end() {
      if (drawnAt > Number.NEGATIVE_INFINITY) terminal.complain("\r\x1b[K");
    },
  };
}

/** `reading  ████████░░░░░░░░  45 %  240 MB of 541 MB  1.2 million packets`. */
export function progressLine({ stage, bytes, totalBytes, packets }: Progress): string {
  const share = totalBytes > 0 ? Math.min(1, bytes / totalBytes) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const sizes = totalBytes > 0 ? `  ${byteSize(bytes)} of ${byteSize(totalBytes)}` : "";
  const counted = packets >= 1e6 ? `${(packets / 1e6).toFixed(1)} million packets` : packets > 0 ? `${packets} packets` : "";
  return `${stage}  ${bar}  ${String(Math.floor(share * 100)).padStart(3)} %${sizes}${counted === "" ? "" : `  ${counted}`}`;
}
