import { threadId, workerData } from "node:worker_threads";
import { type CompiledKnowledge, compileKnowledge } from "../../engine/rules/compile-knowledge.ts";
import { StoredFileBroken } from "./bundle-input.ts";
import type { Line, Refusal, ThreadData, ThreadNews } from "./task.ts";

/** What this thread was started with. */
export const threadData = workerData as ThreadData;

let compiled: CompiledKnowledge | null = null;

/** The rules, compiled once in the life of a thread. */
export function threadKnowledge(): CompiledKnowledge {
  compiled ??= compileKnowledge(threadData.knowledge);
  return compiled;
}

/** Runs a task on its line: says which thread has it, and closes the line in the end. */
export async function onLine<Task extends Line, Result>(task: Task, run: (task: Task) => Promise<Result>): Promise<Result | Refusal> {
  try {
    task.port.postMessage({ thread: threadId } satisfies ThreadNews);
    return await run(task);
  } catch (error) {
    if (error instanceof StoredFileBroken)
      return { refused: "A stored file of the bundle is not what was submitted: it is damaged, or sealed with another key." };
    throw error;
  } finally {
    task.port.close();
  }
}
