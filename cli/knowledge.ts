import { type Knowledge, KnowledgeError, loadKnowledge } from "../engine/node/knowledge.ts";
import { Failure } from "./failure.ts";

/** The shipped knowledge, or the rules of another folder; a folder that is not there is the person's to put right. */
export async function readKnowledge(rulesDir: string | undefined): Promise<Knowledge> {
  return withKnowledge(() => loadKnowledge(rulesDir));
}

/** Runs something that loads knowledge, and says what to do where that fails. */
export async function withKnowledge<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof KnowledgeError) throw new Failure(error.message, "Name the folder that holds <area>/<id>.yaml with --rules");
    throw error;
  }
}
