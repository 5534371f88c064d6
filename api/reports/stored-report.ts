import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ExplanationDocument } from "../../engine/report/explanation-document.ts";
import type { Report } from "../../engine/report/report.ts";
import { NoSuchBlob } from "../blobs/blobs.ts";
import { SealBroken } from "../blobs/seal-format.ts";
import { notFound, Problem } from "../problem.ts";
import type { Services } from "../services.ts";
import type { Job } from "../store/store.ts";

const inflate = promisify(gunzip);

/** A job that is done; throws a `Problem` where there is none, or it is not. */
export async function doneJob({ store }: Pick<Services, "store">, tenant: string, id: string): Promise<Job> {
  const job = await store.job(tenant, id);
  if (job === null) throw notFound("report");
  if (job.state === "done") return job;
  throw new Problem(409, "not-done", ...reasonOf(job));
}

function reasonOf({ id, state, error }: Job): [detail: string, { whatToDo: string }] {
  if (state === "failed")
    return [
      `The analysis failed: ${error ?? "nobody knows why"}`,
      { whatToDo: `Run it again with POST /v1/jobs/${id}/rerun, or submit the bundle anew.` },
    ];
  if (state === "cancelled") return ["The analysis was cancelled.", { whatToDo: `Run it again with POST /v1/jobs/${id}/rerun.` }];
  return [`The report is not there yet: the job is ${state}.`, { whatToDo: `Follow it with GET /v1/jobs/${id}/events.` }];
}

/** Where results lie. */
type Stored = Pick<Services, "store" | "blobs">;

/** The full report, as it was stored. */
export async function readReport(stored: Stored, job: Job): Promise<Report> {
  return readResult(stored, job, "report", async (bytes) => JSON.parse(bytes.toString("utf8")));
}

/** By rule, why it came to its verdict. */
export async function readExplanations(stored: Stored, job: Job): Promise<Readonly<Record<string, readonly ExplanationDocument[]>>> {
  return readResult(stored, job, "explanations", async (bytes) => JSON.parse((await inflate(bytes)).toString("utf8")));
}

/** A result whole and as it was stored, or a `Problem`: never a part of it, and nothing that was changed. */
async function readResult<T>({ store, blobs }: Stored, job: Job, name: string, parse: (bytes: Buffer) => Promise<T>): Promise<T> {
  const key = job.results[name];
  if (key === undefined) throw notFound("report");
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of blobs.read(key)) chunks.push(chunk);
  } catch (error) {
    // Deleted with its job since that was read, or lost.
    if (error instanceof NoSuchBlob)
      throw (await store.job(job.tenant, job.id)) === null ? notFound("report") : damaged(job, "is lost", error);
    throw error instanceof SealBroken ? damaged(job, "is damaged, or sealed with another key", error) : error;
  }
  const bytes = Buffer.concat(chunks);
  const digest = job.digests[name];
  if (digest !== undefined && createHash("sha256").update(bytes).digest("hex") !== digest)
    throw damaged(job, "is damaged", new Error(`${key} is not what was stored`));
  try {
    return await parse(bytes);
  } catch (error) {
    throw damaged(job, "is damaged", error);
  }
}

function damaged({ id }: Job, how: string, cause: unknown): Problem {
  return new Problem(500, "internal", `The stored report ${how}.`, {
    whatToDo: `Run the analysis again with POST /v1/jobs/${id}/rerun, and tell whoever runs the server.`,
    cause,
  });
}
