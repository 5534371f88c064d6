import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inRange } from "../engine/catalogue/protocols.ts";
import { loadCatalogue } from "../engine/node/catalogue.ts";
import { ARTICLE_SECTIONS, articleSchema, type Recipe, recipeSchema, referenceSchemas } from "../engine/rules/knowledge-schema.ts";
import { buildSeries } from "../engine/rules/updates-behind.ts";
import { tableDeclaration } from "../engine/tables/index.ts";

const root = join(import.meta.dirname, "..");
const filesBelow = (folder: string, pattern: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => pattern.test(file))
    .sort();
const text = (path: string) => readFileSync(join(root, path), "utf8");

interface RuleText {
  readonly id: string;
  readonly article: string;
  readonly evidence: Readonly<Record<string, { readonly from?: string }>>;
  readonly resolutions: readonly { readonly kb?: string; readonly kind: string; readonly value?: string; readonly key?: string }[];
}

const rules = filesBelow("rules", /\.ya?ml$/).map((file) => parse(text(`rules/${file}`)) as RuleText);
const recipes = filesBelow("kb/collect", /\.yaml$/).map((file) => ({ file, recipe: parse(text(`kb/collect/${file}`)) as Recipe }));
const articles = filesBelow("kb/articles", /\.md$/);

function problems(schema: TSchema, value: unknown): string[] {
  return [...Value.Errors(schema, value)].map((error) => `${error.instancePath} ${error.message}`);
}

/** The whole knowledge as one, with what is broken in it. */
const catalogue = await loadCatalogue();
const { updates, ports, errors, events } = catalogue.references;

describe("the knowledge base", () => {
  it("can be read whole", () => expect(catalogue.problems).toEqual([]));

  it.each([...filesBelow("rules", /\.yaml$/).map((file) => `rules/${file}`), ...filesBelow("kb", /\.yaml$/).map((file) => `kb/${file}`)])(
    "%s names the schema that editors check it against",
    (file) => {
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text(file))?.[1];
      expect(existsSync(join(root, dirname(file), schema ?? "missing"))).toBe(true);
    },
  );
});

/** `KB823764`, `KB 823764`, `VMware KB 1001805`, and the numbers that follow a `VMware KB` in a list. */
function knowledgeArticles(words: string): string[] {
  const listed = words.replace(/VMware KB ((?:\d{5,8}(?: \([^)]*\))?,? ?)+)/g, (_, numbers: string) =>
    [...numbers.matchAll(/\d{5,8}/g)].map(([number]) => `VMware-KB${number} `).join(""),
  );
  return [...listed.matchAll(/(?:VMware-)?\bKB ?\d{5,8}\b/g)].map(([id]) => id.replace(" ", ""));
}

