import { isIP } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Problem } from "../problem.ts";
import type { Settings } from "../settings.ts";

/**
 * Refuses what a page of somebody else makes a browser ask in the name of whoever sits at this machine: requests without a key are
 * let in for where they come from, and a browser comes from here whatever page it shows.
 */
export function checkForeign(request: FastifyRequest, settings: Pick<Settings, "allowedHosts" | "allowedOrigins">): void {
  const { host = "", origin } = request.headers;
  if (!isOwnHost(host, settings.allowedHosts ?? []))
    throw refused("This server does not answer under that host name without a key.", "--allowed-hosts");
  const own = origin === undefined || originHost(origin) === host.toLowerCase() || (settings.allowedOrigins ?? []).includes(origin);
  if (!own) throw refused("Pages of another origin may not ask without a key.", "--allowed-origins");
  // Without an Origin a page can still send the simplest requests. Following a link from elsewhere is fine.
  const { "sec-fetch-site": site, "sec-fetch-mode": mode } = request.headers;
  const foreign = origin === undefined && (site === "cross-site" || site === "same-site");
  if (foreign && !(mode === "navigate" && request.method === "GET"))
    throw refused("Pages of another origin may not ask without a key.", "--allowed-origins");
}

function refused(detail: string, flag: string): Problem {
  return new Problem(403, "foreign-request", detail, { whatToDo: `Use a key, or have the server started with ${flag}.` });
}

/** A name that only this machine's owner can point at it: DNS rebinding needs a name of its own, so addresses are safe. */
function isOwnHost(host: string, allowed: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(host) ?? [];
  const name = (bracketed ?? plain ?? "").toLowerCase();
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  return isIP(name) === 4 || name === "localhost" || name.endsWith(".localhost") || allowed.some((one) => one.toLowerCase() === name);
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

const EXPOSED = "Location, Retry-After, ETag, X-Request-Id, Content-Disposition";
const ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id";

/** Lets pages of the configured origins read answers, https://fetch.spec.whatwg.org/#http-cors-protocol; no others. */
export function shareWithOrigins(app: FastifyInstance, { allowedOrigins }: Pick<Settings, "allowedOrigins">): void {
  if (allowedOrigins === null || allowedOrigins.length === 0) return;
  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    reply.header("vary", "Origin");
    if (origin === undefined || !allowedOrigins.includes(origin)) return;
    reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", EXPOSED);
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return;
    return reply
      .code(204)
      .header("access-control-allow-methods", "GET, POST, DELETE")
      .header("access-control-allow-headers", ALLOWED)
      .header("access-control-max-age", "600")
      .send();
  });
}
