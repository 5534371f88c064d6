import type { Columns, Migration } from "./migration.ts";

/** Tenants and keys, bundles and jobs, what names which blob, and the audit log. */
export const firstSchema: Migration = {
  version: 1,
  statements: (columns) => [...people(columns), ...work(columns), ...(columns.queue ? queue(columns) : [])],
};

function people({ text, integer, counter, options }: Columns): string[] {
  return [
    // Counted here so that a submission need not add up everything a tenant has stored.
    `CREATE TABLE tenants (tenant ${text} PRIMARY KEY, bytes ${integer} NOT NULL, bundles ${integer} NOT NULL)${options}`,
    `CREATE TABLE keys (
       id ${text} PRIMARY KEY, tenant ${text} NOT NULL, label ${text} NOT NULL, scopes ${text} NOT NULL, hash ${text} NOT NULL UNIQUE,
       created_at ${integer} NOT NULL, expires_at ${integer}, revoked_at ${integer})${options}`,
    `CREATE INDEX keys_tenant ON keys (tenant, id)`,
    `CREATE TABLE audit (
       id ${counter}, at ${integer} NOT NULL, tenant ${text} NOT NULL, actor ${text} NOT NULL, action ${text} NOT NULL,
       subject ${text} NOT NULL, request_id ${text})${options}`,
    `CREATE INDEX audit_tenant ON audit (tenant, id)`,
  ];
}

function work({ text, integer, options }: Columns): string[] {
  return [
    `CREATE TABLE bundles (
       id ${text} PRIMARY KEY, tenant ${text} NOT NULL, name ${text} NOT NULL, files ${text} NOT NULL, bytes ${integer} NOT NULL,
       created_at ${integer} NOT NULL, expires_at ${integer})${options}`,
    `CREATE INDEX bundles_tenant ON bundles (tenant, id)`,
    `CREATE INDEX bundles_expiry ON bundles (expires_at) WHERE expires_at IS NOT NULL`,
    // Uploads and results alike; they go when the bundle goes.
    `CREATE TABLE blobs (blob ${text} PRIMARY KEY, bundle ${text} NOT NULL REFERENCES bundles (id) ON DELETE CASCADE)${options}`,
    `CREATE INDEX blobs_bundle ON blobs (bundle)`,
    `CREATE TABLE jobs (
       id ${text} PRIMARY KEY, tenant ${text} NOT NULL, bundle ${text} NOT NULL REFERENCES bundles (id) ON DELETE CASCADE,
       state ${text} NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
       created_at ${integer} NOT NULL, started_at ${integer}, finished_at ${integer}, attempts ${integer} NOT NULL,
       progress ${text}, error ${text}, results ${text} NOT NULL, cancel_requested ${integer} NOT NULL, same_as ${text})${options}`,
    `CREATE INDEX jobs_bundle ON jobs (bundle)`,
    `CREATE INDEX jobs_state ON jobs (state)`,
    `CREATE INDEX jobs_open ON jobs (tenant) WHERE state IN ('queued', 'running')`,
    `CREATE UNIQUE INDEX jobs_same ON jobs (tenant, same_as)
       WHERE state IN ('queued', 'running', 'done') AND cancel_requested = 0`,
    `CREATE TABLE idempotency (
       tenant ${text} NOT NULL, key ${text} NOT NULL, request ${text} NOT NULL,
       job ${text} NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, at ${integer} NOT NULL, PRIMARY KEY (tenant, key))${options}`,
    `CREATE INDEX idempotency_job ON idempotency (job)`,
  ];
}

function queue({ text, integer, counter, options }: Columns): string[] {
  return [
    // `leased_until` is 0 while nobody works on it.
    `CREATE TABLE queue (
       position ${counter}, job ${text} NOT NULL UNIQUE REFERENCES jobs (id) ON DELETE CASCADE,
       leased_until ${integer} NOT NULL, ticket ${text})${options}`,
    `CREATE INDEX queue_turn ON queue (leased_until, position)`,
  ];
}
