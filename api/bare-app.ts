import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { problemOf, sendProblem } from "./plugins/errors.ts";
import { loggedRequest, requestId } from "./plugins/request-log.ts";
import type { Settings } from "./settings.ts";

/** Bodies that are not uploads, in bytes. */
const BODY_LIMIT = 64 * 1024;
/** How long the headers of a request may take to come in, and a connection may make no progress, in milliseconds. */
const HEADERS_TIMEOUT = 20_000;
const CONNECTION_TIMEOUT = 120_000;
/** Longest part of a path, in characters: ids and terms are checked by their routes. */
const PATH_PART = 2_000;

/** An application without routes: its limits, its ids, and how it answers what is no request at all. */
export function bareApp({ trustedProxies }: Pick<Settings, "trustedProxies">, log: FastifyBaseLogger): FastifyInstance {
  return fastify({
    loggerInstance: log.child({}, { serializers: { req: loggedRequest } }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT,
    trustProxy: trustedProxies === null ? false : [...trustedProxies],
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
