import type { KnowledgeText } from "../rules/compile-knowledge.ts";
import { type ArticleFrontMatter, articleSchema } from "../rules/knowledge-schema.ts";
import { type Diagnostic, YamlSource } from "../rules/yaml-source.ts";
import { schemaProblems } from "./schema-problems.ts";

export interface Article {
  readonly front: ArticleFrontMatter;
  /** Markdown below each second-level heading, in order. */
  readonly sections: readonly { readonly title: string; readonly markdown: string }[];
}

const FRONT_MATTER = /^---\n([\s\S]*?)\n---(?:\n|$)/;

/** Reads `kb/articles/<area>/<id>.md`; null, with the reasons in `problems`, if it is not an article. */
export function readArticle({ path, text }: KnowledgeText, problems: Diagnostic[]): Article | null {
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const match = FRONT_MATTER.exec(plain);
  if (!match) {
    problems.push({
      file: path,
      line: 1,
      column: 1,
      code: "front-matter",
      message: "an article begins with --- and its id, title, products and updated, closed by ---",
    });
    return null;
  }
  // One line more in front keeps the line numbers of the file.
  const source = new YamlSource(`\n${match[1]}\n`, path);
  const found = source.problems.length > 0 ? source.problems : schemaProblems(articleSchema, source);
  problems.push(...found);
  if (found.length > 0) return null;
  return { front: source.data as ArticleFrontMatter, sections: sectionsOf(plain.slice(match[0].length)) };
}

/** Second-level headings and what stands below each; headings inside fenced code are code. */
function sectionsOf(body: string): { title: string; markdown: string }[] {
  const sections: { title: string; lines: string[] }[] = [];
  let fence: string | null = null;
  for (const line of body.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark[0] === fence[0] && mark.length >= fence.length) fence = null;
    const title = fence === null ? /^## +(.*?)(?: +#+)? *$/.exec(line)?.[1] : undefined;
    if (title !== undefined) sections.push({ title, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, lines }) => ({ title, markdown: lines.join("\n").trim() }));
}
