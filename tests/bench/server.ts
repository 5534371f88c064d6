#!/usr/bin/env node
/**
 * What the server does in a second, and what that costs: uploads beside a bare upload server, reads, the way of a 10 MB bundle, jobs by
 * one worker and by two. Contenders take turns, every answer is checked. Linux only, for it asks `/proc` for processor time and memory.
 *
 *     npm run bench -- --only server [--runs 5]
 *     node tests/bench/server.ts [--parts uploads,answers,jobs] [--runs 5]
 */
import { parseArgs } from "node:util";
import { killAll } from "../support/server-process.ts";
import { benchAnswers } from "./server/answers.ts";
import { benchJobs } from "./server/jobs.ts";
import { benchUploads } from "./server/uploads.ts";

const PARTS: Readonly<Record<string, (runs: number) => Promise<void>>> = { uploads: benchUploads, answers: benchAnswers, jobs: benchJobs };

/** Prints the figures of some parts, all of them if not told. */
export async function benchServer(runs: number, parts: readonly string[] = Object.keys(PARTS)): Promise<void> {
  try {
    for (const part of parts) {
      const bench = PARTS[part];
      if (!bench) throw new Error(`no such part: ${part}; there are ${Object.keys(PARTS).join(", ")}`);
      await bench(runs);
    }
  } finally {
    killAll();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { runs: { type: "string", default: "5" }, parts: { type: "string" } } });
  await benchServer(Number(values.runs), values.parts?.split(","));
  process.exit();
}
