/** First paragraph of a Markdown text as plain text on one line; empty if it begins with anything but a paragraph. */
export function firstParagraph(markdown: string): string {
  const [first = ""] = markdown.trim().split(/\n\s*\n/);
  return /^(?:[#>|`~]|[*+-] |\d+[.)] )/.test(first) ? "" : plainText(first);
}

/** Markdown without its marks, on one line: what a snippet or a description shows. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/gs, "$2")
    .replace(/(^|[\s(])[*_](?=\S)([^*_\n]+?)(?<=\S)[*_](?=$|[\s).,;:])/gm, "$1$2")
    .replace(/`+([^`]+)`+/g, "$1")
    .replace(/^\s{0,3}(?:#{1,6}\s+|[*+-]\s+|\d+[.)]\s+|>\s?)/gm, "")
    .replace(/\\([\\`*_{}[\]()#+.!|<>-])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}
