import { type BuiltCatalogue, buildCatalogue } from "../catalogue/build-catalogue.ts";
import { loadArticles, loadKnowledge } from "./knowledge.ts";

/** The shipped knowledge, or that of another folder of rules, as documents. Throws `KnowledgeError` if there is no such folder. */
export async function loadCatalogue(rulesDir?: string): Promise<BuiltCatalogue> {
  const [knowledge, articles] = await Promise.all([loadKnowledge(rulesDir), loadArticles(rulesDir)]);
  return buildCatalogue({ ...knowledge, articles });
}
