import { epochOf, readWrittenTime } from "../bytes/local-time.ts";
import { parseIsoTime } from "../bytes/time.ts";
import type { Value } from "../tables/table.ts";
import { nameProblem, roleOfName, type UrlRole } from "../tables/url-roles.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";
import { UrlCheckRows } from "./url-check-rows.ts";

const MAX_LINE = 1000;
/** Names one certificate may list. */
const MAX_NAMES = 200;
/** Rows one transcript may give. */
const MAX_STEPS = 20_000;
/** Winsock errors as .NET prints them. */
const REASONS: Readonly<Record<string, string>> = {
  10051: "unreachable",
  10054: "reset",
  10060: "timed_out",
  10061: "refused",
  10065: "unreachable",
  11001: "not_found",
  11002: "not_found",
  11004: "no_address",
};

/** What each kind of line of the script's output says; the script writes English whatever the system speaks. */
const LINES = {
  heading: /\bTEST \d: (?<what>External Web service|Meet URL|Office WebApps|Lyncdiscover URL|Dialin URL)/i,
  resolving: /^=> Attempting to resolve (?<what>[\w ]{3,40}?) ?\(\s*"?\s*(?<name>[\w.-]{1,255})\s*"?\s*\)/i,
  connecting:
    /^=> Attempting to connect to (?<what>[\w ]{3,60}?) ?\(\s*"?\s*(?<name>[\w.-]{1,255})\s*"?\s*\) ?at TCP port (?<port>\d{1,5})/i,
  resolved: /^Successfully resolved (?<name>[\w.-]{1,255}) to (?<list>\S.{0,600})$/i,
  unresolved: /^Name resolution failed, error code:\s*(?<code>\d{0,6})/i,
  details: /^Error details:\s*(?<text>\S.{0,400})/i,
  connected: /^TCP connection has succeeded/i,
  unconnected: /^TCP connection to (?<name>[\w.-]{1,255}) failed(?:, error code:\s*(?<code>\d{0,6}))?/i,
  trusted: /^SSL authentication has succeeded/i,
  untrusted: /^There.s a problem with SSL authentication to (?<name>[\w.-]{1,255})/i,
  plain: /^(?<name>[\w.-]{1,255}) doesn.t support SSL connections at TCP port (?<port>\d{1,5})/i,
  subject: /^Subject name:\s*(?<text>\S.{0,600}?)\s*$/i,
  expires: /^Expiration time:\s*(?<text>\S.{0,60}?)\s*$/i,
  dnsName: /^\s*[^=]{0,20}DNS[^=]{0,20}=\s*(?<name>[\w*][\w*.-]{0,254})\s*$/iu,
  bypassed: /^(?<what>[\w ]{3,40}?) URL is NULL\. Bypassing/i,
} as const;
/** PowerShell's own transcripts begin with the moment, in whatever language the caption is. */
const STARTED = /^\p{L}[\p{L} ]{2,40}\s?:\s*(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})\d{6}\s*$/u;

/**
 * Output of the script that tests the five URLs Lync publishes through a reverse proxy: each name is resolved, then tried on TCP 443, then
 * TLS, and the certificate's names and expiry are listed. A URL that was left out is no step.
 *
 *     => Attempting to resolve Meet URL ( meet.contoso.com )
 *     Successfully resolved meet.contoso.com to 203.0.113.5
 *     TCP connection to meet.contoso.com failed, error code: 10060
 */
export const lyncWebCheck: TextFormat = {
  kind: "text",
  id: "lync-web-check",
  title: "transcript of the script that tests Lync's published URLs",
  unit: "line",
  tables: ["probe_results", "url_checks"],
  detect: (lines) =>
    lines.some((line) => line.length < MAX_LINE && [LINES.resolving, LINES.connecting].some((shape) => shape.test(line.trim()))),
  reader: (emit, hints) => new LyncWebCheckReader(emit, hints),
};

function roleOfWords(words: string): UrlRole | null {
  if (/external web/i.test(words)) return "web_services";
  if (/meet/i.test(words)) return "meet";
  if (/office web/i.test(words)) return "office_web_apps";
  if (/lyncdiscover|admin/i.test(words)) return "lyncdiscover";
  return /dialin/i.test(words) ? "dialin" : null;
}

interface Target {
  readonly role: UrlRole | null;
  readonly name: string;
  port: number;
  ip: string | null;
  trustedAt: number;
  subject: string | null;
  readonly names: string[];
  certificateAt: number;
  expires: bigint | null;
  expiresAt: number;
}

