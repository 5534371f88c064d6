import type { FastifyInstance } from "fastify";
import { Problem } from "../problem.ts";
import { sendProblem } from "./errors.ts";
import type { LostPage } from "./site.ts";

/** Notes the routes that are registered after it, by what their paths look like. */
export function noteRoutes(app: FastifyInstance): (path: string) => string[] {
  const known: { readonly methods: readonly string[]; readonly path: RegExp }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    if (url.includes("*")) return;
    const parts = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(".", "\\.")));
    known.push({ methods: [method].flat(), path: new RegExp(`^${parts.join("/")}$`) });
  });
  return (path) => [...new Set(known.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods))];
}

/** Answers where there is no such route: with the site's own page to who looks at the site, else with a problem. */
export function answerLost(app: FastifyInstance, methodsOf: (path: string) => string[], lostPage: LostPage | null): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async (request, reply) => {
    const path = request.url.split("?")[0]!;
    const methods = methodsOf(path);
    if (methods.length > 0) {
      const allow = methods.join(", ");
      const problem = new Problem(405, "not-allowed", `${request.method} is not possible here.`, {
        headers: { allow },
        whatToDo: `Possible are ${allow}.`,
      });
      return sendProblem(problem, request, reply);
    }
    const ours = /^\/(?:v1|docs|health|metrics)(?:\/|$)/.test(path);
    const looking = request.method === "GET" || request.method === "HEAD";
    const sent = lostPage && !ours && looking ? await lostPage(request, reply) : null;
    return (
      sent ??
      sendProblem(
        new Problem(404, "not-found", "There is nothing at this address.", { whatToDo: "See /docs for the API." }),
        request,
        reply,
      )
    );
  });
}
