import { counted } from "../report/wording.ts";
import { areaAddress, caseAddress, productAddress, recipeAddress, referenceAddress, seriesAddress } from "./addresses.ts";
import type { CaseDocument, Catalogue, Entry, RecipeDocument, ReferenceTables } from "./catalogue.ts";
import { displayName } from "./display-name.ts";
import { firstParagraph } from "./plain-text.ts";
import { updateText } from "./update-words.ts";

/** Everything in the catalogue that has an address: cases, recipes, reference entries by kind, then areas, products and series of updates. */
export function entriesOf(catalogue: Catalogue): Entry[] {
  const { cases, recipes, references } = catalogue;
  return [
    ...cases.map(caseEntry),
    ...recipes.map(recipeEntry),
    ...referenceEntries(references),
    ...areasOf(cases),
    ...productsOf(cases),
    ...seriesOf(references),
  ];
}

function caseEntry(document: CaseDocument): Entry {
  const { id, area, title, symptoms, products, protocols, level, evidence, sections } = document;
  const symptom = sections.find((section) => section.title === "Symptom")?.markdown ?? "";
  return {
    address: caseAddress(id),
    kind: "case",
    title,
    text: firstParagraph(symptom) || symptoms.map((one) => `${one}.`).join(" "),
    facets: {
      area,
      product: products,
      protocol: protocols,
      level,
      evidence: [...new Set(evidence.flatMap(({ table }) => table ?? []))].sort(),
    },
  };
}

function recipeEntry({ id, title, windows, gathers }: RecipeDocument): Entry {
  const evidence = gathers.map(({ table }) => table);
  return { address: recipeAddress(id), kind: "recipe", title, text: windows, facets: { evidence } };
}

function referenceEntries({ updates, ports, registry, errors, events }: ReferenceTables): Entry[] {
  return [
    ...updates.map(
      (update): Entry => ({
        address: referenceAddress("updates", update.id),
        kind: "update",
        title: `${update.id}: ${update.title}`,
        text: updateText(update),
        facets: { product: update.products },
      }),
    ),
    ...ports.map(
      ({ id, protocol, ports: numbers, service, about, speaks = [] }): Entry => ({
        address: referenceAddress("ports", id),
        kind: "port",
        title: `${protocol.toUpperCase()} ${numbers}: ${service}`,
        text: about,
        facets: { protocol: [protocol, ...speaks].sort() },
      }),
    ),
    ...registry.map(
      ({ id, value, about }): Entry => ({
        address: referenceAddress("registry", id),
        kind: "registry",
        title: value,
        text: about,
        facets: {},
      }),
    ),
    ...errors.map(
      ({ id, name, meaning }): Entry => ({
        address: referenceAddress("errors", id),
        kind: "error",
        title: `${id.startsWith("0x") ? id : id.toUpperCase().replace("-", " ")}: ${name}`,
        text: meaning,
        facets: {},
      }),
    ),
    ...events.map(
      ({ id, event_id, provider, meaning }): Entry => ({
        address: referenceAddress("events", id),
        kind: "event",
        title: `Event ${event_id}, ${provider}`,
        text: meaning,
        facets: {},
      }),
    ),
  ];
}

function areasOf(cases: readonly CaseDocument[]): Entry[] {
  return [...counts(cases, ({ area }) => [area])].map(([area, count]) => ({
    address: areaAddress(area),
    kind: "page",
    title: displayName(area),
    text: `${counted(count, "case")} in this area.`,
    facets: { area },
  }));
}

function productsOf(cases: readonly CaseDocument[]): Entry[] {
  return [...counts(cases, ({ products }) => products)].map(([product, count]) => ({
    address: productAddress(product),
    kind: "page",
    title: displayName(product),
    text: `${counted(count, "case")} found on this product.`,
    facets: { product: [product] },
  }));
}

/** Products whose updates follow each other build by build. */
function seriesOf({ updates }: ReferenceTables): Entry[] {
  const products = counts(updates, ({ builds = [] }) => builds.map(({ product }) => product));
  return [...products].map(([product, count]) => ({
    address: seriesAddress(product),
    kind: "page",
    title: `Updates of ${displayName(product)}`,
    text: `${counted(count, "update")} in the order of their builds, and how many of them an installed build is behind.`,
    facets: { product: [product] },
  }));
}

/** How many items name each key, in order of key. */
function counts<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const item of items) for (const key of new Set(keysOf(item))) found.set(key, (found.get(key) ?? 0) + 1);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