class LyncWebCheckReader implements TextReader {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private readonly checks: UrlCheckRows;
  private target: Target | null = null;
  /** The service the heading names. */
  private heading: UrlRole | null = null;
  /** A failure whose details may stand on the next line. */
  private failure: { values: Record<string, Value>; at: number } | null = null;
  private ranOn: bigint | null;
  private steps = 0;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
    this.checks = new UrlCheckRows(emit, "transcript");
    this.ranOn = hints.date === undefined ? null : (parseIsoTime(hints.date)?.time ?? null);
  }

  line(raw: string, number: number): void {
    if (raw.length > MAX_LINE) return;
    const text = raw.trim();
    const groups = (shape: RegExp) => shape.exec(text)?.groups;
    const details = groups(LINES.details);
    if (this.failure && details) this.failure.values.detail = details.text!;
    this.flush();
    const started = groups(STARTED);
    if (started) this.ranOn ??= parseIsoTime(`${started.year}-${started.month}-${started.day}`)?.time ?? null;
    const heading = groups(LINES.heading) ?? groups(LINES.bypassed);
    if (heading) {
      this.close();
      this.heading = roleOfWords(heading.what!);
      return;
    }
    const resolving = groups(LINES.resolving) ?? groups(LINES.connecting);
    if (resolving) this.begin(resolving.what!, resolving.name!.toLowerCase(), resolving.port);
    else if (this.target) this.outcome(this.target, text, number);
  }

  private begin(what: string, name: string, port: string | undefined): void {
    if (this.target?.name !== name) {
      this.close();
      const role = this.heading ?? roleOfWords(what) ?? roleOfName(name);
      const blank = { ip: null, trustedAt: 0, subject: null, names: [], certificateAt: 0, expires: null, expiresAt: 0 };
      this.target = { role, name, port: 443, ...blank };
    }
    if (port !== undefined && Number(port) <= 65535) this.target.port = Number(port);
  }

  private outcome(target: Target, text: string, at: number): void {
    const groups = (shape: RegExp) => shape.exec(text)?.groups;
    const resolved = groups(LINES.resolved);
    const unresolved = groups(LINES.unresolved);
    const unconnected = groups(LINES.unconnected);
    const untrusted = groups(LINES.untrusted) ?? groups(LINES.plain);
    const passed = { outcome: "passed" } as const;
    if (resolved) {
      target.ip = resolved.list!.trim().split(/\s+/)[0]!;
      this.step({ step: "name", ...passed, detail: resolved.list! }, at);
    } else if (unresolved)
      this.fail({ step: "name", reason: REASONS[unresolved.code!] ?? "not_found", detail: codeText(unresolved.code) }, at);
    else if (LINES.connected.test(text)) this.step({ step: "connect", ...passed }, at);
    else if (unconnected)
      this.fail({ step: "connect", reason: REASONS[unconnected.code ?? ""] ?? "error", detail: codeText(unconnected.code) }, at);
    else if (LINES.trusted.test(text)) {
      this.step({ step: "tls", ...passed }, at);
      target.trustedAt = at;
    } else if (untrusted)
      this.fail({ step: "tls", reason: "error", detail: "the TLS handshake, or the check of the certificate, failed" }, at);
    else this.certificateLine(target, groups, at);
  }

  private certificateLine(target: Target, groups: (shape: RegExp) => Record<string, string> | undefined, at: number): void {
    const subject = groups(LINES.subject)?.text;
    const expires = groups(LINES.expires)?.text;
    const name = groups(LINES.dnsName)?.name;
    if (subject !== undefined) [target.subject, target.certificateAt] = [subject, at];
    else if (expires !== undefined) [target.expires, target.expiresAt] = [this.date(expires), at];
    else if (name !== undefined && target.names.length < MAX_NAMES) target.names.push(name.toLowerCase());
  }

  private date(text: string): bigint | null {
    const written = readWrittenTime(text) ?? readWrittenTime(`${text} 0:00`);
    return written && epochOf(written, this.hints.dateOrder ?? written.order ?? written.likely);
  }

  private fail(values: Record<string, Value>, at: number): void {
    this.failure = { values: { outcome: "failed", ...values }, at };
  }

  private flush(): void {
    const { failure } = this;
    this.failure = null;
    if (failure) this.step(failure.values, failure.at);
  }

  private step(values: Record<string, Value>, at: number): void {
    const { target } = this;
    if (!target || this.steps++ >= MAX_STEPS) return;
    const { role, name, port, ip } = target;
    const common = { tool: "Lync URL check", kind: "url", role, target: name, name, port, transport: "tcp", ip } as const;
    const row = { ...common, ...values, ...(values.step === "name" && { port: null, transport: null }) };
    this.emit.row("probe_results", row, at);
    this.checks.add({ values: row, at });
  }

  /** Ends one URL: what its certificate says is judged now that all its names are read. */
  private close(): void {
    this.flush();
    const { target } = this;
    if (target && (target.trustedAt > 0 || target.certificateAt > 0)) this.certificate(target);
    this.target = null;
  }

  private certificate(target: Target): void {
    const common = /(?:^|,\s*)CN=([^,]{1,255})/i
      .exec(target.subject ?? "")?.[1]
      ?.trim()
      .toLowerCase();
    const names = [...new Set([...(common === undefined ? [] : [common]), ...target.names])];
    const seen = { subject: target.subject, names: names.length > 0 ? names : null, expires: target.expires };
    const listed = names.length > 0 ? names.join(", ") : null;
    // .NET has held names, expiry and chain against the machine's own rules where authentication succeeded.
    const problem = names.length > 0 ? nameProblem(target.name, names, target.role) : target.trustedAt > 0 ? null : undefined;
    if (problem !== undefined) {
      const outcome = problem === null ? "passed" : "failed";
      this.step({ step: "certificate_name", outcome, reason: problem, detail: listed, ...seen }, target.certificateAt || target.trustedAt);
    }
    const expired = target.expires !== null && this.ranOn !== null && target.expires < this.ranOn;
    if (expired || target.trustedAt > 0) {
      const judged = expired ? { outcome: "failed", reason: "expired" } : { outcome: "passed" };
      this.step({ step: "certificate_expiry", ...judged, ...seen }, target.expiresAt || target.certificateAt || target.trustedAt);
    }
    if (target.trustedAt > 0) this.step({ step: "certificate_chain", outcome: "passed", ...seen }, target.trustedAt);
  }

  end(): void {
    this.close();
    const ground = { host: null, side: null, from: null, to: null, complete: true } as const;
    if (this.steps > 0) this.emit.coverage({ ...ground, table: "probe_results", only: { kind: ["url"] } });
    this.checks.finish(ground);
  }
}

function codeText(code: string | undefined): string | null {
  return code ? `error ${code}` : null;
}
