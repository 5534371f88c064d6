import { type Html, html } from "../html.ts";

/** A, B … Z, AA: how evidence is called on the page. */
export function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter;
}

/** The condition line with each evidence name as a link to the evidence. */
export function conditionMarkup(condition: string, names: readonly string[]): Html {
  const tokens = condition.match(/[()]|,|[^\s(),]+/g) ?? [];
  return html`<p class="condition" translate="no">${tokens.map((token, index) => {
    const gap = index > 0 && token !== ")" && token !== "," && tokens[index - 1] !== "(" && " ";
    const at = names.indexOf(token);
    if (at >= 0) return html`${gap}<a class="chip" href="#evidence-${token}"><span class="letter">${letterOf(at)}</span>${token}</a>`;
    return html`${gap}<span class="${token.includes("*") ? "mono" : "op"}">${token}</span>`;
  })}</p>`;
}

/** A text of a rule with its `{evidence.column}` set apart: what Casebook fills in. */
export function templateMarkup(text: string): Html {
  const parts = text.split(/(\{\{|\}\}|\{[^{}]+\})/);
  return html`${parts.map((part) => (part === "{{" ? "{" : part === "}}" ? "}" : part.startsWith("{") ? html`<span class="slot">${part}</span>` : part))}`;
}
