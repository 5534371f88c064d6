import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { newId } from "../ids.ts";
import type { Metrics } from "../metrics.ts";

/** What somebody may call a request: nothing that could forge a line of a log. */
const SANE_ID = /^[A-Za-z0-9._:-]{8,128}$/;

/** The id that came with a request, where it is a sane one, else a fresh one. */
export function requestId({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && SANE_ID.test(given) ? given : newId();
}

/** How a request appears in the log: never by its address, which may hold names of files, keys or what was searched for. */
export function loggedRequest(request: FastifyRequest): object {
  return { method: request.method, route: request.routeOptions?.url ?? "" };
}

/** Answers with the request's id, and writes one line for every request that ended, however it ended. */
export function logRequests(app: FastifyInstance, { requestSeconds }: Metrics): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    // Not `onResponse`: that is not called where the client has gone.
    reply.raw.once("close", () => {
      const { method, route } = { route: "", ...loggedRequest(request) } as { method: string; route: string };
      const complete = reply.raw.writableFinished;
      const status = complete ? reply.statusCode : 499;
      const seconds = reply.elapsedTime / 1000;
      requestSeconds.observe({ method, route, status: String(status) }, seconds);
      const { tenant, actor } = request.caller ?? {};
      request.log.info(
        {
          method,
          route,
          status,
          seconds: Math.round(seconds * 1e4) / 1e4,
          tenant,
          actor,
          address: request.ip,
        },
        complete ? "answered" : "the client went away",
      );
    });
  });
}
