import type { Citation } from "../tables/table.ts";
import { nameProblem, type UrlRole } from "../tables/url-roles.ts";

/** What captures show of one machine's attempts to reach one name. */
export interface Attempt {
  readonly client: string | null;
  readonly name: string;
  readonly role: UrlRole;
  readonly answers: Answer[];
  /** The name is an alias of another. */
  aliased: boolean;
  readonly addresses: Set<string>;
  readonly connections: Connection[];
  readonly handshakes: Handshake[];
}

interface Seen {
  readonly time: bigint | null;
  readonly cited: readonly Citation[];
}

interface Answer extends Seen {
  readonly outcome: string | null;
  readonly type: string | null;
  readonly address: string | null;
}

interface Connection extends Seen {
  readonly ip: string;
  /** To port 443, not 80. */
  readonly secure: boolean;
  readonly state: string | null;
  readonly syns: number;
  readonly established: boolean;
}

interface Handshake extends Seen {
  readonly ip: string;
  readonly handshake: string | null;
  readonly alert: string | null;
  readonly alertFrom: string | null;
  readonly names: readonly string[] | null;
  readonly notBefore: bigint | null;
  readonly notAfter: bigint | null;
}

/** How far it came; in the words of `url_checks`. */
export interface Judgement {
  readonly outcome: "reached" | "failed" | null;
  readonly step: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly ip: string | null;
  readonly time: bigint | null;
  readonly evidence: readonly Citation[];
}

/** Frames cited for one name. */
const MAX_CITED = 40;
/** SYNs of one connection, and connections of one SYN each, from which silence is an answer. */
const SYNS_IN_VAIN = 2;
const UNANSWERED_STATES: ReadonlySet<string | null> = new Set(["S0", "RSTOS0"]);
const NAME_REASONS: Readonly<Record<string, string>> = {
  no_such_name: "not_found",
  no_data: "no_address",
  server_failure: "error",
  refused: "refused",
  unanswered: "timed_out",
  error: "error",
};
/** Alerts by which a client refuses a certificate, RFC 5246 section 7.2.2, and what they are about. */
const CERTIFICATE_ALERTS: Readonly<Record<string, readonly [step: string, reason: string]>> = {
  certificate_expired: ["certificate_expiry", "expired"],
  unknown_ca: ["certificate_chain", "untrusted"],
};

/** The first step that failed at every try, or that one try came through. */
export function judgeAttempt(attempt: Attempt): Judgement {
  if (attempt.addresses.size === 0) return judgeName(attempt);
  const secure = attempt.connections.filter((connection) => connection.secure);
  if (attempt.handshakes.length > 0) return judgeHandshakes(attempt);
  // What became of an established connection whose TLS is not shown is not known.
  if (secure.length === 0 || secure.some(({ established }) => established)) return open(attempt, [...attempt.answers, ...secure]);
  return judgeConnections(attempt, secure);
}

function judgeName(attempt: Attempt): Judgement {
  // Clients have other ways to Autodiscover than this name.
  const about = attempt.answers.filter(
    ({ outcome, type }) => outcome !== null && outcome in NAME_REASONS && (outcome !== "no_data" || type === "A"),
  );
  if (about.length === 0 || attempt.role === "autodiscover" || attempt.answers.some(({ outcome }) => outcome === null))
    return open(attempt, attempt.answers);
  const worst = about.find(({ outcome }) => outcome === "no_such_name") ?? about[0]!;
  return failed("name", NAME_REASONS[worst.outcome!]!, `DNS: ${worst.outcome!.replaceAll("_", " ")}`, null, about);
}

function judgeConnections(attempt: Attempt, secure: readonly Connection[]): Judgement {
  // A hosted Autodiscover is not there on 443 and redirects on 80.
  if (attempt.role === "autodiscover" && (attempt.aliased || attempt.connections.some((one) => !one.secure && one.established)))
    return open(attempt, secure);
  const seen = [...attempt.answers.filter(({ address }) => address !== null), ...secure];
  const refused = secure.filter(({ state }) => state === "REJ");
  const silent = secure.filter(({ state }) => UNANSWERED_STATES.has(state));
  if (refused.length + silent.length < secure.length) return open(attempt, seen);
  if (refused.length > 0) return failed("connect", "refused", "a reset answers the SYN", refused[0]!.ip, seen);
  const syns = silent.reduce((sum, connection) => sum + connection.syns, 0);
  if (syns <= SYNS_IN_VAIN || !attempt.answers.some(({ outcome }) => outcome === "answered")) return open(attempt, seen);
  return failed("connect", "timed_out", `${syns} SYNs are not answered`, silent[0]!.ip, seen);
}

function judgeHandshakes(attempt: Attempt): Judgement {
  const judged = attempt.handshakes.map((one) => ({ one, problem: handshakeProblem(attempt, one) }));
  const through = judged.find(({ one, problem }) => problem === null && one.handshake === "complete");
  if (through) return { ...open(attempt, [through.one]), outcome: "reached", ip: through.one.ip };
  const bad = judged.filter(({ problem }) => problem !== null);
  if (bad.length === 0) return open(attempt, attempt.handshakes);
  const { one, problem } = bad[0]!;
  // Another name in the certificate of Autodiscover's host sends the client on to the next way.
  if (attempt.role === "autodiscover" && problem![0] === "certificate_name") return open(attempt, attempt.handshakes);
  return failed(
    ...problem!,
    one.ip,
    bad.map((entry) => entry.one),
  );
}

/** Step, reason and detail of what is wrong with a handshake; null for nothing that is shown. */
function handshakeProblem({ name, role }: Attempt, one: Handshake): readonly [string, string, string] | null {
  const { names, notAfter, notBefore, time, alert, handshake } = one;
  const misnamed = names ? nameProblem(name, names, role) : null;
  if (misnamed === "mismatch" || (misnamed && handshake === "complete"))
    return ["certificate_name", misnamed, `the certificate is for ${names!.slice(0, 5).join(", ")}`];
  if (time !== null && notAfter !== null && notAfter < time) return ["certificate_expiry", "expired", "the certificate has expired"];
  if (time !== null && notBefore !== null && notBefore > time)
    return ["certificate_expiry", "not_yet_valid", "the certificate is not valid yet"];
  if (handshake !== "alert" || alert === null) return null;
  const refusal = one.alertFrom === "client" ? CERTIFICATE_ALERTS[alert] : undefined;
  return refusal ? [...refusal, `alert ${alert} from the client`] : ["tls", "alert", `alert ${alert} from the ${one.alertFrom ?? "peer"}`];
}

function failed(step: string, reason: string, detail: string, ip: string | null, seen: readonly Seen[]): Judgement {
  return { outcome: "failed", step, reason, detail, ip, time: firstTime(seen), evidence: citations(seen) };
}

function open(attempt: Attempt, seen: readonly Seen[]): Judgement {
  const [ip = null] = attempt.addresses;
  return { outcome: null, step: null, reason: null, detail: null, ip, time: firstTime(seen), evidence: citations(seen) };
}

function firstTime(seen: readonly Seen[]): bigint | null {
  return seen.find(({ time }) => time !== null)?.time ?? null;
}

function citations(seen: readonly Seen[]): Citation[] {
  return seen.flatMap(({ cited }) => cited).slice(0, MAX_CITED);
}
