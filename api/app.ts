import helmet from "@fastify/helmet";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { bareApp } from "./bare-app.ts";
import { controlAccess } from "./plugins/access.ts";
import { serveDocs } from "./plugins/docs-page.ts";
import { refuseWhileDraining } from "./plugins/draining.ts";
import { answerErrors } from "./plugins/errors.ts";
import { shareWithOrigins } from "./plugins/foreign-requests.ts";
import { limitRefusals, limitRequests, type Refusals } from "./plugins/limits.ts";
import { answerLost, noteRoutes } from "./plugins/lost-requests.ts";
import { describeRoutes } from "./plugins/openapi.ts";
import { logRequests } from "./plugins/request-log.ts";
import { serveSite } from "./plugins/site.ts";
import { dropSlowClients } from "./plugins/slow-clients.ts";
import { bundleRoutes } from "./routes/bundles.ts";
import { catalogueRoutes } from "./routes/catalogue.ts";
import { healthRoutes } from "./routes/health.ts";
import { jobEventRoutes } from "./routes/job-events.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { openapiRoute } from "./routes/openapi.ts";
import { reportRoutes } from "./routes/reports.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { searchRoutes } from "./routes/search.ts";
import { problemSchema } from "./schemas/problem.ts";
import type { Services } from "./services.ts";
import type { TypedApp } from "./typed-app.ts";

/** The HTTP interface without a port. */
export async function buildApp(services: Services, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = bareApp(services.settings, log);
  answerErrors(app);
  app.removeContentTypeParser("text/plain");
  const methodsOf = noteRoutes(app);
  logRequests(app, services.metrics);
  refuseWhileDraining(app, services);
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] } },
    // Whoever ends TLS before this server says so for the name it is reached by.
    strictTransportSecurity: false,
  });
  shareWithOrigins(app, services.settings);
  dropSlowClients(app, services.settings);
  await limitRequests(app, services);
  await describeRoutes(app, services.catalogue.version);
  app.addSchema(problemSchema);
  const refusals = limitRefusals(services.settings);
  await app.register(async (v1: TypedApp) => apiRoutes(v1, services, refusals), { prefix: "/v1" });
  // What the server prints as the API's address is clicked, too.
  for (const url of ["/v1", "/v1/"]) app.get(url, { schema: { hide: true } }, async (_request, reply) => reply.redirect("/docs"));
  await app.register(async (operations: TypedApp) => healthRoutes(operations, services, refusals));
  await serveDocs(app);
  const lost = services.site === null ? null : await serveSite(app, services.site);
  answerLost(app, methodsOf, lost);
  return app;
}

async function apiRoutes(v1: TypedApp, services: Services, refusals: Refusals): Promise<void> {
  controlAccess(v1, services, refusals);
  await bundleRoutes(v1, services);
  jobRoutes(v1, services);
  jobEventRoutes(v1, services);
  reportRoutes(v1, services);
  catalogueRoutes(v1, services);
  searchRoutes(v1, services);
  ruleRoutes(v1, services);
  openapiRoute(v1);
}
