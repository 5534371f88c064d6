import type { Migration } from "./migration.ts";

/** Finds the oldest rows of the audit log, whoever's they are, without going over all of it. */
export const auditAge: Migration = {
  version: 3,
  statements: () => ["CREATE INDEX audit_at ON audit (at)"],
};
