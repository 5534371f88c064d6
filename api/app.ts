import helmet from "@fastify/helmet";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { controlAccess } from "./plugins/access.ts";
import { serveDocs } from "./plugins/docs-page.ts";
import { refuseWhileDraining } from "./plugins/draining.ts";
import { answerErrors, problemOf, sendProblem } from "./plugins/errors.ts";
import { shareWithOrigins } from "./plugins/foreign-requests.ts";
import { limitRefusals, limitRequests, type Refusals } from "./plugins/limits.ts";
import { answerLost, noteRoutes } from "./plugins/lost-requests.ts";
import { describeRoutes } from "./plugins/openapi.ts";
import { loggedRequest, logRequests, requestId } from "./plugins/request-log.ts";
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

/** Bodies that are not uploads, in bytes. */
const BODY_LIMIT = 64 * 1024;
/** How long the headers of a request may take to come in, and a connection may make no progress, in milliseconds. */
const HEADERS_TIMEOUT = 20_000;
const CONNECTION_TIMEOUT = 120_000;
/** Longest part of a path, in characters: ids and terms are checked by their routes. */
const PATH_PART = 2_000;

/** The HTTP interface without a port. */
export async function buildApp(services: Services, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = createApp(services, log);
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

function createApp({ settings }: Services, log: FastifyBaseLogger): FastifyInstance {
  return fastify({
    loggerInstance: log.child({}, { serializers: { req: loggedRequest } }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT,
    trustProxy: settings.trustedProxies === null ? false : [...settings.trustedProxies],
    connectionTimeout: CONNECTION_TIMEOUT,
    http: { headersTimeout: HEADERS_TIMEOUT },
    // Uploads may take their time; that they go on is watched.
    requestTimeout: 0,
    return503OnClosing: false,
    routerOptions: { maxParamLength: PATH_PART },
    // Schemas describe answers; what is answered is made by typed functions, and sent as it is.
    schemaController: { compilersFactory: { buildSerializer: () => () => (body) => JSON.stringify(body) } },
    ajv: { customOptions: { removeAdditional: false, allErrors: true, coerceTypes: true } },
    frameworkErrors: (error, request, reply) => sendProblem(problemOf(error), request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: (error, socket) => {
      const [status, reason, whatToDo] =
        error.code === "HPE_HEADER_OVERFLOW"
          ? ["431 Request Header Fields Too Large", "The headers are too long.", "Send fewer or shorter ones: 16 KiB at most, in all."]
          : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
            ? ["408 Request Timeout", "The headers did not come in in time.", "Send the request again over a better connection."]
            : ["400 Bad Request", "This is not an HTTP request that can be understood.", "Let a library for HTTP/1.1 write the request."];
      const body = JSON.stringify({
        type: `urn:casebook:problem:${status.startsWith("408") ? "too-slow" : "bad-request"}`,
        title: status.slice(4),
        status: Number(status.slice(0, 3)),
        detail: reason,
        what_to_do: whatToDo,
        request_id: "",
      });
      if (socket.writable)
        socket.end(
          `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        );
      else socket.destroy();
    },
  });
}
