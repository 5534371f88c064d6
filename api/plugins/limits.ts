import { getHeapStatistics } from "node:v8";
import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import underPressure from "@fastify/under-pressure";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Problem, retryAfter } from "../problem.ts";
import type { Services } from "../services.ts";
import { RequestCounts } from "./request-counts.ts";

const MINUTE = 60_000;
/** Keys and addresses that are counted at the same time; of more, those longest unseen are forgotten. */
const COUNTED = 50_000;
/** Requests of one address that are told in a minute what is wrong with their key: enough for whoever sends a wrong one to notice. */
const REFUSALS = 60;
/** Mean delay of the event loop, in milliseconds, beyond which new work only makes everything later. */
const LOOP_DELAY = 1_000;
/** How long that delay is taken the mean of, in milliseconds: one long task alone is no pressure. */
const SAMPLE = 5_000;
/** Share of the heap that may be taken before new work is turned away. */
const HEAP_SHARE = 0.9;

/** Turns requests away that come too often from one key or address, and all of them while the process cannot keep up. */
export async function limitRequests(app: FastifyInstance, { settings }: Services): Promise<void> {
  await app.register(underPressure, {
    sampleInterval: SAMPLE,
    maxEventLoopDelay: LOOP_DELAY,
    maxHeapUsedBytes: Math.round(getHeapStatistics().heap_size_limit * HEAP_SHARE),
    // What stays on must be answered all the more when there is pressure.
    pressureHandler: (request) => {
      if (request.routeOptions.config.rateLimit === false) return;
      throw overloaded("The server has more to do than it can.");
    },
  });
  await app.register(rateLimit, {
    global: true,
    store: Counts,
    timeWindow: MINUTE,
    max: (request: FastifyRequest) => (request.routeOptions.config.dear ? settings.uploadRate : settings.requestRate),
    keyGenerator: (request: FastifyRequest) => `${request.routeOptions.config.dear ? "dear " : ""}${whoAsks(request)}`,
    // What stays on is asked for here as well: routes of plugins say so too late for the limit to see it when they are registered.
    allowList: ({ routeOptions: { config } }: FastifyRequest) =>
      config.rateLimit === false || (config.dear ? settings.uploadRate : settings.requestRate) === 0,
    errorResponseBuilder: (_request, { after }) => tooMany(after),
  });
}

export function overloaded(detail: string, seconds = 5): Problem {
  return new Problem(503, "overloaded", detail, {
    whatToDo: "Try again after the time that Retry-After says.",
    headers: retryAfter(seconds),
  });
}

function whoAsks(request: FastifyRequest): string {
  const { caller } = request;
  return caller && caller.actor !== "local" ? `key ${caller.actor}` : `address ${normalizeIP(request.ip)}`;
}

function tooMany(after: string): Problem {
  return new Problem(429, "too-many-requests", `Too many requests; more are taken in ${after}.`, {
    whatToDo: "Wait for as long as Retry-After says. GET /v1/jobs/{id}/events follows a job without asking again and again.",
  });
}

/** How the plugin asks for counts. */
class Counts {
  readonly #counts = new RequestCounts(MINUTE, COUNTED);

  incr(who: string, answer: (error: null, count: { current: number; ttl: number }) => void): void {
    answer(null, this.#counts.add(who));
  }

  child(): Counts {
    return new Counts();
  }
}

/** What an address does that has no key, or no good one. */
export interface Refusals {
  /** Before a key is looked up: throws where so many were refused that not even the store is asked. */
  check(request: FastifyRequest): void;
  /** Counts a request that is refused: throws where the address was told so often enough, and nothing more is to be done for it. */
  note(request: FastifyRequest): void;
}

/**
 * Keeps one address from trying key after key, and from asking again and again without one. Good keys of the same address, which many may
 * share, are not affected until it has used up what an address without a key may ask.
 */
export function limitRefusals({ requestRate }: Pick<Services["settings"], "requestRate">): Refusals {
  const counts = new RequestCounts(MINUTE, COUNTED);
  const refuse = (ttl: number) => {
    throw new Problem(429, "too-many-requests", "Too many requests without a key, or with an unknown one, came from this address.", {
      whatToDo: "Check which key is sent, and wait for as long as Retry-After says.",
      headers: retryAfter(Math.ceil(ttl / 1000)),
    });
  };
  if (requestRate === 0) return { check() {}, note() {} };
  return {
    check(request) {
      const { current, ttl } = counts.read(normalizeIP(request.ip));
      if (current >= requestRate) refuse(ttl);
    },
    note(request) {
      const { current, ttl } = counts.add(normalizeIP(request.ip));
      if (current > Math.min(REFUSALS, requestRate)) refuse(ttl);
    },
  };
}
