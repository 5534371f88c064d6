import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Backend } from "./backend/backend.ts";

/** What is counted for Prometheus of every process that runs jobs. */
export interface WorkMetrics {
  readonly registry: Registry;
  /** Observed by whoever runs the jobs. */
  readonly analysisSeconds: Histogram<"outcome">;
}

/** And of one that answers requests. */
export interface Metrics extends WorkMetrics {
  readonly requestSeconds: Histogram<"method" | "route" | "status">;
  readonly uploadBytes: Counter;
  readonly uploads: Gauge;
  readonly followers: Gauge;
}

type Counted = Pick<Backend, "store" | "queue">;

const SECONDS = [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

export function workMetrics({ store, queue }: Counted): WorkMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: "casebook_jobs",
    help: "Jobs by state",
    labelNames: ["state"],
    registers,
    collect() {
      return orNothing(this, async () => {
        for (const [state, jobs] of Object.entries(await store.countJobs())) this.set({ state }, jobs);
      });
    },
  });
  new Gauge({
    name: "casebook_queue_depth",
    help: "Jobs that nobody works on yet",
    registers,
    collect() {
      return orNothing(this, async () => this.set(await queue.waiting()));
    },
  });
  return {
    registry,
    analysisSeconds: new Histogram({
      name: "casebook_analysis_duration_seconds",
      help: "Time to analyse a bundle",
      labelNames: ["outcome"],
      buckets: SECONDS,
      registers,
    }),
  };
}

export function createMetrics(counted: Counted): Metrics {
  const work = workMetrics(counted);
  const registers = [work.registry];
  return {
    ...work,
    requestSeconds: new Histogram({
      name: "casebook_http_request_duration_seconds",
      help: "Time to answer a request",
      labelNames: ["method", "route", "status"],
      buckets: SECONDS,
      registers,
    }),
    uploadBytes: new Counter({ name: "casebook_upload_bytes_total", help: "Bytes of uploaded files", registers }),
    uploads: new Gauge({ name: "casebook_uploads", help: "Uploads that go on", registers }),
    followers: new Gauge({ name: "casebook_followers", help: "Connections that follow a job", registers }),
  };
}

/** A gauge that cannot be read is left out, for the others matter all the more then. */
async function orNothing(gauge: { reset(): void }, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch {
    gauge.reset();
  }
}
