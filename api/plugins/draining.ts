import type { FastifyInstance } from "fastify";
import { Problem, retryAfter } from "../problem.ts";
import type { Services } from "../services.ts";

/** Asked by whoever watches the server, also while it ends. */
const STILL_ANSWERED = /^\/(?:health|metrics)(?:[/?]|$)/;

/** While the server ends, requests that begin are refused; those that began before are answered. */
export function refuseWhileDraining(app: FastifyInstance, { draining }: Pick<Services, "draining">): void {
  app.addHook("onRequest", async (request) => {
    if (!draining() || STILL_ANSWERED.test(request.url)) return;
    throw new Problem(503, "unavailable", "The server is being stopped.", {
      whatToDo: "Try again in a moment; what was accepted before is kept and goes on when the server is back.",
      headers: retryAfter(10),
    });
  });
}
