import type { Catalogue, ReferenceKind } from "../../engine/catalogue/catalogue.ts";
import { readCode } from "../../engine/catalogue/notation.ts";
import { counted } from "../../engine/report/wording.ts";
import type { ErrorCode, EventReference, Port, RegistryValue } from "../../engine/rules/knowledge-schema.ts";
import { type Html, html, joined } from "../html.ts";
import type { Link } from "../links.ts";
import type { Prose } from "../markdown.ts";
import type { Page, PageSource } from "../page.ts";
import { casesOf, originColumn, referenceTable } from "../parts/reference-table.ts";

/** What a table of one kind needs to be written. */
interface Writing {
  readonly titles: ReadonlyMap<string, string>;
  readonly prose: Prose;
  readonly to: Link;
}

interface Kind {
  readonly kind: ReferenceKind;
  readonly title: string;
  readonly about: string;
}

/** Kinds of reference data in the order they are shown. */
export const REFERENCE_PAGES: readonly Kind[] = [
  { kind: "updates", title: "Updates", about: "Updates and articles that cases name, and the series of builds of each product" },
  { kind: "ports", title: "Ports", about: "What listens where, who connects to whom, and what depends on it" },
  { kind: "registry", title: "Registry values", about: "Values that change how Windows networks: valid data, defaults, who reads them" },
  { kind: "errors", title: "Error codes", about: "What a code says, in any of its spellings, and what it leaves open" },
  { kind: "events", title: "Windows events", about: "What an event says, what its parameters hold, and what it leaves open" },
];

/** The overview of reference data and one table a kind; updates have pages of their own. */
export const referencePages: PageSource = function* ({ catalogue, prose }) {
  const titles = new Map(catalogue.cases.map(({ id, title }) => [id, title]));
  yield {
    path: "reference/",
    section: "reference",
    title: "Reference",
    description:
      "Updates, ports, registry values, error codes and Windows events that network cases turn on, each with its source and date.",
    trail: [],
    body: (to) => html`<div class="page-head"><h1>Reference</h1>
<p class="lead">The facts cases turn on, each with its source and the day it was written down. Every entry has an address of its own.</p></div>
<ul class="cards">${REFERENCE_PAGES.map(
      ({ kind, title, about }) =>
        html`<li><a href="${to(`reference/${kind}/`)}">${title}</a><p>${about}.</p><p class="count">${counted(catalogue.references[kind].length, "entry", "entries")}</p></li>`,
    )}</ul>`,
  };
  yield referencePage("ports", (to) => ports(catalogue, { titles, prose, to }));
  yield referencePage("registry", (to) => registry(catalogue, { titles, prose, to }));
  yield referencePage("errors", (to) => errors(catalogue, { titles, prose, to }));
  yield referencePage("events", (to) => events(catalogue, { titles, prose, to }));
};

function referencePage(kind: ReferenceKind, table: (to: Link) => Html): Page {
  const { title, about } = REFERENCE_PAGES.find((page) => page.kind === kind)!;
  return {
    path: `reference/${kind}/`,
    section: "reference",
    title,
    description: `${about}, each with its source and date.`,
    trail: [{ title: "Reference", address: "reference/" }],
    scripts: ["copy", "table-sort"],
    body: (to) => html`<div class="page-head"><h1>${title}</h1><p class="lead">${about}.</p></div>
${table(to)}`,
  };
}

function ports({ references }: Catalogue, { titles, prose, to }: Writing): Html {
  return referenceTable<Port>({
    what: "ports",
    entries: references.ports.toSorted((a, b) => firstPort(a) - firstPort(b) || (a.id < b.id ? -1 : 1)),
    columns: [
      { title: "Port", cell: ({ protocol, ports }) => `${protocol.toUpperCase()} ${ports}`, sortKey: firstPort },
      { title: "Service", cell: ({ service }) => service },
      {
        title: "Who connects to whom",
        className: "wide",
        cell: ({ about, cases }) => html`<p>${prose.line(about, to)}</p>${casesOf(cases, titles, to)}`,
      },
      originColumn(),
    ],
  });
}

function firstPort({ ports }: Port): number {
  return Number.parseInt(ports, 10);
}

function registry({ references }: Catalogue, { titles, prose, to }: Writing): Html {
  return referenceTable<RegistryValue>({
    what: "registry values",
    entries: references.registry.toSorted((a, b) => (a.value.toLowerCase() < b.value.toLowerCase() ? -1 : 1)),
    columns: [
      {
        title: "Value",
        cell: ({ value, type }) => html`<code>${value}</code> <span class="note">${type}</span>`,
        sortKey: ({ value }) => value,
      },
      {
        title: "What it does",
        className: "wide",
        cell: ({ key, about, restart, cases }) =>
          html`<p class="code">${registryPath(key)}</p><p>${prose.line(about, to)}${restart && " Takes effect after a restart."}</p>${casesOf(cases, titles, to)}`,
        sortKey: ({ key }) => key,
      },
      {
        title: "Data",
        className: "wide",
        cell: ({ range, default: absent, honoured_by }) =>
          html`<dl class="terms"><dt>Valid</dt><dd>${range}</dd><dt>Where it is absent</dt><dd>${absent}</dd><dt>Read by</dt><dd>${honoured_by}</dd></dl>`,
      },
      originColumn(),
    ],
  });
}

/** A path that may be broken after its backslashes. */
function registryPath(key: string): Html {
  return joined(
    key.split("\\").map((part) => html`${part}`),
    html`\\<wbr>`,
  );
}

function errors({ references }: Catalogue, { titles, prose, to }: Writing): Html {
  return referenceTable<ErrorCode>({
    what: "error codes",
    entries: references.errors,
    columns: [
      { title: "Code", cell: ({ id }) => html`<code>${id}</code>`, sortKey: ({ id }) => readCode(id) ?? id },
      {
        title: "Meaning",
        className: "wide",
        cell: ({ id, name, also = [], meaning, cases }) =>
          html`<p class="code">${name}</p><p>${prose.line(meaning, to)}</p>${spellings(id, name, also)}${casesOf(cases, titles, to)}`,
        sortKey: ({ name }) => name,
      },
      { title: "Space", cell: ({ space }) => space },
      originColumn(),
    ],
  });
}

function spellings(id: string, name: string, also: readonly string[]): Html | null {
  const others = also.filter((spelling) => spelling !== name && spelling !== id);
  return others.length > 0 ? html`<p class="note">also ${others.join(", ")}</p>` : null;
}

function events({ references }: Catalogue, { titles, prose, to }: Writing): Html {
  return referenceTable<EventReference>({
    what: "events",
    entries: references.events.toSorted((a, b) => a.event_id - b.event_id || (a.id < b.id ? -1 : 1)),
    columns: [
      { title: "Event", cell: ({ event_id }) => String(event_id) },
      {
        title: "Meaning",
        className: "wide",
        cell: ({ meaning, parameters = [], cases }) =>
          html`<p>${prose.line(meaning, to)}</p>${
            parameters.length > 0 &&
            html`<p class="note">${parameters.map((text, index) => html`${index > 0 && "; "}<code>param${index + 1}</code> ${text}`)}</p>`
          }${casesOf(cases, titles, to)}`,
      },
      { title: "Provider", cell: ({ provider, channel, level }) => html`<p>${provider}</p><p class="note">${channel}, ${level}</p>` },
      originColumn(),
    ],
  });
}
