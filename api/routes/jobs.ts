import { Type } from "typebox";
import { audit } from "../audit.ts";
import { callerOf } from "../caller.ts";
import { newId } from "../ids.ts";
import { notFound } from "../problem.ts";
import { idempotencyHeaders, idParams } from "../schemas/fields.ts";
import { jobBody } from "../schemas/job.ts";
import { problems } from "../schemas/problem.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";
import { checkRoom } from "../uploads/accept.ts";
import { requestDigest, sameAnalysis } from "../uploads/same.ts";

/** Looking at jobs, cancelling them, running them again. */
export function jobRoutes(app: TypedApp, services: Services): void {
  const { store, now, catalogue } = services;
  const params = idParams("job");
  app.get(
    "/jobs/:id",
    {
      config: { access: ["submit", "read"] },
      schema: {
        operationId: "readJob",
        tags: ["jobs"],
        summary: "State and progress of a job",
        params,
        response: { 200: Type.Ref("Job"), ...problems(404) },
      },
    },
    async (request, reply) => {
      const job = await store.job(callerOf(request).tenant, request.params.id);
      if (job === null) throw notFound("job");
      return reply.send(jobBody(job));
    },
  );
  app.delete(
    "/jobs/:id",
    {
      config: { access: ["submit"] },
      schema: {
        operationId: "cancelJob",
        tags: ["jobs"],
        summary: "Cancel a job",
        description: "A job that waits is cancelled at once, one that runs as soon as it can stop; one that has ended stays as it is.",
        params,
        response: { 200: Type.Ref("Job"), ...problems(404) },
      },
    },
    async (request, reply) => {
      const job = await store.cancel(callerOf(request).tenant, request.params.id, now());
      if (job === null) throw notFound("job");
      await audit(services, request, "job.cancel", job.id);
      return reply.send(jobBody(job));
    },
  );
  app.post(
    "/jobs/:id/rerun",
    {
      config: { access: ["submit"], dear: true },
      schema: {
        operationId: "rerunJob",
        tags: ["jobs"],
        summary: "Analyse a job's bundle anew, under the rules there are now",
        params,
        headers: idempotencyHeaders,
        response: {
          202: {
            ...Type.Ref("AcceptedJob"),
            description: "Queued",
            headers: { Location: { type: "string", description: "Path of the new job" } },
          },
          ...problems(404, 422),
        },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const before = await store.job(tenant, request.params.id);
      const bundle = before && (await store.bundle(tenant, before.bundle));
      if (!bundle) throw notFound("job");
      await checkRoom(services, tenant, 0);
      const at = await store.now();
      const key = request.headers["idempotency-key"];
      const idempotency = key === undefined ? null : { key, request: `rerun ${before.id}` };
      const sameAs = sameAnalysis(tenant, requestDigest(bundle.name, bundle.files), catalogue);
      const acceptance = await store.again(tenant, bundle.id, { id: newId(at), sameAs }, at, idempotency);
      if (acceptance === null) throw notFound("job");
      const { job, existing } = acceptance;
      services.wake();
      await audit(services, request, "job.rerun", job.id);
      return reply
        .code(202)
        .header("location", `/v1/jobs/${job.id}`)
        .send({ ...jobBody(job), existing });
    },
  );
}
