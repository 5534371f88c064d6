import type { Value } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";
import { UrlCheckRows } from "./url-check-rows.ts";

const MAX_LINE = 2000;
const MAX_STEPS = 20_000;

/** What each kind of line of the script's output says; the script writes English whatever the system speaks. */
const LINES = {
  asking: /^=> Retrieving external EWS URL via Autodiscover service for the given smtp address '(?<address>[^']{1,320})'/i,
  given: /^=> Successfully contacted Autodiscover service and retrieved the external EWS URL\b/i,
  notGiven: /^=> Successfully contacted Exchange Autodiscover service but couldn.t retrieve/i,
  code: /^Error code:\s*(?<text>\S.{0,400})/i,
  failed: /^There was an error calling GetUserSettings\(\) function, the error returned:\s*(?<text>.{0,600})/i,
  calling: /^=> Now making a test call\b.{0,300}? against '(?<url>[^']{0,1000})'/i,
  answered: /^=> Successfully retrieved OOF settings/i,
  unanswered: /^There was an error calling GetUserOofSettings\(\) function, the error returned:\s*(?<text>.{0,600})/i,
  url: /^(?<url>https?:\/\/\S{1,1000})$/i,
} as const;

/**
 * Output of the script that asks Exchange's Autodiscover for the external URL of Exchange Web Services and then calls it, as Lync's client
 * does from outside. A call that is announced and of which nothing more is said was interrupted.
 *
 *     => Retrieving external EWS URL via Autodiscover service for the given smtp address 'user@contoso.com' ...
 *     There was an error calling GetUserSettings() function, the error returned: The Autodiscover service couldn't be located.
 */
export const ewsCheck: TextFormat = {
  kind: "text",
  id: "ews-check",
  title: "transcript of the script that tests Exchange Web Services",
  unit: "line",
  tables: ["probe_results", "url_checks"],
  detect: (lines) =>
    lines.some(
      (line) =>
        line.length < MAX_LINE && [LINES.asking, LINES.failed, LINES.calling, LINES.unanswered].some((shape) => shape.test(line.trim())),
    ),
  reader: (emit) => new EwsCheckReader(emit),
};

class EwsCheckReader implements TextReader {
  private readonly emit: Emit;
  private readonly checks: UrlCheckRows;
  private address: string | null = null;
  private url: string | null = null;
  /** Autodiscover's answer, whose URL or error may stand on the next line. */
  private waiting: { values: Record<string, Value>; at: number } | null = null;
  private calledAt = 0;
  private steps = 0;
  private broken: string | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
    this.checks = new UrlCheckRows(emit, "transcript");
  }

  line(raw: string, number: number): void {
    const text = raw.trim();
    if (raw.length > MAX_LINE || text === "") return;
    const groups = (shape: RegExp) => shape.exec(text)?.groups;
    if (this.waiting) this.follow(groups(LINES.url)?.url, groups(LINES.code)?.text);
    const asking = groups(LINES.asking);
    const failed = groups(LINES.failed);
    const calling = groups(LINES.calling);
    const unanswered = groups(LINES.unanswered);
    if (asking) {
      this.interrupted();
      [this.address, this.url] = [asking.address!, null];
    } else if (LINES.given.test(text)) this.waiting = { values: { outcome: "passed" }, at: number };
    else if (LINES.notGiven.test(text)) this.waiting = { values: { outcome: "failed", reason: "no_url" }, at: number };
    else if (failed) this.autodiscover({ outcome: "failed", reason: reasonOf(failed.text!), detail: failed.text! }, number);
    else if (calling) {
      if (calling.url === "" && this.waiting === null) this.autodiscover({ outcome: "failed", reason: "no_url" }, number);
      this.url = calling.url || this.url;
      this.calledAt = number;
    } else if (LINES.answered.test(text)) this.call({ outcome: "passed" }, number);
    else if (unanswered) this.call({ outcome: "failed", reason: reasonOf(unanswered.text!), detail: unanswered.text! }, number);
  }

  /** What stands on the lines after Autodiscover's answer. */
  private follow(url: string | undefined, code: string | undefined): void {
    const { values, at } = this.waiting!;
    this.waiting = null;
    if (url !== undefined) this.url = url;
    this.autodiscover({ ...values, detail: url ?? code ?? null }, at);
  }

  private autodiscover(values: Record<string, Value>, at: number): void {
    const domain = this.address?.split("@").at(-1)?.toLowerCase() ?? null;
    this.step({ kind: "autodiscover", role: "autodiscover", target: this.address, name: domain, step: "autodiscover", ...values }, at);
  }

  private call(values: Record<string, Value>, at: number): void {
    this.calledAt = 0;
    const parsed = /^(https?):\/\/([\w.-]+)(?::(\d{1,5}))?/i.exec(this.url ?? "");
    const port = parsed ? Number(parsed[3] ?? (parsed[1]!.toLowerCase() === "https" ? 443 : 80)) : null;
    const name = parsed?.[2]?.toLowerCase() ?? null;
    const place = { name, port: port !== null && port <= 65535 ? port : null, transport: port === null ? null : "tcp" };
    this.step({ kind: "ews", role: "ews", target: this.url, ...place, step: "ews", ...values }, at);
  }

  private step(values: Record<string, Value>, at: number): void {
    if (this.steps++ >= MAX_STEPS) return;
    const status = /\((?<status>[1-5]\d\d)\)/.exec(String(values.detail ?? ""))?.groups?.status;
    const row = { tool: "EWS check", ...values, status: status === undefined ? null : Number(status) };
    this.emit.row("probe_results", row, at);
    this.checks.add({ values: row, at });
  }

  private interrupted(): void {
    const at = this.calledAt;
    if (at === 0) return;
    this.broken ??= `nothing is said of the call announced at line ${at}`;
    this.call({ outcome: null }, at);
  }

  end(): void {
    if (this.waiting) this.follow(undefined, undefined);
    this.interrupted();
    const why = this.broken;
    const ground = { host: null, side: null, from: null, to: null, ...(why === null ? { complete: true } : { complete: false, why }) };
    if (this.steps > 0) this.emit.coverage({ ...ground, table: "probe_results", only: { kind: ["autodiscover", "ews"] } });
    this.checks.finish(ground);
  }
}

/** The reason in one word, as far as the message of .NET tells it in any language: by its HTTP status. */
function reasonOf(message: string): string {
  return /\([45]\d\d\)/.test(message) ? "status" : "error";
}
