import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { mayUse } from "../caller.ts";
import { isLoopbackAddress } from "../listening.ts";
import type { WorkMetrics } from "../metrics.ts";
import { keyOwner } from "../plugins/access.ts";
import { checkForeign } from "../plugins/foreign-requests.ts";
import type { Refusals } from "../plugins/limits.ts";
import { Problem } from "../problem.ts";
import { oneOf, text } from "../schemas/fields.ts";
import { problems } from "../schemas/problem.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";

/** How long a part may take to answer before it counts as gone, in milliseconds. */
const PATIENCE = 5_000;
const PARTS = ["store", "blobs", "queue"] as const;

/** What is watched of a process. */
export interface Watched extends Pick<Services, "store" | "queue" | "blobs" | "settings" | "draining" | "now"> {
  readonly metrics: WorkMetrics;
}

/** Whether the process lives, whether it can do its work, and what Prometheus wants to know. */
export function healthRoutes(app: TypedApp, services: Watched, refusals: Refusals): void {
  const config = { rateLimit: false } as const;
  app.get(
    "/health/live",
    {
      config,
      schema: {
        operationId: "live",
        tags: ["operations"],
        summary: "Whether the process lives",
        response: { 200: Type.Object({ status: text("ok") }, { description: "It does" }) },
      },
    },
    async (_request, reply) => reply.header("cache-control", "no-store").send({ status: "ok" }),
  );
  const readiness = (description: string) =>
    Type.Object(
      {
        status: oneOf(["ready", "not ready", "ending"], "In a word"),
        ...Object.fromEntries(PARTS.map((part) => [part, oneOf(["ok", "unreachable"], "Whether it can be reached")])),
      },
      { description },
    );
  app.get(
    "/health/ready",
    {
      config,
      schema: {
        operationId: "ready",
        tags: ["operations"],
        summary: "Whether requests can be answered",
        response: { 200: readiness("They can"), 503: readiness("They cannot, or the server is about to end") },
      },
    },
    async (request, reply) => {
      const { store, blobs, queue, draining } = services;
      const answers = await Promise.all([answered(store.ping()), answered(blobs.ping()), answered(queue.waiting())]);
      answers.forEach((fault, index) => {
        if (fault) request.log.warn({ err: fault, part: PARTS[index] }, "a part cannot be reached");
      });
      const parts = Object.fromEntries(PARTS.map((part, index) => [part, answers[index] ? ("unreachable" as const) : ("ok" as const)]));
      const well = answers.every((fault) => fault === null);
      const status = draining() ? "ending" : well ? "ready" : "not ready";
      return reply
        .code(status === "ready" ? 200 : 503)
        .header("cache-control", "no-store")
        .send({ status, ...parts });
    },
  );
  metricsRoute(app, services, refusals);
}

/** Null where it came in time, else why not. */
async function answered(work: Promise<unknown>): Promise<Error | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error("no answer in time")), PATIENCE);
  });
  const fault = work.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return Promise.race([fault, late]).finally(() => clearTimeout(timer));
}

function metricsRoute(app: TypedApp, services: Watched, refusals: Refusals): void {
  const { metrics, settings } = services;
  if (settings.metrics === "off") return;
  app.get(
    "/metrics",
    {
      config: { rateLimit: false },
      schema: {
        operationId: "metrics",
        tags: ["operations"],
        summary: "Figures for Prometheus",
        response: { 200: { description: "Text exposition format", content: { "text/plain": { schema: Type.String() } } }, ...problems() },
      },
    },
    async (request, reply) => {
      if (!(await mayReadMetrics(request, services, refusals))) {
        refusals.note(request);
        throw new Problem(403, "missing-scope", "Metrics are not shown to you.", {
          whatToDo: "Ask from the server's own machine, use a key with the scope admin, or set --metrics.",
        });
      }
      return reply
        .type(metrics.registry.contentType)
        .header("cache-control", "no-store")
        .serializer((body: unknown) => body as string)
        .send(await metrics.registry.metrics());
    },
  );
}

async function mayReadMetrics(request: FastifyRequest, services: Watched, refusals: Refusals): Promise<boolean> {
  const { metrics } = services.settings;
  if (metrics === "open") return true;
  const { remoteAddress = "" } = request.raw.socket;
  // What a proxy on this machine passes on did not come from this machine.
  const passedOn = request.headers["x-forwarded-for"] !== undefined || request.headers.forwarded !== undefined;
  if (metrics === "loopback" && !passedOn && isLoopbackAddress(remoteAddress)) {
    checkForeign(request, services.settings);
    return true;
  }
  refusals.check(request);
  const owner = await keyOwner(request.headers.authorization, services);
  return owner !== null && mayUse(owner, []);
}
