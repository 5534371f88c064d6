import { declareTable } from "./table.ts";

/** What a probe is aimed at. */
export const PROBE_KINDS = ["url", "stun", "autodiscover", "ews"] as const;

/** Which of the services published through a reverse proxy a name is for. */
export const URL_ROLES = ["web_services", "meet", "office_web_apps", "lyncdiscover", "dialin", "autodiscover", "ews"] as const;

/** Steps of reaching a service, in the order in which they are taken. */
export const PROBE_STEPS = [
  "name",
  "connect",
  "tls",
  "certificate_name",
  "certificate_expiry",
  "certificate_chain",
  "http",
  "stun",
  "autodiscover",
  "ews",
] as const;

const STEP_WORDS = {
  name: "name resolution",
  connect: "the TCP connection",
  tls: "the TLS handshake",
  certificate_name: "the certificate's names",
  certificate_expiry: "the certificate's validity",
  certificate_chain: "the certificate's chain",
  http: "the HTTP request",
  stun: "the STUN request",
  autodiscover: "Autodiscover",
  ews: "the call to Exchange Web Services",
} as const;

const REASON_WORDS = {
  not_found: "no such name",
  no_address: "the name has no address",
  timed_out: "timed out",
  alert: "the server sent an alert",
  mismatch: "they do not include the name",
  wildcard: "only a wildcard covers the name, which is not allowed here",
  not_yet_valid: "not valid yet",
  untrusted: "its root is not trusted",
  status: "HTTP status",
  no_url: "it gives no external URL",
  credentials_needed: "credentials are needed",
  error: "an error was reported",
} as const;

/** One step of one target, as `casebook probe` or a script like it reports it. */
export const probeResults = declareTable({
  name: "probe_results",
  shownBy: "evidence file of casebook probe",
  about: "One step of testing one target from the machine it ran on: `casebook probe`, or the transcript of a script that does the same.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine the probe ran on; null if nothing tells" },
    time: { type: "time", about: "When the step began; null in a transcript" },
    tool: { type: "text", about: "`casebook probe`, or the script by what it tests" },
    kind: { type: "enum", values: PROBE_KINDS, about: "What the target is" },
    role: { type: "enum", values: URL_ROLES, about: "Which published service the target is; null where nobody said" },
    target: { type: "text", about: "Target as it was given: a URL, a name with its port, an e-mail address" },
    name: { type: "text", about: "Host name or address tested, in lower case" },
    port: { type: "port", about: "Port tested; null for a step that has none" },
    transport: { type: "enum", values: ["tcp", "udp"], about: "Transport of the port" },
    step: { type: "enum", values: PROBE_STEPS, words: STEP_WORDS, about: "Step; each needs those before it to pass" },
    outcome: {
      type: "enum",
      values: ["passed", "failed", "skipped"],
      about: "How it ended; skipped where a step before it failed or nothing was given to test it with",
    },
    reason: {
      type: "text",
      about:
        "Why it failed or was skipped, one word: `not_found`, `no_address`, `timed_out`, `refused`, `reset`, `unreachable`, `alert`, `mismatch`, `wildcard`, `expired`, `not_yet_valid`, `untrusted`, `status`, `no_url`, `credentials_needed`, `error`",
    },
    ip: { type: "ip", about: "Address that was resolved, tried or answered" },
    status: { type: "integer", about: "HTTP status, or error code of a STUN answer; null if none" },
    duration: { type: "duration", about: "How long the step took" },
    subject: { type: "text", about: "Subject of the certificate presented" },
    names: { type: "texts", about: "Names the certificate presented is for" },
    expires: { type: "time", about: "When the certificate presented ceases to be valid" },
    detail: { type: "text", about: "What was seen, in words" },
  },
});

