import { pino } from "pino";
import type { Catalogue } from "../engine/catalogue/catalogue.ts";
import { packageVersion } from "../engine/node/package-root.ts";
import { buildApp } from "./app.ts";
import { createMetrics } from "./metrics.ts";
import { catalogueSearch } from "./search/catalogue-search.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";

const KNOWLEDGE_OF_NOTHING: Omit<Catalogue, "version"> = {
  digest: "",
  data_as_of: "",
  cases: [],
  recipes: [],
  references: { updates: [], ports: [], registry: [], errors: [], events: [] },
};

/** The description of the API, OpenAPI 3.1, as JSON text: the same on every machine. */
export async function openapiDocument(): Promise<string> {
  // A description needs no storage: nothing is asked of it.
  const storage = {} as Pick<Services, "store" | "queue" | "blobs">;
  const catalogue = { version: await packageVersion(), ...KNOWLEDGE_OF_NOTHING };
  const services: Services = {
    ...storage,
    settings: readSettings({}, {}),
    catalogue,
    search: catalogueSearch(catalogue),
    metrics: createMetrics(storage),
    loopback: true,
    site: null,
    testCases: null,
    checkRule: () => Promise.reject(new Error("nothing is checked here")),
    wake: () => {},
    draining: () => false,
    keyCheck: 0,
    now: () => 0,
  };
  const app = await buildApp(services, pino({ level: "silent" }));
  try {
    await app.ready();
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
