/** An element of a page, as far as tests ask for it. Pages are our own: every attribute is quoted and every tag is closed or void. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Offset in the text. */
  readonly at: number;
}

const VOID = new Set(["meta", "link", "input", "br", "hr", "img", "wbr", "col"]);
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** Elements of a document in order; throws where a tag is not closed, closes nothing, or cannot be read. */
export function elementsOf(text: string): Element[] {
  const found: Element[] = [];
  const open: string[] = [];
  // The content of style and script elements is no markup; ours are empty or absent.
  for (const match of text.matchAll(/<(?:!doctype html|(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>|([\s\S]))/g)) {
    const [whole, closing, name, attributes, selfClosing, stray] = match;
    if (stray !== undefined) throw new Error(`a stray < at ${match.index}: ${text.slice(match.index, match.index + 60)}`);
    if (name === undefined) continue;
    if (closing === "/") {
      const last = open.pop();
      if (last !== name)
        throw new Error(`</${name}> closes <${last}> at ${match.index}: ${text.slice(match.index - 60, match.index + 20)}`);
      continue;
    }
    found.push({ name, attributes: attributesOf(attributes ?? ""), at: match.index });
    if (selfClosing !== "/" && !VOID.has(name) && whole !== "") open.push(name);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(" ")}`);
  return found;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value = ""] of text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
    if (name! in attributes) throw new Error(`${name} twice in ${text}`);
    attributes[name!] = decoded(value);
  }
  return attributes;
}

/** The text of markup. */
export function textOf(markup: string): string {
  return decoded(markup.replace(/<[^>]*>/g, ""))
    .replace(/\s+/g, " ")
    .trim();
}

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
}
