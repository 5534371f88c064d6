/** Where a verb writes and what it may know of its surroundings. Tests pass their own, so that most of them start no process. */
export interface Terminal {
  /** To standard output; resolves once it may be followed by more. */
  write(text: string): Promise<void>;
  /** To standard error. */
  complain(text: string): void;
  /** Width of a terminal on standard output; null where it is a file or a pipe. */
  readonly columns: number | null;
  /** Whether standard error is a terminal, where progress may be drawn. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person asks to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds on a clock that only runs forward; for progress, never for results. */
  now(): number;
}

/** Exit codes: what was asked has been done; it has, and something is wrong with what was looked at; it could not be done; stopped by SIGINT. */
export const EXIT = { done: 0, found: 1, failed: 2, stopped: 130 } as const;

/** Text width where nothing tells: a page of a ticket or a mail. */
const DEFAULT_WIDTH = 100;
/** Lines longer than this are hard to read on the widest screen. */
const WIDEST = 140;

export function textWidthOf(terminal: Terminal): number {
  return Math.min(terminal.columns ?? DEFAULT_WIDTH, WIDEST);
}

/** Colour on a terminal only, unless NO_COLOR (no-color.org) or FORCE_COLOR say otherwise; a file never has colours. */
export function wantsColour(terminal: Terminal): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = terminal.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return terminal.columns !== null && TERM !== "dumb";
}
