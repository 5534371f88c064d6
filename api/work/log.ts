/** Where the worker says what happens: pino, or what looks like it. Nothing that stands in a bundle is ever said. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** An error of the analysis without its message, which may quote evidence: its name and where it was thrown. */
export function placeOf(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { name: error.name, frames: frames.map((line) => line.trim()) };
}
