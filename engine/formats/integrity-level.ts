import type { INTEGRITY_LEVELS } from "../tables/access-control.ts";

type Level = (typeof INTEGRITY_LEVELS)[number];

const BY_NUMBER: Readonly<Record<string, Level>> = {
  "0": "untrusted",
  "4096": "low",
  "8192": "medium",
  "8448": "medium_plus",
  "12288": "high",
  "16384": "system",
  "20480": "protected_process",
};
/** SDDL's short forms, winsddl: there is none for untrusted. */
const BY_SDDL: Readonly<Record<string, Level>> = { LW: "low", ME: "medium", MP: "medium_plus", HI: "high", SI: "system" };
const BY_WORD: Readonly<Record<string, Level>> = {
  untrusted: "untrusted",
  low: "low",
  medium: "medium",
  "medium plus": "medium_plus",
  high: "high",
  system: "system",
  "protected process": "protected_process",
};

/** The level an integrity SID names, or null: for other SIDs, and for levels between the known ones. */
export function levelOfSid(sid: string): Level | null {
  const number = /^S-1-16-(\d{1,10})$/.exec(sid)?.[1];
  return number === undefined ? null : (BY_NUMBER[number] ?? null);
}

/** The level by its SID or SDDL letters, as the trustee of a mandatory label. */
export function levelOfTrustee(trustee: string): Level | null {
  return levelOfSid(trustee) ?? BY_SDDL[trustee.toUpperCase()] ?? null;
}

/** The level by the English words tools print: `Untrusted Mandatory Level`. */
export function levelOfWords(words: string): Level | null {
  return BY_WORD[words.trim().toLowerCase()] ?? null;
}
