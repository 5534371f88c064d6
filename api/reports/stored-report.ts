import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ExplanationDocument } from "../../engine/report/explanation-document.ts";
import type { Report } from "../../engine/report/report.ts";
import { type Blobs, NoSuchBlob } from "../blobs/blobs.ts";
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

/** The full report, as it was stored. */
export async function readReport(blobs: Blobs, job: Job): Promise<Report> {
  return JSON.parse((await readResult(blobs, job, "report")).toString("utf8"));
}

/** By rule, why it came to its verdict. */
export async function readExplanations(blobs: Blobs, job: Job): Promise<Readonly<Record<string, readonly ExplanationDocument[]>>> {
  return JSON.parse((await inflate(await readResult(blobs, job, "explanations"))).toString("utf8"));
}

async function readResult(blobs: Blobs, { results }: Job, name: string): Promise<Buffer> {
  const key = results[name];
  if (key === undefined) throw notFound("report");
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of blobs.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    // Deleted since its job was read.
    throw error instanceof NoSuchBlob ? notFound("report") : error;
  }
}
