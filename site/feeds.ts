import { createHash } from "node:crypto";
import { caseAddress } from "../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../engine/catalogue/catalogue.ts";
import { displayName } from "../engine/catalogue/display-name.ts";
import { firstParagraph } from "../engine/catalogue/plain-text.ts";
import type { FileSource, SiteFile } from "./files.ts";
import type { SiteContext } from "./page.ts";
import { xml, xmlDocument } from "./xml.ts";

/** Entries of a feed; who wants all of them reads the API. */
const MOST_ENTRIES = 50;
const TITLE = "Casebook: cases";
const SUBTITLE = "Network problems and how to prove them, newest revision first";

/** One revision of a case. */
interface FeedEntry {
  readonly document: CaseDocument;
  readonly id: string;
  readonly link: string;
  /** RFC 3339; articles are dated by day. */
  readonly updated: string;
  readonly summary: string;
}

/** `feed.atom`, RFC 4287, and `feed.json`, JSON Feed 1.1: the cases, newest revision first. */
export const feedFiles: FileSource = (context) => {
  const entries = newest(context);
  return [atomFeed(context, entries), jsonFeed(context, entries)];
};

/** A case without an article has no date, and no place in a feed. */
function newest({ catalogue, url }: SiteContext): FeedEntry[] {
  return catalogue.cases
    .filter(({ updated }) => updated !== "")
    .toSorted((a, b) => (a.updated === b.updated ? 0 : a.updated < b.updated ? 1 : -1))
    .slice(0, MOST_ENTRIES)
    .map((document) => ({
      document,
      id: permanentId(caseAddress(document.id), url),
      link: linkTo(caseAddress(document.id), url),
      updated: `${document.updated}T00:00:00Z`,
      summary: summaryOf(document),
    }));
}

/** What the case's page begins with. */
function summaryOf({ symptoms, sections }: CaseDocument): string {
  const symptom = sections.find(({ title }) => title === "Symptom")?.markdown ?? "";
  return firstParagraph(symptom) || symptoms.map((one) => `${one}.`).join(" ");
}

/** The address, where the site has one; else a name-based UUID (version 5, RFC 9562 section 5.5), the same in every build. */
function permanentId(address: string, url: URL | null): string {
  if (url) return new URL(address, url).href;
  const bytes = createHash("sha1").update(`urn:casebook:${address}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `urn:uuid:${bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

/** Without the site's address a reader resolves links against the feed's own. */
function linkTo(address: string, url: URL | null): string {
  return url ? new URL(address, url).href : address;
}

function atomFeed({ catalogue, url }: SiteContext, entries: readonly FeedEntry[]): SiteFile {
  const updated = entries[0]?.updated ?? "1970-01-01T00:00:00Z";
  const feed = xml`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <title>${TITLE}</title>
  <subtitle>${SUBTITLE}</subtitle>
  <id>${permanentId("feed.atom", url)}</id>
  <updated>${updated}</updated>
  <author><name>Casebook</name></author>
  <generator version="${catalogue.version}">Casebook</generator>
  <link rel="self" type="application/atom+xml" href="${linkTo("feed.atom", url)}"/>
  <link rel="alternate" type="text/html" href="${linkTo(url ? "" : "./", url)}"/>
${entries.map(
  ({ document, id, link, updated: date, summary }) => xml`  <entry>
    <title>${document.title}</title>
    <id>${id}</id>
    <link rel="alternate" type="text/html" href="${link}"/>
    <updated>${date}</updated>
    <category term="${document.area}" label="${displayName(document.area)}"/>
    <summary>${summary}</summary>
  </entry>
`,
)}</feed>`;
  return { path: "feed.atom", content: xmlDocument(feed) };
}

function jsonFeed({ url }: SiteContext, entries: readonly FeedEntry[]): SiteFile {
  const feed = {
    version: "https://jsonfeed.org/version/1.1",
    title: TITLE,
    description: SUBTITLE,
    language: "en",
    ...(url ? { home_page_url: url.href, feed_url: linkTo("feed.json", url) } : {}),
    items: entries.map(({ document, id, link, updated, summary }) => ({
      id,
      url: link,
      title: document.title,
      content_text: summary,
      date_modified: updated,
      tags: [document.area, ...document.products],
    })),
  };
  return { path: "feed.json", content: `${JSON.stringify(feed, null, 2)}\n` };
}
