import { referenceAddress } from "../../engine/catalogue/addresses.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { remedyCommands } from "../../engine/catalogue/remedy-commands.ts";
import type { Resolution } from "../../engine/rules/rule.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { Prose } from "../markdown.ts";
import { copyable } from "./copyable.ts";

const KINDS: Readonly<Record<string, string>> = {
  update: "Update",
  registry: "Registry value",
  firewall: "Firewall",
  configuration: "Configuration",
  driver: "Driver",
  service: "Service",
  certificate: "Certificate",
  contact: "Ask somebody",
  investigate: "Investigate",
};

/** What to change, with commands to copy where the facts say enough. */
export function remedyList(resolutions: readonly Resolution[], known: ReadonlySet<string>, prose: Prose, to: Link): Html {
  return html`<ul class="remedies">${resolutions.map((resolution, index) => remedy(resolution, index, known, prose, to))}</ul>`;
}

function remedy(resolution: Resolution, index: number, known: ReadonlySet<string>, prose: Prose, to: Link): Html {
  const { kind, text, kb, url, product, risk, restart, key } = resolution;
  const facts = [
    typeof kb === "string" && (known.has(kb) ? html`<a href="${to(referenceAddress("updates", kb))}">${kb}</a>` : html`${kb}`),
    typeof product === "string" && html`${displayName(product)}`,
    typeof url === "string" && /^https?:\/\//.test(url) && html`<a rel="external noreferrer" href="${url}">description</a>`,
    restart === true && html`takes effect after a restart`,
  ].filter((fact) => fact !== false);
  return html`<li>
<p class="kind">${KINDS[kind] ?? kind}${facts.map((fact) => html` · ${fact}`)}</p>
<p>${prose.line(text, to)}</p>
${remedyCommands(resolution).map(
  ({ what, text: command }, number) => html`<p class="how">${what}</p>
${copyable(`remedy-${index + 1}-${number + 1}`, command, `${what}, remedy ${index + 1}`)}`,
)}
${typeof key === "string" && key.includes("{interface}") && interfaceNote(index)}
${typeof risk === "string" && html`<p class="risk"><strong>Mind:</strong> ${prose.line(risk, to)}</p>`}
</li>
`;
}

/** How to find what `{interface}` stands for. Class and property are as old as Windows 2000. */
function interfaceNote(index: number): Html {
  return html`<p class="how">Put the interface's GUID in place of {interface}. PowerShell lists them:</p>
${copyable(`remedy-${index + 1}-interfaces`, "Get-CimInstance Win32_NetworkAdapterConfiguration -Filter IPEnabled=TRUE | Format-Table Description, IPAddress, SettingID", `List of interfaces, remedy ${index + 1}`)}`;
}
