import { ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Value } from "../tables/table.ts";

/** Longest value of a field kept. */
const MAX_VALUE = 2000;
/** Fields kept of one record. */
const MAX_FIELDS = 120;

/** Fields of one traced SIP message or record, header names in lower case; of repeated ones the first. */
export type SipFields = Map<string, string>;

/** Takes one line of a record: `Name: value`, or a folded continuation of `last`. Answers the field's name, null if the line is none. */
export function takeSipField(fields: SipFields, line: string, last: string | null): string | null {
  const found = /^\s{0,2}([A-Za-z][\w.-]{0,60}):(?:\s+(.*?))?\s*$/.exec(line.slice(0, MAX_VALUE));
  if (found) {
    const name = found[1]!.toLowerCase();
    if (!fields.has(name) && fields.size < MAX_FIELDS) fields.set(name, found[2] ?? "");
    return name;
  }
  if (last !== null && /^\s+\S/.test(line)) {
    const value = fields.get(last);
    if (value !== undefined && value.length < MAX_VALUE) fields.set(last, `${value} ${line.trim()}`);
    return last;
  }
  return null;
}

/** Whether a line is the start line of a SIP request or response (RFC 3261 sections 7.1 and 7.2). */
export function isSipStartLine(line: string): boolean {
  return line.length < MAX_VALUE && (/^SIP\/2\.0 \d{3}(?: |$)/.test(line) || /^[A-Z]{3,15} \S+ SIP\/2\.0\s*$/.test(line));
}

/** Columns of `sip_records` that the fields give. */
export function sipColumns(fields: SipFields): Record<string, Value> {
  const text = (...names: string[]) => names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== "") ?? null;
  const startLine = text("start-line", "sip-start-line");
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine ?? "")?.[1];
  const peer = text("peer-ip", "peer");
  const [peerIp, peerPort] = address(peer);
  const named = text("peer");
  return {
    log_type: text("logtype"),
    direction: /^(incoming|outgoing)/.exec(text("direction") ?? "")?.[1] ?? null,
    peer,
    peer_ip: peerIp,
    peer_port: peerPort,
    peer_fqdn: text("peer-fqdn") ?? (named !== null && peerIp === null ? named.replace(/:\d+$/, "") : null),
    start_line: startLine,
    status: status === undefined ? null : Number(status),
    method:
      status === undefined && startLine !== null
        ? (/^[A-Z]+/.exec(startLine)?.[0] ?? null)
        : (/[A-Z]+$/.exec(text("cseq", "sip-cseq") ?? "")?.[0] ?? null),
    call_id: text("call-id", "sip-call-id"),
    user_agent: text("user-agent", "server"),
    ms_diagnostics: text("ms-diagnostics", "ms-diagnostics-public"),
    result_code: /^0x[\da-f]{1,8}/i.exec(text("result-code") ?? "")?.[0].toLowerCase() ?? null,
    text: text("text"),
  };
}

/** `192.168.3.10:5061`, `[2001:db8::1]:5061`: address and port; a name gives only the port. */
function address(peer: string | null): [string | null, number | null] {
  const found = /^\[?([^\s\]]+?)\]?:(\d{1,5})$/.exec(peer ?? "");
  if (!found) return [peer !== null && parseIpv4(peer) !== null ? peer : null, null];
  const port = Number(found[2]) <= 65535 ? Number(found[2]) : null;
  if (parseIpv4(found[1]!) !== null) return [found[1]!, port];
  const v6 = parseIpv6(found[1]!);
  return [v6 ? ipv6Text(v6) : null, port];
}
