import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ExplanationDocument } from "../../engine/report/explanation-document.ts";
import type { Report } from "../../engine/report/report.ts";
import { type Blobs, NoSuchBlob } from "../blobs/blobs.ts";
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

/** The full report, as it was stored. */
export async function readReport(blobs: Blobs, job: Job): Promise<Report> {
  return readResult(blobs, job, "report", async (bytes) => JSON.parse(bytes.toString("utf8")));
}

/** By rule, why it came to its verdict. */
export async function readExplanations(blobs: Blobs, job: Job): Promise<Readonly<Record<string, readonly ExplanationDocument[]>>> {
  return readResult(blobs, job, "explanations", async (bytes) => JSON.parse((await inflate(bytes)).toString("utf8")));
}

async function readResult<T>(blobs: Blobs, { id, results }: Job, name: string, parse: (bytes: Buffer) => Promise<T>): Promise<T> {
  const key = results[name];
  if (key === undefined) throw notFound("report");
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of blobs.read(key)) chunks.push(chunk);
  } catch (error) {
    // Deleted since its job was read.
    if (error instanceof NoSuchBlob) throw notFound("report");
    throw error instanceof SealBroken ? damaged(id, error) : error;
  }
  try {
    return await parse(Buffer.concat(chunks));
  } catch (error) {
    throw damaged(id, error);
  }
}

function damaged(id: string, cause: unknown): Problem {
  return new Problem(500, "internal", "The stored report is damaged, or sealed with another key.", {
    whatToDo: `Run the analysis again with POST /v1/jobs/${id}/rerun, and tell whoever runs the server.`,
    cause,
  });
}
