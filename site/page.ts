import type { Catalogue } from "../engine/catalogue/catalogue.ts";
import type { Knowledge } from "../engine/node/knowledge.ts";
import type { ReportedCase } from "./case-report.ts";
import type { Html } from "./html.ts";
import type { Link } from "./links.ts";
import type { Prose } from "./markdown.ts";

/** Everything pages and files are made from. */
export interface SiteContext {
  readonly catalogue: Catalogue;
  /** Where the site will stand, ending with a slash; null where nobody has said. */
  readonly url: URL | null;
  /** A server that takes bundles; null where there is none. */
  readonly api: URL | null;
  /** The same knowledge as texts and parsed, for the engine in the browser. */
  readonly knowledge: Knowledge;
  /** Makes markup of articles and one-line texts. */
  readonly prose: Prose;
  /** Users' changelog, Markdown. */
  readonly changelog: string;
  /** The guide to the rule language, Markdown without its title; empty where it did not come along. */
  readonly guide: string;
  /** By case: what Casebook says of that case's own test bundle. Empty where there are no test bundles. */
  readonly reported: ReadonlyMap<string, ReportedCase>;
}

/** Parts of the site the header leads to. */
export type Section = "cases" | "reference" | "collect" | "match" | "authors" | "about";

export interface Page {
  /** Folder with a slash at its end (`cases/rdp-listener-gone/`), empty for the start page, or a file name (`404.html`). */
  readonly path: string;
  /** Unique on the site; the layout adds the site's name. */
  readonly title: string;
  /** A sentence or two for search engines and previews; unique on the site. */
  readonly description: string;
  /** What belongs into `main`, with one `h1`. `to` writes links to other pages of the site. */
  readonly body: (to: Link) => Html;
  readonly section?: Section;
  /** The way here from the start page, without the start page and the page itself. */
  readonly trail?: readonly { readonly title: string; readonly address: string }[];
  /** Browser scripts of `site/browser/` it needs beside those of every page, by name without extension. */
  readonly scripts?: readonly string[];
  /** Style sheets of `site/styles/` it needs beside `site.css`, by name without extension. */
  readonly styles?: readonly string[];
  /** Worker of `site/browser/workers/` that its scripts start from memory, by name without extension; `body` has its address in `data-worker`. */
  readonly worker?: string;
  /** Class of `body`, for its styles: `start`, `case`. */
  readonly kind?: string;
  /** Leaves the search box out of the header, where the page has its own. */
  readonly ownSearch?: boolean;
  /** Keeps the page out of search engines and the sitemap. */
  readonly hidden?: boolean;
}

/** Makes the pages of one kind. */
export type PageSource = (context: SiteContext) => Iterable<Page>;
