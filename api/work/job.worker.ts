/** A thread that analyses bundles one after the other, each from its files to the stored form of its results. */
import { gzipSync } from "node:zlib";
import { explanationDocuments } from "../../engine/report/explanation-document.ts";
import { analyse } from "./analyse.ts";
import type { AnalysisResult, AnalysisTask, Refusal } from "./task.ts";
import { onLine, threadData, threadKnowledge } from "./thread.ts";

export default function analyseBundle(task: AnalysisTask): Promise<AnalysisResult | Refusal> {
  return onLine(task, async () => {
    const diagnosis = await analyse(task.bundle, threadKnowledge(), threadData, task);
    const explanations = Object.fromEntries(
      diagnosis.rules.map((rule) => [rule, explanationDocuments(diagnosis.explain(rule), diagnosis.paths)]),
    );
    return {
      report: Buffer.from(JSON.stringify(diagnosis.report)),
      explanations: gzipSync(JSON.stringify(explanations)),
    };
  });
}
