import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes of V8's young generation, both halves, from which on it grows no further. */
const ENOUGH = 16 * 1024 * 1024;

let bounded = false;

/**
 * Ends the growth of V8's young generation once it is large enough; to be called now and then while evidence is read. Left to itself it
 * goes on doubling for garbage that dies at once: a third of the whole process's memory on a large capture, and no less work.
 */
export function boundYoungGeneration(): void {
  if (bounded) return;
  const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
  if (size < ENOUGH) return;
  bounded = true;
  setFlagsFromString("--semi-space-growth-factor=1");
}
