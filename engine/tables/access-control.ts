import { declareTable } from "./table.ts";

/** Integrity levels by the last number of their SID S-1-16-n, [MS-DTYP] section 2.4.2.4. */
export const INTEGRITY_LEVELS = ["untrusted", "low", "medium", "medium_plus", "high", "system", "protected_process"] as const;

export const accessTokens = declareTable({
  name: "access_tokens",
  shownBy: "token of the caller",
  about: "One access token as the debugger (`!token`) or `whoami` prints it.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was printed on; null if nothing tells" },
    user_sid: { type: "text", about: "SID of the user, `S-1-5-7` for an anonymous caller; null where the line is missing" },
    groups: { type: "texts", about: "SIDs of the groups, the integrity level's among them" },
    integrity: { type: "enum", values: INTEGRITY_LEVELS, about: "Integrity level; null where no group names it" },
  },
});

export const objectSecurity = declareTable({
  name: "object_security",
  shownBy: "security descriptor of the object",
  about: "One object's security descriptor: from the debugger (`!sd`), `accesschk`, or in SDDL.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was printed on; null if nothing tells" },
    kind: { type: "enum", values: ["pipe", "other"], about: "Kind of object, where its name tells; null if it is not named" },
    name: { type: "text", about: "Name of the object, of a pipe without `\\\\.\\pipe\\`; null where none is shown" },
    labelled: { type: "boolean", about: "It has a mandatory label; null where the SACL is not shown" },
    integrity: {
      type: "enum",
      values: INTEGRITY_LEVELS,
      about: "Level of the label; medium without one; null where the SACL is not shown",
    },
    allowed: { type: "texts", about: "Who the DACL allows something: SIDs, or names as printed" },
    sacl_line: { type: "frame", about: "Line that shows the label, or that there is none" },
  },
});
