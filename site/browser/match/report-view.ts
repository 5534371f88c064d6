import { element } from "./elements.ts";
import type { ShownReport } from "./messages.ts";

/** Puts a report into the page: its markup is escaped by the engine, and the page's policy lets nothing in it act. */
export function showReport(shown: ShownReport, root: string, explain: (rule: string) => void): void {
  const report = element("report", HTMLElement);
  report.innerHTML = shown.markup;
  linkRecipes(report, root);
  const known = new Set(shown.rules.map(({ id }) => id));
  for (const { id, rule } of shown.detailed) report.querySelector(`#${id}`)?.append(tools(rule, known.has(rule), root, explain));
  fillChoice(shown);
  element("result", HTMLElement).hidden = false;
  report.querySelector<HTMLElement>("#report-title")?.focus();
}

/** What can be done with a finding. */
function tools(rule: string, known: boolean, root: string, explain: (rule: string) => void): HTMLElement {
  const line = document.createElement("p");
  line.className = "tools";
  if (known) line.append(link(`${root}cases/${rule}/`, "Read the case"));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = "Explain this verdict";
  button.addEventListener("click", () => explain(rule));
  line.append(button);
  return line;
}

/** `casebook collect netstat` leads to the recipe. */
function linkRecipes(report: HTMLElement, root: string): void {
  for (const code of report.querySelectorAll("code")) {
    const recipe = /^casebook collect ([a-z0-9-]+)$/.exec(code.textContent ?? "")?.[1];
    if (recipe === undefined) continue;
    const anchor = link(`${root}collect/${recipe}/`, "");
    code.replaceWith(anchor);
    anchor.append(code);
  }
}

function link(address: string, text: string): HTMLAnchorElement {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.textContent = text;
  return anchor;
}

function fillChoice({ rules, detailed }: ShownReport): void {
  const choice = element("explain-rule", HTMLSelectElement);
  const chosen = choice.value || detailed[0]?.rule;
  choice.replaceChildren(...rules.map(({ id, title }) => new Option(title, id, false, id === chosen)));
}

/** Shows why a rule came to its verdict. */
export function showExplanation(rule: string, title: string, markup: string): void {
  const part = element("explanation", HTMLElement);
  part.innerHTML = markup;
  const heading = document.createElement("h3");
  heading.textContent = `${title} (${rule})`;
  part.prepend(heading);
  part.hidden = false;
  element("explain-rule", HTMLSelectElement).value = rule;
  part.focus();
  part.scrollIntoView({ block: "start" });
}

/** Takes the last report away. */
export function clearReport(): void {
  element("result", HTMLElement).hidden = true;
  element("report", HTMLElement).replaceChildren();
  element("explain-rule", HTMLSelectElement).replaceChildren();
  const explanation = element("explanation", HTMLElement);
  explanation.replaceChildren();
  explanation.hidden = true;
}
