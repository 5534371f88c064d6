/** The engine's public surface: everything a door needs, nothing of Node. */
export { blobSource } from "./bytes/blob-source.ts";
export { type BundleFile, type ByteSource, memorySource } from "./bytes/byte-source.ts";
export { createSha256 } from "./bytes/sha256.ts";
export { type ContainerLimits, defaultLimits } from "./containers/index.ts";
export {
  type BundleInput,
  CancelledError,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  type Stage,
  type Surroundings,
} from "./report/diagnose.ts";
export { renderHtml } from "./report/html.ts";
export { renderMarkdown } from "./report/markdown.ts";
export type { Report } from "./report/report.ts";
export { type AnalysedJobs, analyseInline, inlineSurroundings } from "./report/surroundings.ts";
export { renderText } from "./report/text.ts";
export { type CompiledKnowledge, compileKnowledge, type KnowledgeTexts } from "./rules/compile-knowledge.ts";
