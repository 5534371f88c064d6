import { autodiscoverRequest, externalEwsUrl, redirection } from "./autodiscover.ts";
import { type Exchange, exchange, type Message } from "./http.ts";
import { beginStep, networkProblem, type ProbeContext, type ProbeTarget, type StepOutcome } from "./step.ts";
import { reach, targetOf } from "./url-probe.ts";

/** Redirections of Autodiscover that are followed. */
const MAX_REDIRECTIONS = 5;

/** What Autodiscover and EWS are asked with. */
export interface EwsQuestion {
  readonly address: string;
  /** `user:password`, for HTTP's Basic authentication; null to ask without. */
  readonly credentials: string | null;
  /** Where Autodiscover is, if not at the usual places of the mail domain. */
  readonly autodiscover: URL | null;
  /** The URL of Exchange Web Services to call, where Autodiscover is not to be asked. */
  readonly ews: URL | null;
}

/** Asks Autodiscover for the external URL of Exchange Web Services as Lync's client does, then calls that URL. */
export async function probeEws(context: ProbeContext, question: EwsQuestion): Promise<void> {
  const ews = question.ews ?? (await askAutodiscover(context, question));
  if (ews) await callEws(context, ews, question);
}

/** The places of Autodiscover, MS-OXDISCO section 3.1.5.1 without the service connection point, which is not there outside. */
function places({ address, autodiscover }: EwsQuestion): URL[] {
  if (autodiscover) return [autodiscover];
  const domain = domainOf(address);
  return ["https://autodiscover.", "https://", "http://autodiscover."].map(
    (start) => new URL(`${start}${domain}/autodiscover/autodiscover.xml`),
  );
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

async function askAutodiscover(context: ProbeContext, question: EwsQuestion): Promise<URL | null> {
  const whole: ProbeTarget = { kind: "autodiscover", role: "autodiscover", target: question.address, name: domainOf(question.address) };
  const end = beginStep(context, whole);
  let best: StepOutcome = {
    step: "autodiscover",
    outcome: "failed",
    reason: "not_found",
    detail: "none of the usual places of Autodiscover is reached",
  };
  const waiting = places(question);
  const asked = new Set<string>();
  while (waiting.length > 0 && asked.size < places(question).length + MAX_REDIRECTIONS) {
    context.signal.throwIfAborted();
    const place = waiting.shift()!;
    if (asked.has(place.href)) continue;
    asked.add(place.href);
    const answer = await askPlace(context, place, question);
    const next = answer && redirection(place, answer);
    if (next) waiting.unshift(next);
    const url = answer ? externalEwsUrl(answer.body) : null;
    if (url) {
      end({ step: "autodiscover", outcome: "passed", status: answer!.status, detail: url.href });
      return url;
    }
    if (answer && !next) best = worse(best, judge(answer, question));
  }
  end(best);
  return null;
}

/** What an answer without the URL says. */
function judge({ status, headers, body }: Exchange, { credentials }: EwsQuestion): StepOutcome {
  const detail = `HTTP ${status}`;
  const basic = /\bbasic\b/i.test(String(headers["www-authenticate"] ?? ""));
  if (status === 401 && (credentials === null || !basic))
    return {
      step: "autodiscover",
      outcome: "skipped",
      reason: "credentials_needed",
      status,
      detail: basic ? detail : `${detail}, and no Basic authentication`,
    };
  if (status !== 200) return { step: "autodiscover", outcome: "failed", reason: "status", status, detail };
  const error = /<Message>([^<]{1,300})<\/Message>/.exec(body)?.[1];
  return { step: "autodiscover", outcome: "failed", reason: "no_url", status, detail: error ?? "the answer holds no external EWS URL" };
}

/** Of two places the one that got further decides: an answer is more than none, and one about the mailbox more than a status. */
function worse(known: StepOutcome, next: StepOutcome): StepOutcome {
  const rank = ({ reason }: StepOutcome) => ["not_found", "status", "credentials_needed", "no_url"].indexOf(reason ?? "");
  return rank(next) > rank(known) ? next : known;
}

async function askPlace(context: ProbeContext, place: URL, question: EwsQuestion): Promise<Exchange | null> {
  const target = targetOf(place, "autodiscover", "autodiscover");
  const reached = await reach(context, place, target);
  if (!reached) return null;
  const end = beginStep(context, target);
  try {
    // Credentials go to the mail domain only, and never unencrypted.
    const trusted =
      place.protocol === "https:" && (place.href === question.autodiscover?.href || within(place.hostname, domainOf(question.address)));
    const message: Message = place.protocol === "http:" ? { method: "GET", url: place } : autodiscoverRequest(place, question.address);
    const answer = await exchange(
      reached.socket,
      { ...message, headers: { ...message.headers, ...(trusted ? authorization(question) : {}) } },
      context.timeout,
    );
    end({
      step: "http",
      outcome: answer.status >= 500 ? "failed" : "passed",
      ...(answer.status >= 500 && { reason: "status" }),
      status: answer.status,
      ip: reached.ip,
    });
    return answer;
  } catch (error) {
    end({ step: "http", outcome: "failed", ip: reached.ip, ...networkProblem(error) });
    return null;
  }
}

async function callEws(context: ProbeContext, url: URL, question: EwsQuestion): Promise<void> {
  const target = targetOf(url, "ews", "ews");
  const reached = await reach(context, url, target);
  if (!reached) return;
  const end = beginStep(context, target);
  try {
    const trusted = url.protocol === "https:" && (question.ews !== null || within(url.hostname, domainOf(question.address)));
    const { status, headers } = await exchange(
      reached.socket,
      { method: "GET", url, headers: trusted ? authorization(question) : {} },
      context.timeout,
    );
    const refused =
      status === 401 && trusted && question.credentials !== null && /\bbasic\b/i.test(String(headers["www-authenticate"] ?? ""));
    // A service that asks for credentials it was not given is there.
    const answers = status < 400 || (status === 401 && !refused);
    end({
      step: "ews",
      outcome: answers ? "passed" : "failed",
      ...(!answers && { reason: "status" }),
      status,
      ip: reached.ip,
      detail: `HTTP ${status}`,
    });
  } catch (error) {
    end({ step: "ews", outcome: "failed", ip: reached.ip, ...networkProblem(error) });
  }
}

function within(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function authorization({ credentials }: EwsQuestion): Record<string, string> {
  return credentials === null ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}