/** How far one attempt to reach a published service came, whatever shows it. */
export const urlChecks = declareTable({
  name: "url_checks",
  shownBy: "probe, transcript or capture of an attempt to reach the published URLs",
  about:
    "How far a machine came in reaching one published web service (Lync's web services and simple URLs, Exchange's Autodiscover and EWS), as a probe, a script's transcript or a capture shows it.",
  protocol: "http",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine that tried; null if nothing tells" },
    time: { type: "time", about: "When the deciding step was seen" },
    via: { type: "enum", values: ["probe", "transcript", "capture"], about: "What shows it" },
    role: { type: "enum", values: URL_ROLES, about: "Which published service it is; in a capture by the first label of the name" },
    name: { type: "text", about: "Host name, in lower case" },
    ip: { type: "ip", about: "Address tried; null if the name had none" },
    port: { type: "port", about: "Port tried" },
    outcome: {
      type: "enum",
      values: ["reached", "failed"],
      about: "Whether all steps that are shown passed; null where what is shown does not tell",
    },
    failed_step: { type: "enum", values: PROBE_STEPS, words: STEP_WORDS, about: "First step that failed; null if none did" },
    reason: { type: "text", words: REASON_WORDS, about: "Why it failed, in the words of `probe_results.reason`" },
    detail: { type: "text", about: "What was seen, in words" },
    steps: { type: "frames", about: "Lines of the same file that show its steps" },
    evidence: { type: "citations", about: "Frames and lines that show it, of several sources" },
  },
});

/** A certificate bound to an address or name in HTTP.sys. */
export const sslBindings = declareTable({
  name: "ssl_bindings",
  shownBy: "output of netsh http show sslcert",
  about: "One certificate binding of HTTP.sys, as `netsh http show sslcert` prints it.",
  protocol: "tls",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was printed on, by the addresses it binds; null if nothing tells" },
    ip: { type: "ip", about: "Address the binding is for; 0.0.0.0 and :: are any; null for a binding by name" },
    any_address: { type: "boolean", about: "The binding holds for every address of the machine" },
    host_name: { type: "text", about: "Name of a hostname binding (SNI); null for a binding by address" },
    port: { type: "port", about: "Port" },
    certificate_hash: {
      type: "text",
      about: "SHA-1 thumbprint, 40 hexadecimal digits in lower case without blanks; null if none is shown",
    },
    application_id: { type: "text", about: "GUID of the application that made it, in lower case with braces" },
    application: {
      type: "enum",
      values: ["iphttps", "iis", "sstp", "winrm", "other"],
      about: "Which application that GUID is known to be; `other` for one that is not known, null without a GUID",
    },
    store: { type: "text", about: "Certificate store, `MY`; null if not shown" },
  },
});

/** What a name was resolved to, or that it was not. */
export const dnsAnswers = declareTable({
  name: "dns_answers",
  shownBy: "capture with DNS, or output of nslookup",
  about:
    "One address, target or refusal that a DNS question was answered with: from a capture, `nslookup`, `Resolve-DnsName`, `ipconfig /displaydns` or `ping`.",
  protocol: "dns",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine that asked; null if nothing tells" },
    time: { type: "time", about: "When the answer came; of an unanswered question, when it was asked" },
    tool: {
      type: "enum",
      values: ["capture", "nslookup", "resolve_dnsname", "displaydns", "ping"],
      about: "What shows it",
    },
    name: { type: "text", about: "Name that was asked for, in lower case, without the dot at its end" },
    type: { type: "text", about: "Type of the record asked for: `A`, `AAAA`, `SRV`; null if not shown" },
    outcome: {
      type: "enum",
      values: ["answered", "no_such_name", "no_data", "server_failure", "refused", "unanswered", "error"],
      about: "What came of the question; no_data is an answer without a record of that type",
    },
    address: { type: "ip", about: "Address the name leads to, through any alias; null where the outcome has none" },
    addresses: { type: "integer", about: "How many addresses the same answer holds" },
    target: { type: "text", about: "Name an alias or service record leads to; null for none" },
    port: { type: "port", about: "Port of a service record" },
    client_ip: { type: "ip", about: "Who asked, in a capture" },
    server_ip: { type: "ip", about: "DNS server that was asked; null if not shown" },
    time_to_live: { type: "duration", about: "How long the record may be kept" },
    response_time: { type: "duration", about: "Question to answer, in a capture; null where only one of them is seen" },
    question_frame: { type: "frame", about: "The question, in a capture" },
  },
});
