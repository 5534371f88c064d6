import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";

const DESCRIPTION = `Submit a bundle of evidence, follow its job, read the report.

Every request carries \`Authorization: Bearer <key>\`; a server that only its own machine can reach also answers without.
Whatever does not succeed is answered with problem details (RFC 9457) that say what to do.`;

/** Describes every route that is registered after it. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Casebook", version, description: DESCRIPTION, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
      servers: [{ url: "/" }],
      tags: [
        { name: "bundles", description: "Evidence that was submitted" },
        { name: "jobs", description: "Analyses, and how far they have come" },
        { name: "reports", description: "What was found" },
        { name: "knowledge", description: "Cases, recipes and reference data" },
        { name: "rules", description: "Trying rules before they are contributed" },
        { name: "operations", description: "Running the server" },
      ],
      components: {
        securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key, as `casebook keys create` makes them" } },
      },
    },
    convertConstToEnum: false,
    // Named as the schemas name themselves.
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => (typeof schema.$id === "string" ? schema.$id : `Schema${index}`),
    },
    transform: ({ schema, url, route }) => {
      const { access, documentedBody } = route.config ?? {};
      const needed = typeof access === "string" || access === undefined ? [] : [...access];
      const described = {
        ...schema,
        ...(documentedBody ? { body: documentedBody } : {}),
        ...(access === undefined || access === "everybody" ? {} : { security: [{ key: needed }] }),
      };
      return { schema: described as FastifySchema, url };
    },
  });
}
