import type { Migration } from "./migration.ts";

/** SHA-256 of the content of each result, by name as in `results`. Those that were stored before have none and are read unchecked. */
export const resultDigests: Migration = {
  version: 2,
  statements: ({ text }) => [`ALTER TABLE jobs ADD COLUMN digests ${text} NOT NULL DEFAULT '{}'`],
};
