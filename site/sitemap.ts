import { caseAddress } from "../engine/catalogue/addresses.ts";
import type { FileSource, PageEntry, SiteFile } from "./files.ts";
import type { SiteContext } from "./page.ts";
import { xml, xmlDocument } from "./xml.ts";

/** Most addresses of one file, sitemaps.org. */
const MOST_ADDRESSES = 50_000;
const NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9";

/** `sitemap.xml`, in several files below an index where there are too many pages for one, and `robots.txt`, which names it. */
export const sitemapFiles: FileSource = ({ catalogue, url }, pages) => [...(url ? sitemap(catalogue, url, pages) : []), robots(url)];

/** Sitemaps hold nothing but absolute addresses: without the site's own there is none. */
function sitemap(catalogue: SiteContext["catalogue"], url: URL, pages: readonly PageEntry[]): SiteFile[] {
  const revised = new Map(catalogue.cases.map(({ id, updated }) => [caseAddress(id), updated]));
  const parts: PageEntry[][] = [];
  for (let at = 0; at < pages.length; at += MOST_ADDRESSES) parts.push(pages.slice(at, at + MOST_ADDRESSES));
  if (parts.length <= 1) return [urlSet("sitemap.xml", pages, url, revised)];
  const files = parts.map((part, index) => urlSet(`sitemap-${index + 1}.xml`, part, url, revised));
  const index = xml`<sitemapindex xmlns="${NAMESPACE}">
${files.map(({ path }) => xml`  <sitemap><loc>${new URL(path, url).href}</loc></sitemap>\n`)}</sitemapindex>`;
  return [{ path: "sitemap.xml", content: xmlDocument(index) }, ...files];
}

function urlSet(path: string, pages: readonly PageEntry[], url: URL, revised: ReadonlyMap<string, string>): SiteFile {
  const entries = pages.map((page) => {
    const date = revised.get(page.path) || null;
    return xml`  <url><loc>${new URL(page.path, url).href}</loc>${date && xml`<lastmod>${date}</lastmod>`}</url>\n`;
  });
  return { path, content: xmlDocument(xml`<urlset xmlns="${NAMESPACE}">\n${entries}</urlset>`) };
}

/** RFC 9309. Everything may be read. */
function robots(url: URL | null): SiteFile {
  const site = url ? `\nSitemap: ${new URL("sitemap.xml", url).href}\n` : "";
  return { path: "robots.txt", content: `User-agent: *\nAllow: /\n${site}` };
}
