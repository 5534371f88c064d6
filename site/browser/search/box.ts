import type { Hit, SearchResult } from "../../../engine/catalogue/search.ts";
import { kindName } from "../../search-words.ts";
import type { SearchClient } from "./client.ts";
import { element, markedText } from "./elements.ts";
import { TYPING_PAUSE_MS } from "./typing.ts";
import { countText, remarks } from "./wording.ts";

const SHOWN = 8;
const LIST_ID = "search-list";
/** A pause this long, in ms, is needed before a screen reader is told the number of hits, or it would speak over the typing. */
const TELL_AFTER = 500;

/**
 * Makes the form a combobox with a list of hits: the editable combobox with list autocomplete and manual selection of the ARIA Authoring
 * Practices, https://www.w3.org/WAI/ARIA/apg/patterns/combobox/. Options are links, so that they open as links do.
 */
export function attachBox(form: HTMLFormElement, input: HTMLInputElement, client: SearchClient, root: string): void {
  const list = element("div", { role: "listbox", id: LIST_ID, "aria-label": "Search results", class: "search-list" });
  const told = element("div", { role: "status", class: "unseen-text" });
  const popup = element("div", { class: "search-popup" }, list);
  popup.hidden = true;
  form.append(popup, told);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": LIST_ID,
  }))
    input.setAttribute(name, value);

  let newest = 0;
  let active = -1;
  let telling: ReturnType<typeof setTimeout> | undefined;
  const options = () => [...list.children] as HTMLElement[];

  const open = (shown: boolean): void => {
    popup.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) choose(-1);
  };
  const choose = (index: number): void => {
    for (const [at, option] of options().entries()) option.setAttribute("aria-selected", String(at === index));
    active = index;
    const option = options()[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const tell = (text: string): void => {
    clearTimeout(telling);
    telling = setTimeout(() => {
      told.textContent = text;
    }, TELL_AFTER);
  };
  const show = (result: SearchResult): void => {
    list.replaceChildren(...result.hits.map((hit, index) => hitOption(hit, index, root)), allOption(result, root));
    popup.querySelector(".search-note")?.remove();
    const notes = remarks(result);
    if (notes.length > 0) popup.prepend(element("p", { class: "search-note" }, notes.join(" ")));
    choose(-1);
    open(true);
    tell(countText(result));
  };
  const ask = async (): Promise<void> => {
    const question = ++newest;
    if (input.value.trim() === "") return open(false);
    try {
      const result = await client.ask(input.value, { limit: SHOWN, count: "best" });
      if (question === newest && document.activeElement === input) show(result);
    } catch {
      // Enter still leads to the index of everything.
      if (question === newest) open(false);
    }
  };

  input.addEventListener("focus", () => client.warm());
  let asking: ReturnType<typeof setTimeout> | undefined;
  input.addEventListener("input", () => {
    clearTimeout(asking);
    asking = setTimeout(ask, TYPING_PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (popup.hidden) void ask();
      else if (event.key === "ArrowDown") choose(active === last ? -1 : active + 1);
      else choose(active === -1 ? last : active - 1);
    } else if (event.key === "Enter" && !popup.hidden && active >= 0) {
      event.preventDefault();
      options()[active]!.click();
    } else if (event.key === "Escape") {
      if (popup.hidden) input.value = "";
      else event.preventDefault();
      newest++;
      open(false);
    }
  });
  // Leaving by Tab or by a click elsewhere; a click on an option comes first, for options do not take the focus.
  popup.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("blur", () => {
    newest++;
    open(false);
  });
}

function hitOption({ entry, title, snippet, is }: Hit, index: number, root: string): HTMLElement {
  return element(
    "a",
    { role: "option", id: `search-option-${index}`, href: new URL(entry.address, root).href, tabindex: "-1", "aria-selected": "false" },
    element("span", { class: "option-kind" }, is ?? kindName(entry.kind)),
    element("span", { class: "option-title" }, markedText(title)),
    element("span", { class: "option-text" }, markedText(snippet)),
  );
}

function allOption(result: SearchResult, root: string): HTMLElement {
  const address = new URL("search/", root);
  address.searchParams.set("q", result.query);
  const attributes = { role: "option", id: "search-option-all", tabindex: "-1", "aria-selected": "false", class: "option-all" };
  const text = result.total === 0 ? "No results; browse the index" : `${countText(result)}: show all`;
  return element("a", { ...attributes, href: address.href }, text);
}
