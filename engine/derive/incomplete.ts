import type { SourceResult } from "./source-result.ts";

/** Warnings of a source, or of the archive entry it is, that say part of it was not read: such a source proves no absence. */
const INCOMPLETE =
  /^(?:source\.(?:unreadable|too-many-rows)|text\.long-line|\w+\.(?:truncated|corrupt|checksum|longer-than-stated|shorter-than-stated|trailing-data|limit|entry-size|total-size|ratio))$/;

/**
 * Takes from sources that were not read whole the claim that what they do not show was not there. Formats see only the bytes
 * they are given; that an archive was damaged or a limit reached is known out here. `warnings` are those of a file's path.
 */
export function withoutFalseClaims(
  results: readonly SourceResult[],
  warnings: (source: number) => readonly { readonly code: string; readonly text: string }[],
): SourceResult[] {
  const reasons = new Map<number, string>();
  for (const result of results) {
    const found = [...warnings(result.source), ...result.warnings].find(({ code }) => INCOMPLETE.test(code));
    if (found) reasons.set(result.source, found.text);
  }
  if (reasons.size === 0) return [...results];
  return results.map((result) => {
    const why = reasons.get(result.source);
    return {
      ...result,
      coverage: why === undefined ? result.coverage : result.coverage.map((entry) => ({ ...entry, complete: false, why })),
      captures: result.captures.map((capture) =>
        capture.sources.some((source) => reasons.has(source)) ? { ...capture, info: { ...capture.info, damaged: true } } : capture,
      ),
    };
  });
}
