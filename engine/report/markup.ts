import { printable } from "./printable.ts";

/** Markup that is known to be safe: made by the `html` tag, never from a plain string. */
export class Markup {
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }

  /** For text that is our own, such as a style sheet; never for anything a bundle or a rule said. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.text;
  }
}

export type Insertable = Markup | string | number | null | undefined | false | readonly Insertable[];

export type MarkupTag = (strings: TemplateStringsArray, ...values: readonly Insertable[]) => Markup;

/** A template tag for HTML and inline SVG: whatever is inserted goes through `escaped`, unless it is `Markup` already. Lists are joined; null and false leave nothing. */
export function markupTag(escaped: (text: string) => string): MarkupTag {
  const insert = (value: Insertable): string => {
    if (value === null || value === undefined || value === false) return "";
    if (value instanceof Markup) return value.text;
    if (typeof value === "object") return value.map(insert).join("");
    return escaped(String(value));
  };
  return (strings, ...values) => Markup.trusted(strings.reduce((text, part, index) => text + insert(values[index - 1]) + part));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The five characters that mean something in HTML as entities. */
export function escapeEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Safe as element content and inside quoted attributes; control characters and direction overrides are shown, not sent. */
export function escapeText(text: string): string {
  return escapeEntities(printable(text));
}

/** Markup of a report: every text on one line. */
export const html = markupTag(escapeText);
