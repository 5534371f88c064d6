import type { FastifyRequest } from "fastify";
import { type Caller, callerOf } from "./caller.ts";
import type { Services } from "./services.ts";

export type AuditAction =
  | "bundle.submit"
  | "bundle.delete"
  | "job.cancel"
  | "job.rerun"
  | "report.read"
  | "rule.check"
  | "key.refused"
  | "scope.refused";

/** Writes who did what to what. A log that cannot be written stops nothing that was done already, but is told. */
export async function audit(
  { store, now }: Pick<Services, "store" | "now">,
  request: FastifyRequest,
  action: AuditAction,
  subject: string,
  who: Pick<Caller, "tenant" | "actor"> = callerOf(request),
): Promise<void> {
  const { tenant, actor } = who;
  await store
    .audit({ at: now(), tenant, actor, action, subject, requestId: request.id })
    .catch((error: unknown) => request.log.error({ err: error, action, subject }, "the audit log cannot be written"));
}
