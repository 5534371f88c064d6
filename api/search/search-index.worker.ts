/** A thread that builds the search index of the catalogue it is given, tells it and ends. */
import { parentPort, workerData } from "node:worker_threads";
import type { Catalogue } from "../../engine/catalogue/catalogue.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { buildSearchIndex } from "../../engine/catalogue/search-index.ts";

const catalogue = workerData as Catalogue;
parentPort!.postMessage(buildSearchIndex(catalogue, entriesOf(catalogue)));
