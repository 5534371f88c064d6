import { attachBox } from "./search/box.ts";
import { createSearchClient } from "./search/client.ts";
import { attachResults } from "./search/results.ts";

/** Search on every page: the box with its list of hits, `/` to get there, and the page of results. */

const form = document.querySelector<HTMLFormElement>("form[data-search-box]");
const input = form?.querySelector<HTMLInputElement>("input[name=q]");
const { root = "./", searchWorker } = document.body.dataset;

if (form && input && searchWorker !== undefined) {
  const home = new URL(root, location.href).href;
  const client = createSearchClient(new URL(searchWorker, location.href).href, new URL("search/", home).href);
  const part = <T extends HTMLElement>(name: string) => document.querySelector<T>(`[data-search-${name}]`);
  const [live, status, found, index] = [part("results"), part("status"), part("found"), part("index")];
  const facets = part<HTMLFormElement>("facets");
  if (live && status && found && index && facets) attachResults(form, input, { live, status, facets, found, index }, client, home);
  else attachBox(form, input, client, home);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