describe("what rules and articles name", () => {
  const texts = [
    ...filesBelow("rules", /\.yaml$/).map((file) => `rules/${file}`),
    ...articles.map((file) => `kb/articles/${file}`),
    ...filesBelow("kb/reference", /\.yaml$/).map((file) => `kb/reference/${file}`),
  ];
  const predicates = catalogue.cases.flatMap(({ id, evidence }) =>
    evidence.flatMap(({ where }) => where.flat().map((words) => ({ id, words }))),
  );

  it.each(texts)("%s: every article of a maker's knowledge base is in the reference data", (file) => {
    const known = new Set<string>(updates.map(({ id }) => id));
    // The source of an entry may cite an article that no page needs to explain.
    const named = knowledgeArticles(text(file).replace(/^ {2}source: .*$/gm, ""));
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it.each(texts)("%s: every error code is in the reference data", (file) => {
    const known = new Set(errors.flatMap(({ id, also = [] }) => [id, ...also]).map((code) => code.toLowerCase()));
    const named = [...text(file).matchAll(/\b0x(?:[0-9a-f]{8}|27[0-9a-f]{2})\b/gi)].map(([code]) => code.toLowerCase());
    expect(named.filter((code) => !known.has(code) && code !== "0xffffffff")).toEqual([]);
  });

  it("every port a rule asks for, or would open, is in the reference data", () => {
    const asked = predicates.flatMap(({ words }) => /\bport is (\d+)$/.exec(words)?.[1] ?? []).map(Number);
    const opened = catalogue.cases.flatMap(({ resolutions }) => resolutions.flatMap((one) => (Array.isArray(one.ports) ? one.ports : [])));
    expect(asked.length).toBeGreaterThan(3);
    expect(
      [...asked, ...opened.flatMap((one) => String(one).split("-").map(Number))].filter(
        (port) => !ports.some((entry) => inRange(port, entry.ports)),
      ),
    ).toEqual([]);
  });

  it("every event a rule asks for is in the reference data", () => {
    const asked = predicates.flatMap(({ words }) => /^event id is (.*)$/.exec(words)?.[1]?.match(/\d+/g) ?? []).map(Number);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((number) => !events.some(({ event_id }) => event_id === number))).toEqual([]);
  });
});

describe("series of builds", () => {
  const products = [...new Set(updates.flatMap(({ builds = [] }) => builds.map(({ product }) => product)))];

  it.each(products)("%s: goes up with time, no build twice, each update being for it", (product) => {
    const series = buildSeries(updates, product);
    const versions = series.flatMap(({ version }) => version ?? []);
    expect(new Set(versions).size).toBe(versions.length);
    expect(series.filter(({ update }) => !update.products.includes(product))).toEqual([]);
    const months = series.flatMap(({ update }) => update.released?.slice(0, 7) ?? []);
    expect(months).toEqual(months.toSorted());
  });

  it("is dated by what was released until then", () => {
    expect(updates.filter(({ released = "", as_of }) => released > as_of)).toEqual([]);
    expect(updates.filter(({ builds, released, kind }) => builds && !released && kind !== "service_pack")).toEqual([]);
  });

  it("or a sentence tells what an update is about", () => {
    expect(updates.filter(({ about, builds }) => about === undefined && builds === undefined)).toEqual([]);
  });
});

describe("recipes", () => {
  it.each(recipes)("$file follows the declaration and fills tables that exist", ({ file, recipe }) => {
    expect(problems(recipeSchema, recipe)).toEqual([]);
    expect(`${recipe.id}.yaml`).toBe(file);
    expect(recipe.gathers.filter(({ table }) => !tableDeclaration(table))).toEqual([]);
  });

  it("gather every table a rule asks for", () => {
    const gathered = new Set(recipes.flatMap(({ recipe }) => recipe.gathers.map(({ table }) => table)));
    const wanted = rules.flatMap(({ id, evidence }) => Object.values(evidence).flatMap(({ from }) => (from ? [{ id, from }] : [])));
    expect(wanted.filter(({ from }) => !gathered.has(from))).toEqual([]);
  });
});

describe("reference data", () => {
  const entries = Object.entries(referenceSchemas).map(([name, schema]) => ({
    name,
    schema,
    value: parse(text(`kb/reference/${name}.yaml`)) as { id: string; cases?: string[]; kb?: string }[],
  }));

  it.each(entries)("$name.yaml follows its declaration, without an id twice", ({ schema, value }) => {
    expect(problems(schema, value)).toEqual([]);
    expect(new Set(value.map(({ id }) => id)).size).toBe(value.length);
  });

  it("is dated by days there are, none of them to come after the newest that is shown", () => {
    const dates = entries.flatMap(({ value }) => (value as { as_of?: string }[]).flatMap(({ as_of }) => as_of ?? []));
    const real = (date: string) => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
    expect(dates.filter((date) => !real(date) || date > catalogue.data_as_of)).toEqual([]);
  });

  it("links only where a transport protects the way", () => {
    expect(updates.filter(({ url }) => !URL.canParse(url) || new URL(url).protocol !== "https:")).toEqual([]);
  });

  it("names only cases and updates that are there", () => {
    const known = new Set(rules.map(({ id }) => id));
    const updates = new Set(entries.find(({ name }) => name === "updates")!.value.map(({ id }) => id));
    for (const { value } of entries) {
      expect(value.flatMap(({ cases }) => cases ?? []).filter((id) => !known.has(id))).toEqual([]);
      expect(value.flatMap(({ kb }) => kb ?? []).filter((id) => !updates.has(id))).toEqual([]);
    }
    expect(rules.flatMap(({ resolutions }) => resolutions.flatMap(({ kb }) => kb ?? [])).filter((id) => !updates.has(id))).toEqual([]);
  });

  it("describes every registry value a rule would set", () => {
    const described = new Set(
      (parse(text("kb/reference/registry.yaml")) as { key: string; value: string }[]).map(({ key, value }) => `${key}\\${value}`),
    );
    const set = rules.flatMap(({ resolutions }) =>
      resolutions.filter(({ kind }) => kind === "registry").map(({ key, value }) => `${key}\\${value}`),
    );
    expect(set.filter((value) => !described.has(value))).toEqual([]);
  });
});

describe("articles", () => {
  it("has one for every rule", () => {
    expect(rules.map(({ article }) => `${article}.md`).filter((file) => !articles.includes(file))).toEqual([]);
  });

  it.each(articles)("%s has its front matter, its sections in order, and links that lead somewhere", (file) => {
    const [, front, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text(`kb/articles/${file}`))!;
    const matter = parse(front!) as { id: string };
    expect(problems(articleSchema, matter)).toEqual([]);
    expect(file.endsWith(`/${matter.id}.md`)).toBe(true);
    expect([...body!.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([...ARTICLE_SECTIONS]);
    const links = [...body!.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target!);
    const broken = links.filter(
      (target) =>
        !recipes.some((recipe) => target === `../../collect/${recipe.file}`) && !articles.some((other) => target === `../${other}`),
    );
    expect(broken).toEqual([]);
  });
});
