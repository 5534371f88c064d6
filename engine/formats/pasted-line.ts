const [GREATER, BAR, AMPERSAND] = [0x3e, 0x7c, 0x26];
/** What HTML writes for characters that mean something in it. */
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'", apos: "'", nbsp: " " };
const ENTITY = /&(lt|gt|amp|quot|#39|apos|nbsp);/g;

/** A line as it was before a mail quoted it, once or more, with `>` or, as some programs do, with `|`. */
export function unquoted(line: string): string {
  const first = line.charCodeAt(0);
  return first === GREATER || first === BAR ? line.replace(/^(?:>+ ?|\| )+/, "") : line;
}

/** A line as it was before a page's source wrote it, where it holds no markup itself; and then as it was before it was quoted. */
export function unescaped(line: string): string {
  if (line.indexOf("&") < 0 || line.indexOf("<") >= 0) return line;
  const plain = line.replace(ENTITY, (_, name: string) => ENTITIES[name]!);
  return plain === line || line.charCodeAt(0) !== AMPERSAND ? plain : unquoted(plain);
}
