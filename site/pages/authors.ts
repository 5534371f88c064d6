import { modifierMeanings, ruleFileSchema } from "../../engine/rules/schema.ts";
import { tableDeclarations } from "../../engine/tables/index.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { Prose } from "../markdown.ts";
import type { Page, PageSource } from "../page.ts";
import { declaredTable, ruleFields, type Say } from "../parts/declarations.ts";
import { sectionMarkup } from "../parts/section.ts";

/** Texts of declarations as sentences, each with one full stop. */
function sentence(prose: Prose, to: Link): Say {
  return (text) => prose.line(text === "" || /[.!?]$/.test(text) ? text : `${text}.`, to);
}

const TRAIL = [{ title: "For rule authors", address: "authors/" }];

/** What whoever writes a rule looks up, written from the declarations that the engine itself runs on. */
export const authorPages: PageSource = (context) => [
  {
    path: "authors/",
    section: "authors",
    title: "For rule authors",
    description: "How a case becomes a rule: the rule language, every table and column evidence turns into, every modifier.",
    trail: [],
    body: (to) => html`<div class="page-head"><h1>For rule authors</h1>
<p class="lead">A case is one YAML file that says what to look for, one article that a person reads, and test bundles that prove it. Nothing else changes when one is added.</p></div>
<ul class="cards">
<li><a href="${to("authors/rules/")}">The rule file</a><p>The language by example, then every field with its type.</p></li>
<li><a href="${to("authors/tables/")}">Tables and columns</a><p>${tableDeclarations.length} tables that evidence turns into: types, units, meaning, what null means.</p></li>
<li><a href="${to("authors/modifiers/")}">Modifiers</a><p>${Object.keys(modifierMeanings).length} words after a column's name: how a value is compared.</p></li>
</ul>
<section class="start-part" aria-labelledby="begin"><h2 id="begin">Begin</h2><div class="prose">
<p>In a checkout of Casebook one command writes a rule, an article and four test folders that lint:</p>
<pre tabindex="0" aria-label="Command"><code>npx casebook rules new tcp-my-case --area tcp</code></pre>
<p>Then say what an expert would point at, and let the linter and the tests tell you what is missing:</p>
<pre tabindex="0" aria-label="Commands"><code>npx casebook rules lint
npx casebook rules test tcp-my-case</code></pre>
<p>A case may match no other case's bundle, and none of the healthy ones. It starts as <code>experimental</code>.</p></div></section>`,
  },
  tablesPage(context.prose),
  modifiersPage(context.prose),
  rulesPage(context.prose, context.guide === "" ? null : (to) => context.prose.block(context.guide, to, 2)),
];

function tablesPage(prose: Prose): Page {
  return {
    path: "authors/tables/",
    section: "authors",
    title: "Tables and columns",
    description: "Every table evidence turns into, with the type, unit and meaning of each column, and what null means in it.",
    trail: TRAIL,
    scripts: ["copy"],
    body: (to) => html`<div class="page-head"><h1>Tables and columns</h1>
<p class="lead">What evidence is turned into, and what rules ask. A cell that is not known is null, and a question about it is unknown rather than false.</p>
<p class="note"><code>time</code> columns count nanoseconds since 1970-01-01 UTC, <code>duration</code> columns seconds. <code>host</code> is every address and name of one machine, and equals any of them. <code>frame</code>, <code>frames</code> and <code>citations</code> say where the evidence stands, numbered from 1.</p></div>
<nav aria-label="Tables"><ul class="columns">${tableDeclarations.map(({ name, about }) => html`<li><a href="#${name}"><code>${name}</code></a> <span class="note">${sentence(prose, to)(about)}</span></li>`)}</ul></nav>
${tableDeclarations.map((declaration) => declaredTable(declaration, sentence(prose, to)))}`,
  };
}

function modifiersPage(prose: Prose): Page {
  return {
    path: "authors/modifiers/",
    section: "authors",
    title: "Modifiers",
    description: "Every word that may follow a column's name in a predicate, and what it means.",
    trail: TRAIL,
    scripts: ["copy"],
    body: (to) => html`<div class="page-head"><h1>Modifiers</h1>
<p class="lead"><code>column: value</code> means equal. A word after a bar changes that: <code>duration|gte: 1s</code>. The words are Sigma's, as far as <a href="${to("authors/tables/")}">tables</a> have a use for them.</p></div>
<div class="scroll" role="region" aria-label="Modifiers" tabindex="0"><table class="declared"><thead><tr><th scope="col">Modifier</th><th scope="col">Meaning</th></tr></thead>
<tbody>${Object.entries(modifierMeanings).map(([word, meaning]) => html`<tr id="${word}"><th scope="row"><code>|${word}</code></th><td class="meaning">${sentence(prose, to)(meaning)}</td></tr>`)}</tbody></table></div>`,
  };
}

function rulesPage(prose: Prose, guide: ((to: (address: string) => string) => Html) | null): Page {
  return {
    path: "authors/rules/",
    section: "authors",
    title: "The rule file",
    description: "The rule language by example, and every field of a rule file with its type, whether it is required, and what it means.",
    trail: TRAIL,
    scripts: ["copy"],
    body: (to) => html`<div class="page-head"><h1>The rule file</h1>
<p class="lead">One case, one YAML file: what to look for in a bundle, how the pieces belong together, and what to change.</p>
<p><a href="#fields">Every field</a> stands below the guide.</p></div>
${guide && html`<div class="prose">${guide(to)}</div>`}
${sectionMarkup({ id: "fields", title: "Every field", body: ruleFields(ruleFileSchema, sentence(prose, to)) })}`,
  };
}
