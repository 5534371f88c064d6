import { stat } from "node:fs/promises";
import { BundleError } from "../engine/node/bundle.ts";
import { type Diagnosis, diagnosePaths } from "../engine/node/diagnose.ts";
import { whyUnreadable } from "../engine/report/wording.ts";
import { Failure } from "./failure.ts";
import { withKnowledge } from "./knowledge.ts";
import { fileProblem } from "./output.ts";
import { progressBar } from "./progress.ts";
import { readLimits } from "./reading-options.ts";
import type { Terminal } from "./terminal.ts";
import { type Invocation, quote, wholeNumber } from "./verb.ts";

const READABLE = "Name a capture, a text, an archive or a folder that holds them";

/** Reads the bundle at some paths and asks every rule; draws progress, heeds a request to stop. */
export async function diagnoseBundle(
  paths: readonly string[],
  invocation: Invocation,
  terminal: Terminal,
  all: boolean,
): Promise<Diagnosis> {
  for (const path of paths) await checkPath(path);
  const { values, switches } = invocation;
  const bar = progressBar(terminal, !switches.has("no-progress"));
  try {
    return await withKnowledge(() =>
      diagnosePaths([...paths], {
        all,
        limits: readLimits(values),
        ...(values.rules === undefined ? {} : { rulesDir: values.rules }),
        ...(values.jobs === undefined ? {} : { jobs: wholeNumber("jobs", values.jobs, 1) }),
        onProgress: (progress) => bar.update(progress),
        signal: terminal.signal,
      }),
    );
  } catch (error) {
    if (error instanceof BundleError) throw new Failure(`cannot read ${error.message}`, READABLE);
    throw error;
  } finally {
    bar.end();
  }
}

/** Whether anything in the bundle was understood; if not, the verdicts say nothing. */
export function unreadable({ report }: Diagnosis): Failure | null {
  const why = whyUnreadable(report);
  return why === null
    ? null
    : new Failure(`${quote(report.bundle.name)} could not be read: ${why}`, "See casebook tables --formats for what is understood");
}

async function checkPath(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    throw new Failure(`cannot read ${quote(path)}: ${fileProblem(error)}`, READABLE);
  }
}
