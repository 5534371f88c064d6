import { auditAge } from "./audit-age.ts";
import { firstSchema } from "./first-schema.ts";
import type { Migration } from "./migration.ts";
import { resultDigests } from "./result-digests.ts";

/** Every version of the schema, oldest first. A change of the schema is a new file and a line here. */
export const migrations: readonly Migration[] = [firstSchema, resultDigests, auditAge];
