import type { FileSource } from "./files.ts";
import { xml, xmlDocument } from "./xml.ts";

/** `opensearch.xml`, OpenSearch 1.1 draft 6: lets a browser search the site from its address bar. Its template is an absolute address. */
export const opensearchFiles: FileSource = ({ url }) => {
  if (url === null) return [];
  const template = `${new URL("search/", url).href}?q={searchTerms}`;
  const description = xml`<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>Casebook</ShortName>
  <Description>Network cases, updates, ports, registry values, error codes and events</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <Url type="text/html" template="${template}"/>
  <Url type="application/opensearchdescription+xml" rel="self" template="${new URL("opensearch.xml", url).href}"/>
</OpenSearchDescription>`;
  return [{ path: "opensearch.xml", content: xmlDocument(description) }];
};
