import type { Marked } from "../../../engine/catalogue/search-snippet.ts";

type Child = Node | string | null | false;

/** An element with attributes and children; text is text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | null>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/** Text with what was found in `mark` elements. */
export function markedText({ text, marks }: Marked): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let at = 0;
  for (const [from, to] of marks) {
    fragment.append(text.slice(at, from), element("mark", {}, text.slice(from, to)));
    at = to;
  }
  fragment.append(text.slice(at));
  return fragment;
}
