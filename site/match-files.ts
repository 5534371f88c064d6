import { zipSync } from "fflate";
import type { KnowledgeFile } from "../engine/node/knowledge.ts";
import { compiles } from "../engine/rules/compile.ts";
import { YamlSource } from "../engine/rules/yaml-source.ts";
import { exampleAddress, KNOWLEDGE_ADDRESS } from "./addresses.ts";
import type { ReportedCase } from "./case-report.ts";
import type { FileSource, SiteFile } from "./files.ts";
import type { SiteContext } from "./page.ts";

/** What the page that matches loads when it is used: what the engine knows, examples, and where a server is. */
export const matchFiles: FileSource = async function* (context) {
  yield { path: "config.json", content: `${JSON.stringify({ api: apiAddress(context.api) })}\n` };
  yield { path: KNOWLEDGE_ADDRESS, content: knowledgePack(context) };
  for (const [id, reported] of context.reported) yield await example(id, reported);
};

/** Address of the server's API below the server's own; null where there is none. */
function apiAddress(server: URL | null): string | null {
  if (server === null) return null;
  return new URL("v1/", server.href.endsWith("/") ? server : `${server.href}/`).href;
}

/** The knowledge as the engine takes it, parsed; what has a problem stays a text, so that the engine says what is wrong with it. */
function knowledgePack({ knowledge: { rules, recipes, references, digest, dataAsOf, version } }: SiteContext): string {
  return JSON.stringify({
    rules: rules.map((file) => packed(file, "rules")),
    recipes: recipes.map((file) => packed(file, "kb/collect")),
    references: references.filter(({ id }) => id.startsWith("updates")).map((file) => packed(file, "kb/reference")),
    digest,
    dataAsOf,
    version,
  });
}

/** Paths as the repository has them: the pack does not depend on where it was made. */
function packed({ id, text, data }: KnowledgeFile, folder: string) {
  const path = `${folder}/${id}.yaml`;
  if (data !== undefined) return { id, path, text: "", data };
  const source = new YamlSource(text, path);
  const sound = source.problems.length === 0 && (folder !== "rules" || compiles(source));
  return sound ? { id, path, text: "", data: source.data } : { id, path, text };
}

/** The test bundle of a case as an archive. */
async function example(id: string, { files }: ReportedCase): Promise<SiteFile> {
  const entries: Record<string, Uint8Array> = {};
  for (const { path, size, open } of files) {
    const source = await open();
    const content = new Uint8Array(size ?? 0);
    await source.read(content, 0);
    await source.close();
    entries[path] = content;
  }
  // Archives carry local times: these fields are the same in every zone.
  return { path: exampleAddress(id), content: zipSync(entries, { mtime: new Date(2000, 0, 1), level: 9 }) };
}
