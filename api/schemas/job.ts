import { type Static, Type } from "typebox";
import { JOB_STATES, type Job } from "../store/store.ts";
import { count, id, instant, instantOrNull, oneOf, orNull, text, time } from "./fields.ts";

export const jobSchema = Type.Object(
  {
    id: id("Id of the job, and of its report"),
    bundle: id("Id of the bundle"),
    state: oneOf(JOB_STATES, "queued, running, and then for good: done, failed or cancelled"),
    created_at: time("When it was submitted"),
    started_at: orNull(time("When the last run of it began")),
    finished_at: orNull(time("When it ended")),
    attempts: count("How often it was begun; more than once where a worker was lost"),
    progress: orNull(
      Type.Object({
        stage: text("opening, reading, correlating, matching, quoting"),
        bytes: count("Bytes read"),
        total_bytes: count("Bytes to read"),
        packets: count("Packets read"),
        rules: count("Rules asked; 0 before the stage matching"),
      }),
    ),
    error: orNull(text("Why it failed")),
    cancel_requested: Type.Boolean({ description: "It was asked to stop" }),
    links: Type.Object({
      job: text("Path of this job"),
      events: text("Path of its events"),
      bundle: text("Path of its bundle"),
      report: orNull(text("Path of its report, once it is done")),
    }),
  },
  { $id: "Job", description: "One analysis of one bundle" },
);

export type JobBody = Static<typeof jobSchema>;

/** What a submission is answered with. */
export const acceptedSchema = Type.Object(
  {
    ...jobSchema.properties,
    existing: Type.Boolean({ description: "The same was submitted before: this is the job it got then, and nothing is analysed twice" }),
  },
  { $id: "AcceptedJob", description: "The job that was queued, or that there was already" },
);

export type AcceptedBody = Static<typeof acceptedSchema>;

export function jobBody(job: Job): JobBody {
  const { progress } = job;
  return {
    id: job.id,
    bundle: job.bundle,
    state: job.state,
    created_at: instant(job.createdAt),
    started_at: instantOrNull(job.startedAt),
    finished_at: instantOrNull(job.finishedAt),
    attempts: job.attempts,
    progress: progress && {
      stage: progress.stage,
      bytes: progress.bytes,
      total_bytes: progress.totalBytes,
      packets: progress.packets,
      rules: progress.rules,
    },
    error: job.error,
    cancel_requested: job.cancelRequested,
    links: {
      job: `/v1/jobs/${job.id}`,
      events: `/v1/jobs/${job.id}/events`,
      bundle: `/v1/bundles/${job.bundle}`,
      report: job.state === "done" ? `/v1/reports/${job.id}` : null,
    },
  };
}
