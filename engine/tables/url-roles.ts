/** Which published service a host name is for. */
export type UrlRole = "web_services" | "meet" | "office_web_apps" | "lyncdiscover" | "dialin" | "autodiscover" | "ews";

/** The five services that Lync and Skype for Business publish through a reverse proxy. */
export const LYNC_ROLES: readonly UrlRole[] = ["web_services", "meet", "office_web_apps", "lyncdiscover", "dialin"];
/** What Lync asks of Exchange. */
export const EXCHANGE_ROLES: readonly UrlRole[] = ["autodiscover", "ews"];

/**
 * First labels by which Lync's planning guides name the services; the name of the external web services is the administrator's
 * choice, and these are the ones the guides use. `lyncdiscover` and `autodiscover` are fixed: clients build them themselves.
 */
const LABELS: Readonly<Record<string, UrlRole>> = {
  lyncdiscover: "lyncdiscover",
  meet: "meet",
  dialin: "dialin",
  webext: "web_services",
  lyncweb: "web_services",
  lyncwebext: "web_services",
  webconf: "web_services",
  wac: "office_web_apps",
  owac: "office_web_apps",
  autodiscover: "autodiscover",
};

/** Public services that are called `meet` and are not Lync's. */
const OTHER_SERVICES = /^meet\.(?:google\.com|jit\.si|goto\.com|zoho\.\w+|webex\.com|new)$/;

/** The service a name stands for by its first label; null for any other. Needs a domain behind the label. */
export function roleOfName(name: string): UrlRole | null {
  const dot = name.indexOf(".");
  if (dot < 0 || !name.includes(".", dot + 1) || OTHER_SERVICES.test(name)) return null;
  const label = name.slice(0, dot);
  return Object.hasOwn(LABELS, label) ? LABELS[label]! : null;
}

/** Roles whose certificate must carry the name itself: mobile clients and Office Web Apps Server take no wildcard there. */
const NO_WILDCARD: ReadonlySet<string> = new Set<UrlRole>(["web_services", "office_web_apps"]);

/** How well a certificate's names cover a host name (RFC 6125 section 6.4.3): a wildcard stands for the whole first label. */
export function nameCoverage(name: string, certificateNames: readonly string[]): "exact" | "wildcard" | "none" {
  const wanted = name.toLowerCase();
  const held = certificateNames.map((entry) => entry.trim().toLowerCase());
  if (held.includes(wanted)) return "exact";
  const dot = wanted.indexOf(".");
  return dot > 0 && held.includes(`*${wanted.slice(dot)}`) ? "wildcard" : "none";
}

/** Why a certificate does not do for a name, in the words of `probe_results.reason`; null if it does. */
export function nameProblem(name: string, certificateNames: readonly string[], role: string | null): "mismatch" | "wildcard" | null {
  const coverage = nameCoverage(name, certificateNames);
  if (coverage === "none") return "mismatch";
  return coverage === "wildcard" && role !== null && NO_WILDCARD.has(role) ? "wildcard" : null;
}
