import { firstSchema } from "./first-schema.ts";
import type { Migration } from "./migration.ts";

/** Every version of the schema, oldest first. A change of the schema is a new file and a line here. */
export const migrations: readonly Migration[] = [firstSchema];
