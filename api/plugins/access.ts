import type { FastifyInstance, FastifyRequest } from "fastify";
import { audit } from "../audit.ts";
import { type Access, ANONYMOUS, type Caller, mayUse } from "../caller.ts";
import { isUsable, parseKey } from "../keys.ts";
import { Problem } from "../problem.ts";
import type { Services } from "../services.ts";
import { checkForeign } from "./foreign-requests.ts";
import type { Refusals } from "./limits.ts";

/** Finds out who asks on every route of this part of the application, each of which says whom it lets in. */
export function controlAccess(app: FastifyInstance, services: Services, refusals: Refusals): void {
  app.addHook("onRoute", ({ url, config }) => {
    if (config?.access === undefined) throw new Error(`${url} does not say who may call it`);
  });
  app.addHook("onRequest", async (request) => {
    const access: Access = request.routeOptions.config.access ?? "everybody";
    if (access === "everybody") return;
    const { authorization } = request.headers;
    if (authorization === undefined) request.caller = anonymous(request, services, refusals);
    else {
      refusals.check(request);
      const caller = await keyOwner(authorization, services);
      if (caller === null) {
        refusals.note(request);
        const id = parseKey(bearerToken(authorization))?.id ?? "";
        await audit(services, request, "key.refused", id, { tenant: "", actor: id });
        throw keyRefused();
      }
      request.caller = caller;
    }
    if (mayUse(request.caller, access)) return;
    await audit(services, request, "scope.refused", request.routeOptions.url ?? "");
    const needed = (access as readonly string[]).join(" or ");
    throw new Problem(403, "missing-scope", `The key lacks the scope ${needed}.`, {
      whatToDo: "Use a key that has it; casebook keys create --scopes makes one.",
    });
  });
}

function anonymous(request: FastifyRequest, { settings, loopback }: Services, refusals: Refusals): Caller {
  const letIn = settings.anonymous === "on" || (settings.anonymous === "loopback" && loopback);
  if (!letIn) {
    refusals.note(request);
    throw unauthenticated("A key is needed.");
  }
  checkForeign(request, settings);
  return ANONYMOUS;
}

/** Whose key an `Authorization` header presents; null where it opens nothing. */
export async function keyOwner(authorization: string | undefined, { store, now }: Pick<Services, "store" | "now">): Promise<Caller | null> {
  const presented = parseKey(bearerToken(authorization ?? ""));
  const key = presented && (await store.keyByHash(presented.hash));
  if (!key || key.id !== presented?.id || !isUsable(key, now())) return null;
  return { tenant: key.tenant, actor: key.id, scopes: key.scopes };
}

/** Whether whoever asked is still let in: keys are revoked, and run out, while something long goes on. A store that cannot be asked ends nothing. */
export async function isStillLetIn(
  { headers: { authorization } }: FastifyRequest,
  services: Pick<Services, "store" | "now">,
): Promise<boolean> {
  if (authorization === undefined) return true;
  return keyOwner(authorization, services).then(
    (owner) => owner !== null,
    () => true,
  );
}

/** RFC 6750 section 2.1; the scheme's case does not matter, RFC 9110 section 11.1. Empty where it is no such thing. */
function bearerToken(authorization: string): string {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
}

export function keyRefused(): Problem {
  return unauthenticated("The key is unknown, revoked or past its time.");
}

function unauthenticated(detail: string): Problem {
  return new Problem(401, "unauthenticated", detail, {
    whatToDo: "Send Authorization: Bearer <key>; casebook keys create makes keys.",
    headers: { "www-authenticate": 'Bearer realm="casebook"' },
  });
}
