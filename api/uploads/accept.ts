import type { FastifyRequest } from "fastify";
import { audit } from "../audit.ts";
import { callerOf } from "../caller.ts";
import { newId } from "../ids.ts";
import { isStillLetIn, keyRefused } from "../plugins/access.ts";
import { tenantFull, tooManyJobs } from "../plugins/errors.ts";
import { overloaded } from "../plugins/limits.ts";
import type { Services } from "../services.ts";
import { type Acceptance, type Bundle, IdempotencyConflict, QuotaExceeded } from "../store/store.ts";
import { Intake, tooLarge } from "./intake.ts";
import { receive } from "./receive.ts";
import { requestDigest, sameAnalysis } from "./same.ts";

export interface Submission {
  /** The bundle's name, where the request states it. */
  readonly name: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Bytes that multipart adds to its files at most, before a declared length is held against the limit. */
const MULTIPART_SLACK = 1 << 20;

/** Throws a `Problem` where another analysis would be too much, before a byte of it is read. */
export async function checkRoom({ store, queue, settings }: Services, tenant: string, bytes: number): Promise<void> {
  // Not the store's count, which goes over every job there ever was.
  const [waiting, usage] = await Promise.all([queue.waiting(), store.usage(tenant)]);
  if (waiting >= settings.queuedJobs) throw overloaded("As many jobs wait here as may.", 30);
  if (usage.jobs >= settings.tenantJobs) throw tooManyJobs();
  if (usage.bytes + bytes > settings.tenantBytes) throw tenantFull();
}

/** Takes an upload in and queues its analysis. Whatever goes wrong, nothing of it remains. */
export async function acceptUpload(request: FastifyRequest, submission: Submission, services: Services): Promise<Acceptance> {
  const { blobs, settings, metrics } = services;
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > settings.bundleBytes + MULTIPART_SLACK) throw tooLarge(settings.bundleBytes);
  await checkRoom(services, callerOf(request).tenant, Math.max(0, declared - MULTIPART_SLACK));
  const intake = new Intake({ blobs, limits: settings, received: (bytes) => metrics.uploadBytes.inc(bytes) });
  try {
    const name = await receive(request, intake, submission.name, settings.bundleFiles);
    // An upload may take hours, and its key may have been revoked in the meantime.
    if (!(await isStillLetIn(request, services))) throw keyRefused();
    const acceptance = await queue(request, name, intake, submission.idempotencyKey, services);
    if (acceptance.existing) await intake.discard();
    else services.wake();
    return acceptance;
  } catch (error) {
    if (!(error instanceof Uncertain)) {
      await intake
        .discard()
        .catch((fault: unknown) => request.log.warn({ err: fault }, "an upload that was refused is left for the sweep"));
      throw error;
    }
    throw error.cause;
  }
}

/** The store failed in a way that leaves open whether it has the bundle: its files stay, and the sweep removes them if nobody knows them. */
class Uncertain extends Error {}

async function queue(
  request: FastifyRequest,
  name: string,
  intake: Intake,
  idempotencyKey: string | undefined,
  services: Services,
): Promise<Acceptance> {
  const { store, settings, catalogue } = services;
  const { tenant } = callerOf(request);
  // By the clock that says when it is to be deleted.
  const at = await store.now();
  const bundle: Bundle = {
    id: newId(at),
    tenant,
    name,
    files: intake.files,
    bytes: intake.bytes,
    createdAt: at,
    expiresAt: settings.retention === null ? null : at + settings.retention,
  };
  const digest = requestDigest(name, intake.files);
  const job = { id: newId(at), sameAs: sameAnalysis(tenant, digest, catalogue) };
  const idempotency = idempotencyKey === undefined ? null : { key: idempotencyKey, request: digest };
  const quota = { bytes: settings.tenantBytes, jobs: settings.tenantJobs };
  const acceptance = await store.accept(bundle, job, at, idempotency, quota).catch((error: unknown) => {
    if (error instanceof IdempotencyConflict || error instanceof QuotaExceeded) throw error;
    throw new Uncertain("accepting failed", { cause: error });
  });
  await audit(services, request, "bundle.submit", acceptance.job.bundle);
  return acceptance;
}
