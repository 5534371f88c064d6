import { caseList, recipeList, referenceTable } from "../engine/catalogue/list-documents.ts";
import { REFERENCE_KINDS } from "../engine/catalogue/reference-tables.ts";
import type { FileSource, SiteFile } from "./files.ts";
import { openapiDocument } from "./openapi.ts";

/** The static JSON API: the same documents the server gives, as files any host can serve. */
export const apiFiles: FileSource = function* ({ catalogue, url }) {
  yield json("api/cases.json", caseList(catalogue));
  for (const document of catalogue.cases) yield json(`api/cases/${document.id}.json`, document);
  yield json("api/recipes.json", recipeList(catalogue));
  for (const recipe of catalogue.recipes) yield json(`api/recipes/${recipe.id}.json`, recipe);
  for (const kind of REFERENCE_KINDS) yield json(`api/reference/${kind}.json`, referenceTable(catalogue, kind));
  yield json("api/openapi.json", openapiDocument(catalogue.version, url));
};

function json(path: string, document: unknown): SiteFile {
  return { path, content: `${JSON.stringify(document, null, 2)}\n` };
}
