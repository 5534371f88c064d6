/**
 * What the server remembers, whatever database holds it. Two implementations, `sqlite.ts` and `postgres.ts`, pass one contract
 * (`tests/api/store-contract.ts`). Every read that serves a request names the tenant: another tenant's row does not exist.
 * Times are milliseconds since the epoch, given by the caller; sizes are bytes.
 */

/** What a key may be used for. `admin` may do everything within its tenant. */
export const SCOPES = ["submit", "read", "contribute", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** An API key. The secret itself is never stored, only its SHA-256 (the secret holds 256 random bits, so no slow hash is needed). */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  /** Whose it is, in words. */
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, lower-case hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** One uploaded file of a bundle. */
export interface StoredFile {
  /** Path inside the bundle, as submitted and made safe. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of its content, lower-case hex. */
  readonly sha256: string;
  /** Key of the blob that holds it. */
  readonly blob: string;
}

/** A bundle that was submitted. */
export interface Bundle {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly files: readonly StoredFile[];
  readonly bytes: number;
  readonly createdAt: number;
  /** When retention deletes it; null for never. */
  readonly expiresAt: number | null;
}

export const JOB_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far a run has come; the words and numbers of the engine's own progress. */
export interface JobProgress {
  readonly stage: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly packets: number;
  /** Rules asked; known from the stage `matching` on. */
  readonly rules: number;
}

/** One analysis of one bundle under one set of rules. The report has the job's id. */
export interface Job {
  readonly id: string;
  readonly tenant: string;
  readonly bundle: string;
  readonly state: JobState;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** How often it was begun. */
  readonly attempts: number;
  readonly progress: JobProgress | null;
  /** Why it failed, in words for whoever submitted it. */
  readonly error: string | null;
  /** Blobs of the result (`report`, `explanations` …) by name, once done. */
  readonly results: Readonly<Record<string, string>>;
  /** SHA-256 of the content of each of these, lower-case hex, by the same names; those that an earlier Casebook stored have none. */
  readonly digests: Readonly<Record<string, string>>;
  readonly cancelRequested: boolean;
}

export interface NewJob {
  readonly id: string;
  /**
   * Content, name, rules and engine in one digest: two jobs of one tenant with the same are the same analysis. Null to analyse
   * anew whatever there is (rerun).
   */
  readonly sameAs: string | null;
}

/** What tells a repeated request from another one. */
export interface Idempotency {
  /** What the client calls the request. */
  readonly key: string;
  /** Digest of what is requested: the same key with another is a conflict. */
  readonly request: string;
}

export interface Acceptance {
  readonly job: Job;
  /** The job was there before: `bundle` was not stored and its blobs may be deleted. */
  readonly existing: boolean;
}

/** Thrown by `accept` where an idempotency key was used before for another request. */
export class IdempotencyConflict extends Error {}

/** Thrown by `accept` where the tenant's bundles would exceed what it may store, or too many of its jobs wait. */
export class QuotaExceeded extends Error {
  /** What there would be too much of. */
  readonly of: "bytes" | "jobs";

  constructor(of: "bytes" | "jobs", message: string) {
    super(message);
    this.of = of;
  }
}

export interface Quota {
  /** Bytes of all bundles of the tenant. */
  readonly bytes: number;
  /** Jobs that are queued or running. */
  readonly jobs: number;
}

export interface Usage {
  readonly bytes: number;
  readonly bundles: number;
  readonly jobs: number;
}

/** One line of the audit log: who did what to what, never what was in it. */
export interface AuditEntry {
  readonly at: number;
  readonly tenant: string;
  /** Id of the key, `local` without one, `system` for retention. */
  readonly actor: string;
  /** `bundle.submit`, `bundle.delete`, `report.read`, `key.create` … */
  readonly action: string;
  readonly subject: string;
  readonly requestId: string | null;
}

/** Newest first; `before` is the id of the last row of the page before. */
export interface Page {
  readonly limit: number;
  readonly before: string | null;
}

export interface JobOutcome {
  readonly state: "done" | "failed" | "cancelled";
  readonly error?: string;
  readonly results?: Job["results"];
  readonly digests?: Job["digests"];
}

export interface Store {
  /** Brings the schema up to date; safe to call from many processes at once. */
  migrate(): Promise<void>;
  /** Rejects where the database cannot be reached or written. */
  ping(): Promise<void>;
  /** The time by the database's clock, which all who share it agree on, whatever those of their machines say. */
  now(): Promise<number>;
  close(): Promise<void>;

  addKey(key: ApiKey): Promise<void>;
  keyByHash(hash: string): Promise<ApiKey | null>;
  keys(tenant: string | null): Promise<readonly ApiKey[]>;
  /** False where there is no such key that is not yet revoked. */
  revokeKey(id: string, at: number): Promise<boolean>;

  /**
   * Records bundle and job and queues the job, in one transaction: once it resolves, neither is lost. Returns the job there is already
   * where `sameAs` or the idempotency key says that this is the same request.
   */
  accept(bundle: Bundle, job: NewJob, at: number, idempotency: Idempotency | null, quota: Quota | null): Promise<Acceptance>;
  /**
   * Queues another analysis of a stored bundle, which takes the place of an earlier one with the same `sameAs`; null where the tenant has
   * no such bundle. Idempotency is as in `accept`.
   */
  again(tenant: string, bundle: string, job: NewJob, at: number, idempotency: Idempotency | null): Promise<Acceptance | null>;

  bundle(tenant: string, id: string): Promise<Bundle | null>;
  bundles(tenant: string, page: Page): Promise<readonly Bundle[]>;
  /** Deletes a bundle with its jobs (running ones are told to stop) and returns every blob key that is no longer needed; null if there is none. */
  deleteBundle(tenant: string, id: string): Promise<readonly string[] | null>;
  /** Bundles whose time has passed, for `deleteBundle`. */
  expired(at: number, most: number): Promise<readonly Pick<Bundle, "id" | "tenant">[]>;
  /** Which of these blob keys a bundle or a job names. */
  knownBlobs(keys: readonly string[]): Promise<ReadonlySet<string>>;

  job(tenant: string, id: string): Promise<Job | null>;
  /** Jobs by id whatever their tenant, for workers and for those who follow several. */
  jobsById(ids: readonly string[]): Promise<readonly Job[]>;
  /** Newest first. */
  jobsOf(tenant: string, bundle: string): Promise<readonly Job[]>;
  /** A queued job is cancelled at once, a running one is told to stop; returns it as it is then, null if there is none. */
  cancel(tenant: string, id: string, at: number): Promise<Job | null>;

  /** Marks a delivered job as running and returns it with its bundle; null where it is finished, cancelled or gone: drop the delivery. */
  begin(id: string, at: number): Promise<{ readonly job: Job; readonly bundle: Bundle } | null>;
  /** Notes progress of the run that is attempt number `attempt`; false where that run should stop (cancelled, deleted, or begun anew elsewhere). */
  note(id: string, attempt: number, progress: JobProgress): Promise<boolean>;
  /** Ends a run; false where another attempt has taken over or the job is gone: what it wrote is not used. */
  finish(id: string, attempt: number, outcome: JobOutcome, at: number): Promise<boolean>;
  /** Makes a run that was stopped before its end not to have been begun, for a worker that shuts down; false as for `finish`. Where it was to be cancelled, it is. */
  release(id: string, attempt: number, at: number): Promise<boolean>;

  usage(tenant: string): Promise<Usage>;
  /** Jobs by state over all tenants, for metrics: counts all there are, so ask every few seconds at most. */
  countJobs(): Promise<Readonly<Record<JobState, number>>>;

  audit(entry: AuditEntry): Promise<void>;
  auditLog(tenant: string, page: { readonly limit: number }): Promise<readonly AuditEntry[]>;
  /** Deletes entries of all tenants from before a time, the oldest first and no more than `most`; resolves with how many. */
  forgetAudit(before: number, most: number): Promise<number>;
}
