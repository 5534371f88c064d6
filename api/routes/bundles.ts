import multipart from "@fastify/multipart";
import { Type } from "typebox";
import { audit } from "../audit.ts";
import { callerOf } from "../caller.ts";
import { places } from "../plugins/places.ts";
import { notFound, Problem } from "../problem.ts";
import { bundleBody, bundleListSchema, bundleSchema, bundleSummary } from "../schemas/bundle.ts";
import { cursor, idempotencyHeaders, idParams, limit } from "../schemas/fields.ts";
import { acceptedSchema, jobBody, jobSchema } from "../schemas/job.ts";
import { problems } from "../schemas/problem.ts";
import { uploadBody } from "../schemas/upload.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";
import { acceptUpload } from "../uploads/accept.ts";

/** Submitting, listing and deleting bundles. */
export async function bundleRoutes(app: TypedApp, services: Services): Promise<void> {
  for (const schema of [jobSchema, acceptedSchema, bundleSchema, bundleListSchema]) app.addSchema(schema);
  await app.register(async (uploads: TypedApp) => submitRoute(uploads, services));
  listRoutes(app, services);
  deleteRoute(app, services);
}

async function submitRoute(app: TypedApp, services: Services): Promise<void> {
  // Whatever the content type, the body is read as it comes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  await app.register(multipart);
  const { uploads: most, tenantUploads: ofOne } = services.settings;
  const going = places({ most, ofOne, what: "uploads", again: 5 });
  const count = () => services.metrics.uploads.set(going.taken);
  app.post(
    "/bundles",
    {
      config: { access: ["submit"], dear: true, documentedBody: uploadBody },
      schema: {
        operationId: "submitBundle",
        tags: ["bundles"],
        summary: "Submit a bundle for analysis",
        description:
          "Several files as multipart/form-data, each with its path inside the bundle as filename, or one file as the body with ?name=. The same bytes under the same rules are not analysed twice: the answer then names the job there is.",
        querystring: Type.Object(
          {
            name: Type.Optional(
              Type.String({ minLength: 1, maxLength: 2000, description: "Name of the bundle; of the file, where the body is one" }),
            ),
          },
          { additionalProperties: false },
        ),
        headers: idempotencyHeaders,
        response: {
          202: {
            ...Type.Ref("AcceptedJob"),
            description: "Queued, or known already",
            headers: { Location: { type: "string", description: "Path of the job" } },
          },
          ...problems(408, 413, 415, 422, 507),
        },
      },
    },
    async (request, reply) => {
      const leave = going.enter(callerOf(request).tenant);
      count();
      try {
        const submission = { name: request.query.name, idempotencyKey: request.headers["idempotency-key"] };
        const { job, existing } = await acceptUpload(request, submission, services);
        return reply
          .code(202)
          .header("location", `/v1/jobs/${job.id}`)
          .send({ ...jobBody(job), existing });
      } finally {
        leave();
        count();
      }
    },
  );
}

function listRoutes(app: TypedApp, { store }: Services): void {
  app.get(
    "/bundles",
    {
      config: { access: ["read"] },
      schema: {
        operationId: "listBundles",
        tags: ["bundles"],
        summary: "List one's bundles, newest first",
        querystring: Type.Object({ limit: limit(20, 100), cursor }, { additionalProperties: false }),
        response: { 200: Type.Ref("BundleList"), ...problems() },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { limit: most = 20, cursor: before = null } = request.query;
      const bundles = await store.bundles(tenant, { limit: most + 1, before });
      const page = bundles.slice(0, most);
      const entries = await Promise.all(page.map(async (bundle) => bundleSummary(bundle, await store.jobsOf(tenant, bundle.id))));
      return reply.send({ bundles: entries, next: bundles.length > most ? page.at(-1)!.id : null });
    },
  );
  app.get(
    "/bundles/:id",
    {
      config: { access: ["read", "submit"] },
      schema: {
        operationId: "readBundle",
        tags: ["bundles"],
        summary: "What a bundle holds, and its analyses",
        params: idParams("bundle"),
        response: { 200: Type.Ref("Bundle"), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const [bundle, jobs] = await Promise.all([store.bundle(tenant, request.params.id), store.jobsOf(tenant, request.params.id)]);
      if (bundle === null) throw notFound("bundle");
      return reply.send(bundleBody(bundle, jobs));
    },
  );
}

function deleteRoute(app: TypedApp, services: Services): void {
  const { store, blobs } = services;
  app.delete(
    "/bundles/:id",
    {
      config: { access: ["submit"] },
      schema: {
        operationId: "deleteBundle",
        tags: ["bundles"],
        summary: "Delete a bundle with its files, jobs and reports",
        params: idParams("bundle"),
        response: { 204: Type.Null({ description: "It is gone" }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const keys = await store.deleteBundle(callerOf(request).tenant, request.params.id);
      if (keys === null) throw notFound("bundle");
      await audit(services, request, "bundle.delete", request.params.id);
      try {
        await blobs.delete(keys);
      } catch (error) {
        request.log.error({ err: error }, "files of a deleted bundle are left for the sweep");
        throw new Problem(503, "unavailable", "The bundle is deleted, but its files could not be removed yet.", {
          whatToDo: "Nothing: the server removes them within a day.",
        });
      }
      return reply.code(204).send(null);
    },
  );
}
