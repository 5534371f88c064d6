import type { FastifyRequest } from "fastify";
import { SCOPES, type Scope } from "./store/store.ts";

/** Who asks, as far as the server cares. */
export interface Caller {
  readonly tenant: string;
  /** Id of the key; `local` without one. */
  readonly actor: string;
  readonly scopes: readonly Scope[];
}

/** Who may call a route: a key with one of some scopes, any key at all, or everybody. `admin` may do everything. */
export type Access = readonly Scope[] | "any key" | "everybody";

/** Requests without a key, where they are let in. */
export const ANONYMOUS: Caller = { tenant: "local", actor: "local", scopes: SCOPES };

declare module "fastify" {
  interface FastifyRequest {
    /** Null before it is known, and where nobody has to say. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** Starts an analysis, and is limited with its like. */
    dear?: boolean;
    /** What the body is, where it is streamed and no schema validates it; OpenAPI. */
    documentedBody?: object;
  }
}

/** Who asks on a route that asks for a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} knows no caller`);
  return request.caller;
}

export function mayUse({ scopes }: Caller, access: Access): boolean {
  if (typeof access === "string") return true;
  return scopes.includes("admin") || access.some((scope) => scopes.includes(scope));
}
