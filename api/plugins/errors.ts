import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type FieldProblem, Problem, retryAfter } from "../problem.ts";
import { PROBLEM_TYPE, problemBody } from "../schemas/problem.ts";
import { StorageFull } from "../storage-full.ts";
import { IdempotencyConflict, QuotaExceeded } from "../store/store.ts";

/** Answers with a problem, whatever the route declares. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header("content-type", PROBLEM_TYPE)
    .header("cache-control", "no-store")
    .header("x-request-id", request.id)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemBody(problem, request.id));
}

/** Every error becomes a problem; what is not the asker's fault is logged and not told. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.kind !== "overloaded") request.log.error({ err: error }, "the request failed");
    return sendProblem(problem, request, reply);
  });
}

/** The problem that an error is to whoever asked. */
export function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof IdempotencyConflict)
    return new Problem(422, "idempotency-conflict", "This Idempotency-Key was used before for another request.", {
      whatToDo: "Use a fresh key for each new request, and the same only to repeat one.",
    });
  if (error instanceof QuotaExceeded) return error.of === "bytes" ? tenantFull() : tooManyJobs();
  if (error instanceof StorageFull)
    return new Problem(507, "storage-full", "The server has no room left for this.", {
      whatToDo: "Nothing was kept. Whoever runs the server has to make room, or to shorten the time for which bundles are kept.",
      cause: error,
    });
  if (isUnreachable(error))
    return new Problem(503, "unavailable", "The server cannot reach its storage at the moment.", {
      whatToDo: "Try again; nothing was changed.",
      headers: retryAfter(5),
      cause: error,
    });
  if (error.validation) return invalid(error);
  return (
    frameworkProblem(error) ??
    new Problem(500, "internal", "Something went wrong in the server.", {
      whatToDo: "Try again. If it happens again, tell whoever runs the server the request id.",
      cause: error,
    })
  );
}

/** Connection and availability errors of Node and PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNREACHABLE = /^(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|EPIPE|08...|57P0.|57014|53300|40001|40P01)$/;
/** What pg says, without a code, of connections that break, or cannot be had because too many wait for one. */
const NO_CONNECTION = /^(?:timeout exceeded when trying to connect|timeout expired|Connection terminated\b.*)$/;
/** SQLITE_BUSY: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

function isUnreachable(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  if (typeof code === "string") return UNREACHABLE.test(code);
  return errcode === SQLITE_BUSY || (error instanceof Error && NO_CONNECTION.test(error.message));
}

function invalid(error: FastifyError): Problem {
  const part =
    error.validationContext === "querystring"
      ? "query"
      : error.validationContext === "params"
        ? "path"
        : (error.validationContext ?? "body");
  const fields: FieldProblem[] = (error.validation ?? []).map(({ instancePath, message = "is not valid", params }) => {
    const { additionalProperty, missingProperty, allowedValues } = params as Record<string, unknown>;
    const name = additionalProperty ?? missingProperty;
    const field = `${part}${instancePath}${typeof name === "string" ? `/${name}` : ""}`;
    if (typeof additionalProperty === "string") return { field, problem: "is not known" };
    if (typeof missingProperty === "string") return { field, problem: "is missing" };
    return {
      field,
      problem: Array.isArray(allowedValues)
        ? `must be one of ${allowedValues.map((one) => (one === "" ? "nothing" : one)).join(", ")}`
        : message,
    };
  });
  const first = fields[0];
  return new Problem(400, "bad-request", first ? `${first.field} ${first.problem}.` : "The request is not valid.", {
    fields,
    whatToDo: "See /v1/openapi.json or /docs for what this request takes.",
  });
}

const FRAMEWORK: Readonly<Record<string, (error: FastifyError) => Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem(413, "too-large", "The body of the request is larger than this route takes.", {
      whatToDo: "See /docs for what it takes. Evidence goes to POST /v1/bundles.",
    }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem(415, "unsupported-type", "This route does not take a body of that content type.", {
      whatToDo: "See /docs for what it takes.",
    }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => badBody("The body is empty though its content type says JSON."),
  FST_ERR_CTP_INVALID_JSON_BODY: () => badBody("The body is not valid JSON."),
  FST_ERR_BAD_URL: () =>
    new Problem(400, "bad-request", "The path of the request is not a valid URL path.", {
      whatToDo: "Percent-encode what is not a letter, digit or - . _ ~ in each part of the path, as UTF-8.",
    }),
};

function badBody(detail: string): Problem {
  return new Problem(400, "bad-request", detail, { whatToDo: "Send one JSON object in UTF-8; /docs shows what is in it." });
}

/** What Fastify itself refuses. Its other messages are not shown: they speak of the server's insides. */
function frameworkProblem(error: FastifyError): Problem | null {
  const known = FRAMEWORK[error.code];
  if (known) return known(error);
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  return new Problem(status, status === 404 ? "not-found" : "bad-request", "The request cannot be understood.", {
    whatToDo: "See /docs for the requests there are.",
    cause: error,
  });
}

/** The tenant may not keep more bytes. */
export function tenantFull(): Problem {
  return new Problem(507, "quota-exceeded", "There is no room left in what you may keep here.", {
    whatToDo: "Delete bundles that are done with (DELETE /v1/bundles/{id}; GET /v1/bundles lists them), then submit again.",
  });
}

/** The tenant may not have more jobs wait or run. */
export function tooManyJobs(): Problem {
  return new Problem(429, "quota-exceeded", "As many of your jobs wait or run as may.", {
    whatToDo: "Wait until some are done, or cancel some (DELETE /v1/jobs/{id}), then submit again.",
    headers: retryAfter(30),
  });
}
