import { isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { nameProblem } from "../../engine/tables/url-roles.ts";
import { beginStep, networkProblem, type ProbeContext, type ProbeTarget, type StepOutcome, within } from "./step.ts";

/** What OpenSSL says of a chain whose only fault is a date; dates have a step of their own. */
const DATE_ERRORS: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** TLS over the connection, and what its certificate is worth; null where the handshake failed, which is reported. */
export async function handshake(context: ProbeContext, target: ProbeTarget, socket: Socket, ip: string): Promise<TLSSocket | null> {
  const end = beginStep(context, target);
  const secure = connectTls({
    socket,
    ...(isIP(target.name) === 0 && { servername: target.name }),
    // Certificates are judged below, each of their faults by itself; the connection carries nothing secret unless they pass.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(context.roots && { ca: [...context.roots] }),
  });
  const done = new Promise<void>((resolve, reject) => {
    secure.once("secureConnect", resolve).once("error", reject);
    secure.once("close", () => reject(Object.assign(new Error("the connection was closed during the handshake"), { code: "ECONNRESET" })));
  });
  try {
    await within(done, context.timeout);
  } catch (error) {
    done.catch(() => {});
    secure.on("error", () => {}).destroy();
    context.signal.throwIfAborted();
    end({ step: "tls", outcome: "failed", ip, ...networkProblem(error) });
    return null;
  }
  secure.on("error", () => {});
  end({ step: "tls", outcome: "passed", ip, detail: `${secure.getProtocol() ?? ""} ${secure.getCipher().name}`.trim() });
  const problem = secure.authorizationError as unknown;
  const trust = problem instanceof Error && "code" in problem ? String(problem.code) : problem ? String(problem) : null;
  for (const outcome of judge(target, secure.getPeerCertificate(), trust)) beginStep(context, target)({ ip, ...outcome });
  return secure;
}

/** The three steps about a certificate. */
function judge({ name, role }: ProbeTarget, certificate: PeerCertificate, trust: string | null): StepOutcome[] {
  const names = namesOf(certificate);
  const expires = dateOf(certificate.valid_to);
  const begins = dateOf(certificate.valid_from);
  const seen = { subject: subjectOf(certificate), names, ...(expires && { expires: expires.toISOString() }) };
  const misnamed = isIP(name) === 0 ? nameProblem(name, names, role ?? null) : names.includes(name) ? null : "mismatch";
  const now = Date.now();
  const dated = expires && expires.getTime() < now ? "expired" : begins && begins.getTime() > now ? "not_yet_valid" : null;
  const untrusted = trust !== null && !DATE_ERRORS.has(trust);
  const dates = `${begins?.toISOString() ?? "?"} to ${expires?.toISOString() ?? "?"}`;
  const outcome = (step: StepOutcome["step"], reason: string | null, detail: string): StepOutcome =>
    reason === null ? { step, outcome: "passed", detail, ...seen } : { step, outcome: "failed", reason, detail, ...seen };
  return [
    outcome("certificate_name", misnamed, names.join(", ")),
    outcome("certificate_expiry", dated, dates),
    outcome("certificate_chain", untrusted ? "untrusted" : null, trust ?? "ends in a trusted root"),
  ];
}

/** subjectAltName entries, or the common name where there are none (RFC 6125 section 6.4.4). */
function namesOf({ subjectaltname, subject }: PeerCertificate): string[] {
  const entries = [...(subjectaltname ?? "").matchAll(/(?:DNS|IP Address):"?([^,"\s]+)/g)].map(([, name]) => name!.toLowerCase());
  const common = subject?.CN;
  return entries.length > 0 ? entries : common === undefined ? [] : [String(common).toLowerCase()];
}

function subjectOf({ subject }: PeerCertificate): string {
  return Object.entries(subject ?? {})
    .map(([type, value]) => `${type}=${Array.isArray(value) ? value.join("+") : String(value)}`)
    .reverse()
    .join(", ");
}

function dateOf(text: string | undefined): Date | null {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? null : date;
}
