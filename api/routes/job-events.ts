import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { callerOf } from "../caller.ts";
import { Followers } from "../followers.ts";
import { isStillLetIn } from "../plugins/access.ts";
import { places } from "../plugins/places.ts";
import { notFound } from "../problem.ts";
import { idParams } from "../schemas/fields.ts";
import { jobBody } from "../schemas/job.ts";
import { problems } from "../schemas/problem.ts";
import type { Services } from "../services.ts";
import type { Job, JobState } from "../store/store.ts";
import type { TypedApp } from "../typed-app.ts";

/** How often something is sent though nothing changed, in milliseconds: proxies cut connections that are silent for a minute. */
const HEARTBEAT = 15_000;
/** How long a client may take nothing of what is sent before it is cut off, in milliseconds. */
const STUCK = 60_000;
const FINAL: readonly JobState[] = ["done", "failed", "cancelled"];
/** Id of the last event of every job: whoever comes back with it has seen all. */
const LAST = "last";

/** Following a job, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function jobEventRoutes(app: TypedApp, services: Services): void {
  const { store, settings, metrics } = services;
  const followers = new Followers(store);
  const open = new Set<AbortController>();
  const following = places({ most: settings.followers, ofOne: settings.tenantFollowers, what: "connections that follow jobs", again: 10 });
  app.addHook("preClose", async () => {
    for (const connection of open) connection.abort();
  });
  app.get(
    "/jobs/:id/events",
    {
      config: { access: ["submit", "read"] },
      schema: {
        operationId: "followJob",
        tags: ["jobs"],
        summary: "Follow a job as server-sent events",
        description:
          "An event `job` with the job as it is, at once and after every change, until the job has ended. Comments keep the connection alive. The stream ends early when the key is revoked or runs out. Coming back after the last event is answered with 204, which ends an EventSource.",
        params: idParams("job"),
        response: {
          200: { description: "Events, each with a Job as its data", content: { "text/event-stream": { schema: Type.String() } } },
          204: Type.Null({ description: "Nothing more will come" }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const job = await store.job(callerOf(request).tenant, request.params.id);
      if (job === null) throw notFound("job");
      if (request.headers["last-event-id"] === LAST && FINAL.includes(job.state)) return reply.code(204).send(null);
      // Who has gone already leaves no second time.
      if (reply.raw.closed) return reply.hijack();
      const leave = following.enter(job.tenant);
      const connection = new AbortController();
      open.add(connection);
      metrics.followers.set(open.size);
      const watch = setInterval(async () => {
        if (!(await isStillLetIn(request, services))) connection.abort();
      }, services.keyCheck);
      reply.raw.once("close", () => {
        clearInterval(watch);
        connection.abort();
        open.delete(connection);
        leave();
        metrics.followers.set(open.size);
      });
      return sendEvents(reply, eventsOf(job, followers, connection.signal));
    },
  );
}

function sendEvents(reply: FastifyReply, events: AsyncIterable<string>): FastifyReply {
  // Node cuts a connection that makes no progress for so long; a heartbeat that is taken is progress.
  reply.raw.socket?.setTimeout(STUCK);
  return reply
    .headers({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" })
    .send(Readable.from(events, { objectMode: false, highWaterMark: 1024 }));
}

/** A slow reader misses changes in between, never the last: what is sent is always the job as it is when it is sent. */
async function* eventsOf(first: Job, followers: Followers, signal: AbortSignal): AsyncGenerator<string> {
  let latest: Job | null = first;
  let wake = () => {};
  const end = followers.follow(first.id, (job) => {
    latest = job;
    wake();
  });
  signal.addEventListener("abort", () => wake(), { once: true });
  try {
    let sent = "";
    for (let number = 1; !signal.aborted && latest !== null; ) {
      const data = JSON.stringify(jobBody(latest));
      const last = FINAL.includes(latest.state);
      if (data !== sent) yield `id: ${last ? LAST : number++}\nevent: job\ndata: ${data}\n\n`;
      if (last) return;
      sent = data;
      const beat = await changed(
        () => latest === null || JSON.stringify(jobBody(latest)) !== sent || signal.aborted,
        (call) => {
          wake = call;
        },
      );
      if (!beat) yield ": still here\n\n";
    }
  } finally {
    end();
  }
}

/** Waits until something holds, asked each time it is called; false where the time of a heartbeat passes first. */
async function changed(holds: () => boolean, onWake: (call: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), HEARTBEAT);
    const look = () => {
      if (!holds()) return;
      clearTimeout(timer);
      resolve(true);
    };
    onWake(look);
    look();
  });
}
