import type { BundleFile, ByteSource } from "../bytes/byte-source.ts";
import { checkedSource } from "./checked-source.ts";
import type { InflateProblem } from "./inflate-job.ts";
import type { Inflater } from "./inflater.ts";
import { inflatingSource } from "./inflating-source.ts";
import { randomAccess, sliceSource } from "./random-access.ts";

/**
 * One step on the way from a file to an entry inside it. Plain data: another thread that has the file opens the entry by the
 * same steps, without listing the archive again.
 */
export type Step =
  | { readonly kind: "slice"; readonly offset: number; readonly length: number }
  | { readonly kind: "stored"; readonly offset: number; readonly length: number; readonly crc: number }
  | {
      readonly kind: "deflate";
      readonly offset: number;
      readonly length: number;
      readonly size: number | null;
      readonly crc: number | null;
      readonly limit: number;
    }
  | { readonly kind: "gunzip"; readonly limit: number }
  | { readonly kind: "buffer"; readonly limit: number };

/** Opens what the steps lead to; `problem` is told of damage that shows while reading. */
export async function openSteps(
  root: BundleFile,
  steps: readonly Step[],
  inflater: Inflater,
  problem: (step: Step, kind: InflateProblem) => void,
): Promise<ByteSource> {
  const step = steps.at(-1);
  if (!step) return root.open();
  const open = () => openSteps(root, steps.slice(0, -1), inflater, problem);
  return applyStep(step, open, inflater, (kind) => problem(step, kind));
}

/** Takes one step from what `open` gives. */
export async function applyStep(
  step: Step,
  open: () => Promise<ByteSource>,
  inflater: Inflater,
  problem: (kind: InflateProblem) => void,
): Promise<ByteSource> {
  switch (step.kind) {
    case "slice":
      return sliceSource(await open(), step.offset, step.length);
    case "stored":
      return checkedSource(sliceSource(await open(), step.offset, step.length), step.crc, inflater, problem);
    case "deflate": {
      const { offset, length, size, crc, limit } = step;
      const compressed = async () => sliceSource(await open(), offset, length);
      return inflatingSource({ method: "deflate", open: compressed, size, crc, limit, inflater, problem });
    }
    case "gunzip":
      return inflatingSource({ method: "gzip", open, size: null, crc: null, limit: step.limit, inflater, problem });
    case "buffer":
      return (await randomAccess(await open(), step.limit)).source;
  }
}
