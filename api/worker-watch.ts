import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { bareApp } from "./bare-app.ts";
import { answerErrors, sendProblem } from "./plugins/errors.ts";
import { limitRefusals } from "./plugins/limits.ts";
import { Problem } from "./problem.ts";
import { healthRoutes, type Watched } from "./routes/health.ts";
import { problemSchema } from "./schemas/problem.ts";
import type { TypedApp } from "./typed-app.ts";

/** What a worker answers to whoever watches it: the same as a server, and nothing else. */
export async function watchApp(watched: Watched, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = bareApp(watched.settings, log);
  answerErrors(app);
  app.addSchema(problemSchema);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new Problem(404, "not-found", "There is nothing at this address.", {
        whatToDo: "A worker answers at /health/live, /health/ready and /metrics; the API is served by casebook serve.",
      }),
      request,
      reply,
    ),
  );
  await app.register(async (operations: TypedApp) => healthRoutes(operations, watched, limitRefusals(watched.settings)));
  return app;
}
