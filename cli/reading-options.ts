import type { ContainerLimits } from "../engine/containers/limits.ts";
import { byteCount, type Option, wholeNumber } from "./verb.ts";

/** Options of every verb that reads a bundle. */
export const READING_OPTIONS: Readonly<Record<string, Option>> = {
  jobs: { value: "N", about: "Files read at the same time; as many as there are processors if not given" },
  "no-progress": { about: "Draw no progress bar" },
  "max-entries": { value: "N", about: "Most files an archive may hold, nested ones included" },
  "max-entry-bytes": { value: "SIZE", about: "Longest file of an archive; what is longer is cut" },
  "max-bytes": { value: "SIZE", about: "Most bytes all archives together may hold" },
  "max-ratio": { value: "N", about: "Most times an archive may grow when inflated" },
  "max-buffer-bytes": { value: "SIZE", about: "Most memory for archives that lie compressed inside others" },
  "max-reread-bytes": { value: "SIZE", about: "Most bytes to inflate again for files inside large tar.gz archives" },
  "max-depth": { value: "N", about: "How deep archives may stand inside each other" },
  "max-seconds": { value: "N", about: "Longest time for listing archives" },
};

export const RULES_OPTION: Readonly<Record<string, Option>> = {
  rules: { value: "DIR", about: "Folder of rules to use in place of those that come with Casebook" },
};

/** The limits that were given, over those the containers have of themselves. */
export function readLimits(values: Readonly<Record<string, string>>): Partial<ContainerLimits> {
  const limit = (name: keyof ContainerLimits, option: string, read: (value: string) => number) =>
    values[option] === undefined ? {} : { [name]: read(values[option]) };
  return {
    ...limit("entries", "max-entries", (value) => wholeNumber("max-entries", value, 1)),
    ...limit("entryBytes", "max-entry-bytes", (value) => byteCount("max-entry-bytes", value)),
    ...limit("totalBytes", "max-bytes", (value) => byteCount("max-bytes", value)),
    ...limit("ratio", "max-ratio", (value) => wholeNumber("max-ratio", value, 1)),
    ...limit("bufferBytes", "max-buffer-bytes", (value) => byteCount("max-buffer-bytes", value)),
    ...limit("rereadBytes", "max-reread-bytes", (value) => byteCount("max-reread-bytes", value)),
    ...limit("depth", "max-depth", (value) => wholeNumber("max-depth", value, 1)),
    ...limit("milliseconds", "max-seconds", (value) => wholeNumber("max-seconds", value, 1) * 1000),
  };
}
