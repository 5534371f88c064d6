import { feedFiles } from "./feeds.ts";
import { iconFiles } from "./icon.ts";
import { matchFiles } from "./match-files.ts";
import { opensearchFiles } from "./opensearch.ts";
import type { SiteContext } from "./page.ts";
import { searchFiles } from "./search-files.ts";
import { sitemapFiles } from "./sitemap.ts";
import { apiFiles } from "./static-api.ts";

/** A file of the site that is no page: feeds, static API, search data, configuration. */
export interface SiteFile {
  /** `feed.atom`, `api/cases/rdp-listener-gone.json` */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** A page as others list it. */
export interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly description: string;
}

/** Makes the files of one kind. `pages` are all pages that search engines may list, in the order they were made. */
export type FileSource = (context: SiteContext, pages: readonly PageEntry[]) => Iterable<SiteFile> | AsyncIterable<SiteFile>;

/** Every kind of file beside pages and assets, one line each. */
export const fileSources: readonly FileSource[] = [iconFiles, matchFiles, searchFiles, feedFiles, sitemapFiles, opensearchFiles, apiFiles];
