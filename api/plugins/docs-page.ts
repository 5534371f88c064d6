import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

/** Everything from here; styles the page's own scripts set are let through, scripts from elsewhere are not. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page at `/docs` to read about the API and to try it. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, rateLimit: false };
    });
    await docs.register(swaggerUi, {
      routePrefix: "/docs",
      staticCSP: POLICY,
      theme: { title: "Casebook API" },
      uiConfig: { docExpansion: "list", persistAuthorization: false, displayRequestDuration: true, tryItOutEnabled: true },
    });
  });
}
