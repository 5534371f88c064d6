/** A small strict XML 1.0 reader for tests: elements, attributes and text; no document types, no CDATA. Throws where a document is not well-formed. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const NAME = "[A-Za-z_][\\w.:-]*";
const TOKEN = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>|<!--(?:(?!--)[\\s\\S])*-->|([^<]+)`, "y");
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function parseXml(document: string): XmlElement {
  const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(document);
  if (forbidden) throw new Error(`character U+${forbidden[0].codePointAt(0)!.toString(16)} at ${forbidden.index}`);
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(document);
  if (!declaration) throw new Error("no XML declaration");
  const top: Open = { name: "", attributes: {}, children: [], text: "" };
  const open: Open[] = [top];
  let at = declaration[0].length;
  while (at < document.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(document);
    if (!match) throw new Error(`not well-formed at ${at}: ${document.slice(at, at + 40)}`);
    at += match[0].length;
    const [, closing, name, attributes = "", empty, text] = match;
    if (text !== undefined) open.at(-1)!.text += decoded(text);
    else if (closing) {
      const element = open.pop()!;
      if (element.name !== name || attributes !== "" || empty) throw new Error(`</${name}> closes <${element.name}>`);
    } else if (name !== undefined) {
      const element: Open = { name, attributes: attributesOf(attributes), children: [], text: "" };
      open.at(-1)!.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  if (top.children.length !== 1 || top.text.trim() !== "") throw new Error("not one root element");
  return top.children[0]!;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Open[];
  text: string;
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g"))) {
    if (Object.hasOwn(found, name!)) throw new Error(`attribute ${name} is given twice`);
    found[name!] = decoded(double ?? single ?? "");
  }
  return found;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));|&/gi, (whole, decimal, hex, name) => {
    const character = decimal
      ? String.fromCodePoint(Number(decimal))
      : hex
        ? String.fromCodePoint(Number.parseInt(hex, 16))
        : ENTITIES[name];
    if (character === undefined) throw new Error(`${whole} is no reference`);
    return character;
  });
}

/** Elements of a name anywhere below. */
export function elements(root: XmlElement, name: string): XmlElement[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}

/** Text of the first child of a name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}
