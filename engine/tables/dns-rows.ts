import type { Value } from "./table.ts";

/** A record of an answer, whatever showed it. */
export interface AnswerRecord {
  readonly name: string;
  /** `A`, `AAAA`, `CNAME`, `SRV` … */
  readonly type: string;
  readonly timeToLive: number | null;
  readonly address: string | null;
  readonly target: string | null;
  readonly port: number | null;
}

/** What a question was answered with. */
export interface Answer {
  readonly name: string;
  /** Type asked for; null if not shown. */
  readonly type: string | null;
  /** As the table has it; `answered` where records decide. */
  readonly outcome: "answered" | "no_such_name" | "no_data" | "server_failure" | "refused" | "unanswered" | "error";
  readonly records: readonly AnswerRecord[];
  /** Part of the answer was not shown: that it lacks an address proves nothing. */
  readonly cut: boolean;
}

/** Outcomes by RCODE, RFC 1035 section 4.1.1. */
const BY_CODE: Readonly<Record<number, Answer["outcome"]>> = { 0: "answered", 2: "server_failure", 3: "no_such_name", 5: "refused" };
/** Aliases followed from one name to its addresses. */
const MAX_ALIASES = 16;

export function outcomeOfCode(code: number): Answer["outcome"] {
  return BY_CODE[code] ?? "error";
}

/** The cells of `dns_answers` that an answer stands for, one set a row: for each address the name leads to, or each target, or what there was instead. */
export function answerCells(answer: Answer): Record<string, Value>[] {
  const name = plainName(answer.name);
  const common = { name, type: answer.type };
  if (answer.outcome !== "answered") return [{ ...common, outcome: answer.outcome }];
  const records = answer.records.map((record) => ({ ...record, name: plainName(record.name) }));
  const alias = lastAlias(name, records);
  const addressed = records.filter((record) => record.address !== null && (record.name === alias || record.name === name));
  if (addressed.length > 0)
    return addressed.map(({ type, address, timeToLive }) => ({
      ...common,
      type: answer.type ?? type,
      outcome: "answered",
      address,
      addresses: new Set(addressed.map((record) => record.address)).size,
      target: alias === name ? null : alias,
      time_to_live: timeToLive,
    }));
  const wanted = records.filter((record) => record.type === answer.type && record.type !== "CNAME");
  if (wanted.length > 0)
    return wanted.map(({ target, port, timeToLive }) => ({
      ...common,
      outcome: "answered",
      target: target === null ? null : plainName(target),
      port,
      time_to_live: timeToLive,
    }));
  return [{ ...common, outcome: answer.cut ? null : "no_data", target: alias === name ? null : alias }];
}

/** Where the aliases of a name end. */
function lastAlias(name: string, records: readonly AnswerRecord[]): string {
  const next = new Map<string, string>();
  for (const record of records)
    if (record.type === "CNAME" && record.target !== null && !next.has(record.name)) next.set(record.name, plainName(record.target));
  let at = name;
  for (let n = 0; n < MAX_ALIASES; n++) {
    const target = next.get(at);
    if (target === undefined) return at;
    at = target;
  }
  return at;
}

/** As `dns_answers` writes names: lower case, no dot at the end. */
export function plainName(name: string): string {
  const lower = name.toLowerCase();
  return lower.length > 1 && lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
