import type { Row } from "./steps.ts";
import type { ApiKey, AuditEntry, Bundle, Job, JobState, Scope } from "./store.ts";

// PostgreSQL answers with text for its 64-bit integers, SQLite with numbers; sizes and times are below 2^53.

export function keyOf(row: Row): ApiKey {
  return {
    id: String(row.id),
    tenant: String(row.tenant),
    label: String(row.label),
    scopes: json<Scope[]>(row.scopes),
    hash: String(row.hash),
    createdAt: Number(row.created_at),
    expiresAt: numberOrNull(row.expires_at),
    revokedAt: numberOrNull(row.revoked_at),
  };
}

export function bundleOf(row: Row): Bundle {
  return {
    id: String(row.id),
    tenant: String(row.tenant),
    name: String(row.name),
    files: json(row.files),
    bytes: Number(row.bytes),
    createdAt: Number(row.created_at),
    expiresAt: numberOrNull(row.expires_at),
  };
}

export function jobOf(row: Row): Job {
  return {
    id: String(row.id),
    tenant: String(row.tenant),
    bundle: String(row.bundle),
    state: row.state as JobState,
    createdAt: Number(row.created_at),
    startedAt: numberOrNull(row.started_at),
    finishedAt: numberOrNull(row.finished_at),
    attempts: Number(row.attempts),
    progress: row.progress === null ? null : json(row.progress),
    error: textOrNull(row.error),
    results: json(row.results),
    digests: json(row.digests),
    cancelRequested: Number(row.cancel_requested) !== 0,
  };
}

export function auditOf(row: Row): AuditEntry {
  return {
    at: Number(row.at),
    tenant: String(row.tenant),
    actor: String(row.actor),
    action: String(row.action),
    subject: String(row.subject),
    requestId: textOrNull(row.request_id),
  };
}

function json<T>(value: unknown): T {
  return JSON.parse(String(value)) as T;
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
