import type { Emit, TextFormat, TextReader } from "./format.ts";
import { levelOfSid } from "./integrity-level.ts";

const MAX_LINE = 1000;
const MAX_GROUPS = 2000;
const SID = String.raw`S-1-(?:\d{1,15}-){0,14}\d{1,15}`;
/** The debugger's `!token`. */
const TOKEN = /^\s*_ETHREAD [\da-f`]+, _TOKEN [\da-f`]+|^\s*_TOKEN (?:0x)?[\da-f`]{6,}/i;
const USER = new RegExp(String.raw`^\s*User:\s*(${SID})\b`);
const GROUPS = /^\s*(?:User )?Groups\s*:/i;
const GROUP = new RegExp(String.raw`^\s*\d{2,3}:?\s+(${SID})\b`);
const OVER = /^\s*(?:Primary Group|Privs|Token ID|OriginatingLogonSession)\s*:|^\s*Authentication ID:/;
/** whoami: the user's row ends in the SID, a group's goes on with its attributes. */
const WHOAMI_USER = new RegExp(String.raw`^\s*"?\S.{0,300}?"?[\s,]+"?(${SID})"?\s*$`);
const WHOAMI_LEVEL = /^\s*"?\S.{0,300}?[\s,"]+(S-1-16-\d{1,10})\b/;

/**
 * An access token as the kernel debugger's `!token` or `whoami /all` (`/user /groups`, as a table, list or CSV) prints it, in any display
 * language: SIDs are known by shape, the integrity level is the group S-1-16-n.
 *
 *     User: S-1-5-7 (Well Known Group: NT AUTHORITY\ANONYMOUS LOGON)
 *     Groups:
 *     04 S-1-16-0 Unrecognized SID
 */
export const accessToken: TextFormat = {
  kind: "text",
  id: "access-token",
  title: "Access token (!token, whoami /all)",
  unit: "line",
  tables: ["access_tokens"],
  detect: (lines) =>
    lines.some(
      (line, at) =>
        line.length <= MAX_LINE &&
        !isForeign(line) &&
        // An event has a user, too; a token has groups.
        ((USER.test(line) && lines.slice(at + 1, at + 4).some((next) => GROUPS.test(next) || GROUP.test(next))) ||
          WHOAMI_LEVEL.test(line) ||
          (GROUP.test(line) && line.includes("S-1-16-"))),
    ),
  reader: (emit) => new TokenReader(emit),
};

/** SIDs of a security descriptor, as `!sd` prints them. */
function isForeign(line: string): boolean {
  return line.includes("->");
}

class TokenReader implements TextReader {
  private readonly emit: Emit;
  private user: string | null = null;
  private groups: string[] = [];
  private at = 0;
  /** Line of the group that names the level; 0 while there is none. */
  private levelAt = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE || isForeign(text)) return;
    const user = USER.exec(text)?.[1];
    const group = GROUP.exec(text)?.[1];
    if (TOKEN.test(text) || user !== undefined) this.close();
    if (user !== undefined) [this.user, this.at] = [user, number];
    else if (group !== undefined) this.group(group, number);
    else if (OVER.test(text)) this.close();
    else if (text.includes("S-1-")) this.whoami(text, number);
  }

  private group(sid: string, at: number): void {
    if (this.at === 0) this.at = at;
    if (this.groups.length < MAX_GROUPS) this.groups.push(sid);
    if (sid.startsWith("S-1-16-")) this.levelAt = at;
  }

  private whoami(text: string, at: number): void {
    const level = WHOAMI_LEVEL.exec(text)?.[1];
    const user = level === undefined ? WHOAMI_USER.exec(text)?.[1] : undefined;
    // A user's SID of whoami is one line; what follows it are groups until the level has been seen.
    if (level !== undefined) {
      this.group(level, at);
      this.close();
    } else if (user !== undefined && this.groups.length === 0 && !/^\s*S-1-/.test(text)) [this.user, this.at] = [user, at];
    else if (this.user !== null) this.other(text, at);
  }

  private other(text: string, at: number): void {
    for (const [sid] of text.matchAll(new RegExp(String.raw`\b${SID}`, "g"))) this.group(sid, at);
  }

  end(): void {
    this.close();
  }

  /** A token shows its level, or at least its user and groups; SIDs in passing are none. */
  private close(): void {
    const { user, groups, levelAt } = this;
    const level = groups.find((sid) => sid.startsWith("S-1-16-"));
    if (level !== undefined || (user !== null && groups.length > 0)) {
      const integrity = level === undefined ? null : levelOfSid(level);
      this.emit.row("access_tokens", { user_sid: user, groups, integrity }, levelAt || this.at);
      const point = { table: "access_tokens", host: null, side: null, from: null, to: null, complete: true } as const;
      if (user !== null) this.emit.coverage({ ...point, only: { user_sid: [user] } });
    }
    [this.user, this.groups, this.at, this.levelAt] = [null, [], 0, 0];
  }
}
