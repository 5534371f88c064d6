import type { Option } from "../verb.ts";

/** Seconds one step may take unless told otherwise; Windows gives a connection up after 21. */
export const DEFAULT_TIMEOUT = 10;

/** Options every probe has. */
export const PROBE_OPTIONS: Readonly<Record<string, Option>> = {
  out: { value: "FILE", about: "Write the evidence to a file, for casebook match" },
  json: { about: "Write the evidence, one JSON object a line, to standard output instead of the summary" },
  timeout: { value: "SECONDS", about: `Longest wait for one step, ${DEFAULT_TIMEOUT} if left out` },
  ca: { value: "FILE", about: "Trust the roots in this PEM file, too" },
};

/** What the help of every probe says of exit codes. */
export const PROBE_EXITS = "Exits 0 when every step passed, 1 when one failed, and 2 when nothing could be tested.";
