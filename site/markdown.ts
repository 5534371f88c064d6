import MarkdownIt, { type Env, type Token } from "markdown-it";
import { articleLinkAddress } from "../engine/catalogue/addresses.ts";
import type { Catalogue } from "../engine/catalogue/catalogue.ts";
import { escapeEntities } from "../engine/report/markup.ts";
import { printableLines } from "../engine/report/printable.ts";
import { Html, html } from "./html.ts";
import { KnownTerms } from "./known-terms.ts";
import type { Link } from "./links.ts";

/** Markdown of articles and one-line texts of rules as markup. What they name and the knowledge base describes becomes a link, once a text. */
export interface Prose {
  /** Paragraphs, lists, tables. Headings start at `level`. */
  block(markdown: string, to: Link, level?: number): Html;
  /** One line with `code`, emphasis and links. */
  line(text: string, to: Link): Html;
}

/** Of the text that is rendered. */
interface Surroundings extends Env {
  readonly to: Link;
  readonly level: number;
  /** Addresses that have their link already. */
  readonly linked: Set<string>;
}

type Rule = (tokens: readonly Token[], index: number, env: Surroundings) => string;

export function createProse(catalogue: Catalogue): Prose {
  const terms = new KnownTerms(catalogue);
  // No HTML and no images: articles come from contributors, and a page loads nothing it does not ship.
  const markdown = new MarkdownIt("commonmark", { html: false }).enable("table").disable("image");
  const linked = (text: string, env: Surroundings) =>
    terms
      .split(text)
      .map((stretch) =>
        stretch.address === null ? escapeEntities(stretch.text) : anchor(stretch.address, escapeEntities(stretch.text), env),
      );
  const rules: Readonly<Record<string, Rule>> = {
    link_open: (tokens, index, { to }) => linkOpening(tokens[index]!, to),
    link_close: (tokens, index) => (isDeadLink(tokens, index) ? "</span>" : "</a>"),
    heading_open: (tokens, index, { level }) => `<h${headingLevel(tokens[index]!, level)}>`,
    heading_close: (tokens, index, { level }) => `</h${headingLevel(tokens[index]!, level)}>\n`,
    table_open: (tokens, index) =>
      html`<div class="scroll" role="group" aria-label="Table: ${headerWords(tokens, index)}" tabindex="0"><table>\n`.text,
    table_close: () => "</table></div>\n",
    text: (tokens, index, env) =>
      isInLink(tokens, index) ? escapeEntities(tokens[index]!.content) : linked(tokens[index]!.content, env).join(""),
    code_inline: (tokens, index, env) => {
      const { content } = tokens[index]!;
      const code = `<code>${escapeEntities(content)}</code>`;
      const address = isInLink(tokens, index) ? null : terms.named(content);
      return address === null ? code : anchor(address, code, env);
    },
  };
  for (const [name, rule] of Object.entries(rules))
    markdown.renderer.rules[name] = (tokens, index, _options, env) => rule(tokens, index, env as Surroundings);

  const surroundings = (to: Link, level: number): Surroundings => ({ to, level, linked: new Set() });
  return {
    block: (source, to, level = 3) => Html.trusted(markdown.render(printableLines(source), surroundings(to, level))),
    line: (source, to) => Html.trusted(markdown.renderInline(printableLines(source), surroundings(to, 3))),
  };
}

function linkOpening(token: Token, to: Link): string {
  const href = linkTarget(String(token.attrGet("href") ?? ""), to);
  token.meta = { dead: href === null };
  if (href === null) return "<span>";
  return html`<a href="${href}"${/^https?:/.test(href) && html` rel="external noreferrer"`}>`.text;
}

function anchor(address: string, content: string, { to, linked }: Surroundings): string {
  if (linked.has(address)) return content;
  linked.add(address);
  return `<a class="term" href="${to(address)}">${content}</a>`;
}

/** Level at which the headings below an article's sections start. */
const FIRST_HEADING = 3;

/** Headings of a text below a section of the page. */
function headingLevel(token: Token, level: number): number {
  return Math.min(6, Math.max(level, Number(token.tag.slice(1)) + level - FIRST_HEADING));
}

function isInLink(tokens: readonly Token[], index: number): boolean {
  return tokens.slice(0, index).reduce((depth, { type }) => depth + (type === "link_open" ? 1 : type === "link_close" ? -1 : 0), 0) > 0;
}

/** Links of articles lead to files of the repository; on the site those have pages. Null for a file that has none. */
function linkTarget(href: string, to: Link): string | null {
  if (/^(https?:\/\/|mailto:|#)/i.test(href)) return href;
  const [, name, fragment = ""] = /^(?:docs\/)?(tables|rules)\.md(#.*)?$/.exec(href) ?? [];
  const address = name === undefined ? articleLinkAddress(href) : `authors/${name}/${fragment}`;
  return address === null ? null : to(address);
}

/** What the columns of a table are called. */
function headerWords(tokens: readonly Token[], table: number): string {
  const end = tokens.findIndex(({ type }, index) => index > table && type === "thead_close");
  return tokens
    .slice(table, end)
    .flatMap(({ type, content }) => (type === "inline" && content !== "" ? [content] : []))
    .join(", ");
}

/** Links do not nest: the last one opened is the one that closes. */
function isDeadLink(tokens: readonly Token[], close: number): boolean {
  return tokens.slice(0, close).findLast(({ type }) => type === "link_open")?.meta?.dead === true;
}
