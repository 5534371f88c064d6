import type { Assets } from "./assets.ts";
import { type Html, html } from "./html.ts";
import { type Link, linksBelow, linksFrom } from "./links.ts";
import type { Page, Section, SiteContext } from "./page.ts";
import { searchBox } from "./search-box.ts";

const SITE_NAME = "Casebook";
/** Scripts of every page, beside `theme`, which runs before the first paint, so that a chosen theme does not flash. */
const EVERYWHERE = ["search"] as const;

/** Search runs in a worker that `site/browser/search.ts` starts when it is first needed; it finds the site's root and the worker's script here. */
const SEARCH_WORKER = "search.worker.js";

const SECTIONS: readonly { readonly section: Section; readonly title: string; readonly address: string }[] = [
  { section: "cases", title: "Cases", address: "cases/" },
  { section: "reference", title: "Reference", address: "reference/" },
  { section: "collect", title: "Collect", address: "collect/" },
  { section: "match", title: "Match", address: "match/" },
  { section: "authors", title: "Authors", address: "authors/" },
  { section: "about", title: "About", address: "about/" },
];

/**
 * What a page may load, said in the page itself, so that it holds on any host. Nothing inline, nothing from elsewhere; only the
 * server that was configured may be spoken to.
 */
export function contentSecurityPolicy(api: URL | null, worker = false): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${api ? ` ${api.origin}` : ""}`,
    // A worker started from memory is bound by this policy, one started from a file by none.
    `worker-src 'self'${worker ? " blob:" : ""}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
  ].join("; ");
}

/**
 * The whole document of a page. It is shown once its foot is there, since a table whose rows arrive one by one would move under the
 * reader's eyes: pages are small, and the style sheet that holds back the first paint takes longer to come.
 */
export function renderPage(page: Page, context: SiteContext, assets: Assets): string {
  const to = page.path === "404.html" && context.url ? linksBelow(context.url) : linksFrom(page.path);
  return html`<!doctype html>
<html lang="en">
<head>
${head(page, context, assets, to)}
</head>
<body${page.kind && html` class="${page.kind}"`}${page.worker && html` data-worker="${to(assets.address(`${page.worker}.js`))}"`} data-root="${to("")}"${assets.has(SEARCH_WORKER) && html` data-search-worker="${to(assets.address(SEARCH_WORKER))}"`}>
<a class="skip" href="#main">Skip to the content</a>
${header(page, to)}
<main id="main" tabindex="-1">
${page.trail && trail(page, to)}${page.body(to)}
</main>
${footer(context, to)}
</body>
</html>
`.text;
}

function head(page: Page, { url, api }: SiteContext, assets: Assets, to: Link): Html {
  const title = page.path === "" ? page.title : `${page.title} · ${SITE_NAME}`;
  const canonical = url && !page.hidden ? new URL(page.path, url).href : null;
  const scripts = [...new Set([...EVERYWHERE, ...(page.scripts ?? [])])].filter((name) => assets.has(`${name}.js`));
  // Browsers look for nothing ahead of a policy, so whatever waits comes last: before it, everything is asked for at once.
  return html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(api, page.worker !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<meta name="description" content="${page.description}">
${page.hidden && html`<meta name="robots" content="noindex">\n`}${
  canonical &&
  html`<link rel="canonical" href="${canonical}">
<meta property="og:title" content="${page.title}">
<meta property="og:description" content="${page.description}">
<meta property="og:url" content="${canonical}">
<meta property="og:type" content="website">
<link rel="search" type="application/opensearchdescription+xml" title="${SITE_NAME}" href="${to("opensearch.xml")}">
`
}<link rel="expect" href="#foot" blocking="render">
<link rel="icon" type="image/svg+xml" href="${to("icon.svg")}">
<link rel="alternate" type="application/atom+xml" title="${SITE_NAME}: cases" href="${to("feed.atom")}">
<link rel="alternate" type="application/feed+json" title="${SITE_NAME}: cases" href="${to("feed.json")}">
${["site", ...(page.styles ?? [])].map((name) => html`<link rel="stylesheet" href="${to(assets.address(`${name}.css`))}">\n`)}${scripts.map((name) => html`<script type="module" src="${to(assets.address(`${name}.js`))}"></script>\n`)}${assets.has("theme.js") && html`<script src="${to(assets.address("theme.js"))}"></script>\n`}`;
}

function header(page: Page, to: Link): Html {
  return html`<header class="site-header">
<div class="bar">
<a class="brand" href="${to("")}"${page.path === "" && html` aria-current="page"`}>${mark()}<span>${SITE_NAME}</span></a>
${!page.ownSearch && searchBox(to)}
<nav class="site-nav" aria-label="Site"><ul>${SECTIONS.map(
    ({ section, title, address }) =>
      html`<li><a href="${to(address)}"${page.section === section && html` aria-current="${page.path === address ? "page" : "true"}"`}>${title}</a></li>`,
  )}</ul></nav>
<button class="theme" type="button" data-theme-toggle hidden><span class="unseen-text">Theme: </span><span data-theme-name>auto</span></button>
</div>
</header>`;
}

/** The sign of the house: an open book whose right page is ruled like a packet list. */
function mark(): Html {
  return html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><path class="cover" d="M4 5h10a2 2 0 0 1 2 2v20a2 2 0 0 0-2-2H4zM28 5H18a2 2 0 0 0-2 2v20a2 2 0 0 1 2-2h10z"/><path class="rows" d="M19 10h6M19 14h6M19 18h4M7 10h6M7 14h4"/></svg>`;
}

function trail({ trail, title }: Page, to: Link): Html {
  return html`<nav class="trail" aria-label="Breadcrumb"><ol><li><a href="${to("")}">Start</a></li>${trail?.map(
    (step) => html`<li><a href="${to(step.address)}">${step.title}</a></li>`,
  )}<li aria-current="page">${title}</li></ol></nav>
`;
}

function footer({ catalogue }: SiteContext, to: Link): Html {
  const { version, digest, data_as_of } = catalogue;
  return html`<footer id="foot" class="site-footer">
<div class="bar">
<ul class="foot-links"><li><a href="${to("about/")}">About</a></li><li><a href="${to("changelog/")}">Changelog</a></li><li><a href="${to("authors/")}">For rule authors</a></li><li><a href="${to("feed.atom")}">Atom</a></li><li><a href="${to("feed.json")}">JSON Feed</a></li><li><a href="${to("api/openapi.json")}">API</a></li></ul>
<p>${data_as_of !== "" && html`Data as of <time datetime="${data_as_of}">${data_as_of}</time>. `}Casebook ${version}, rules <code title="${digest}">${digest.slice(0, "sha256:".length + 12)}</code></p>
</div>
</footer>`;
}
