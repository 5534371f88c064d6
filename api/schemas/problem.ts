import { STATUS_CODES } from "node:http";
import { type Static, Type } from "typebox";
import type { Problem } from "../problem.ts";

/** Answer to a request that did not succeed, RFC 9457. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ description: "What kind of problem, for programs: `urn:casebook:problem:<kind>`" }),
    title: Type.String({ description: "The status in words" }),
    status: Type.Integer({ description: "HTTP status" }),
    detail: Type.String({ description: "What was wrong" }),
    what_to_do: Type.String({ description: "What can be done about it" }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          field: Type.String({ description: "Which part of the request, `query/limit`" }),
          problem: Type.String({ description: "What is wrong with it" }),
        }),
      ),
    ),
    request_id: Type.String({ description: "Id of the request in the server's log" }),
  },
  { $id: "Problem", description: "What went wrong and what to do about it, RFC 9457" },
);

export type ProblemBody = Static<typeof problemSchema>;

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export function problemBody({ status, kind, message, whatToDo, fields }: Problem, requestId: string): ProblemBody {
  return {
    type: `urn:casebook:problem:${kind}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: message,
    what_to_do: whatToDo,
    ...(fields.length > 0 ? { errors: [...fields] } : {}),
    request_id: requestId,
  };
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: "The request cannot be understood",
  401: "A key is needed",
  403: "The key may not do this",
  404: "There is no such thing, or it belongs to somebody else",
  405: "Not with this method",
  406: "Not in any of the forms that were asked for",
  408: "The request came in too slowly",
  409: "Not in the state the thing is in",
  413: "Too large",
  415: "Not in this content type",
  422: "The idempotency key was used for another request",
  429: "Too many requests, or too many jobs",
  500: "Something went wrong in the server",
  503: "Too much is going on; try again",
  507: "No room left",
};

/** Responses of a route that are problems: those any route may give, and its own. */
export function problems(...own: number[]) {
  return Object.fromEntries(
    [...new Set([400, 401, 403, 429, 500, 503, ...own])]
      .sort((a, b) => a - b)
      .map((status) => [
        status,
        { description: MEANINGS[status] ?? "Error", content: { "application/problem+json": { schema: Type.Ref("Problem") } } },
      ]),
  );
}
