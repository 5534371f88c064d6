import { ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Value } from "../tables/table.ts";
import type { Emit } from "./format.ts";

/** Longest line read; attributes with keys run to some hundred characters. */
const MAX_LINE = 1000;
/** Lines of one body that are looked at. */
const MAX_LINES = 2000;
/** Candidates kept of one message; ICE agents offer some dozens. */
const MAX_CANDIDATES = 200;

/** RFC 8839 section 5.1, as Lync writes it ([MS-ICE2BWM] adds the transports TCP-PASS and TCP-ACT). */
const CANDIDATE =
  /^a=candidate:\S{1,64} (?<component>\d{1,3}) (?<transport>[A-Z-]{3,16}) \d{1,10} (?<ip>\S{1,45}) (?<port>\d{1,5})(?: typ (?<type>host|srflx|prflx|relay)\b)?(?: raddr (?<relatedIp>\S{1,45}))?(?: rport (?<relatedPort>\d{1,5}))?/i;
/** Office Communications Server's older spelling, [MS-ICE] section 2.2.1: fragment, component, password, transport, preference, address. */
const OLD_CANDIDATE =
  /^a=candidate:\S{1,64} (?<component>\d{1,3}) \S{1,64} (?<transport>UDP|TCP) [\d.]{1,10} (?<ip>\S{1,45}) (?<port>\d{1,5})\s*$/i;
const REMOTE = /(?:^a=remote-candidates:|\s)(\d{1,3}) (\S{2,45}) (\d{1,5})(?=\s|$)/g;
/** What a client says of a call that failed or went through: `LocalMR=1.1.1.1:50704`, the relays of both ends. */
const REPORTED = /\b(?:Local|Remote)MR=\[?([\da-f.:]{2,45}?)\]?:(\d{1,5})(?![\d.:])/gi;

/** Whether a line belongs to a session description, RFC 8866 section 5. */
export function isSdpLine(line: string): boolean {
  return line.length <= MAX_LINE && /^\s{0,4}(?:v=0\s*$|[osicbtmka]=\S)/.test(line);
}

/** What the message around a body says. */
export interface SdpContext {
  readonly host?: readonly string[] | null;
  readonly time: bigint | null;
  readonly direction: string | null;
  readonly call_id: string | null;
}

/** Reads the session description in the body of one SIP message and emits a row of `sdp_candidates` for each address it offers. */
export class SdpBody {
  private readonly emit: Emit;
  private readonly format: string;
  private readonly context: SdpContext;
  private session: string | null = null;
  private media: { name: string; protocol: string; port: number; at: number; ip: string | null } | null = null;
  private lines = 0;
  /** Addresses offered so far. */
  rows = 0;

  constructor(emit: Emit, format: string, context: SdpContext) {
    this.emit = emit;
    this.format = format;
    this.context = context;
  }

  line(raw: string, at: number): void {
    if (++this.lines > MAX_LINES || !isSdpLine(raw)) return;
    const text = raw.trim();
    const media = /^m=([\w-]{1,40}) (\d{1,5})(?:\/\d+)? (\S{1,40})/.exec(text);
    if (media) this.begin(media[1]!, Number(media[2]), media[3]!, at);
    else if (text === "v=0") this.restart();
    else if (text.startsWith("c=")) this.connection(/^c=IN IP[46] (\S{1,45})/.exec(text)?.[1] ?? null);
    else if (text.startsWith("a=candidate:")) this.candidate(text, at);
    else if (text.startsWith("a=remote-candidates:")) this.remote(text, at);
  }

  /** The relays that a diagnostics header names. */
  reported(text: string, at: number): void {
    const name = /MediaDebug="([\w-]{1,40}):/.exec(text)?.[1]?.replaceAll("-", "") ?? null;
    for (const [, ip, port] of text.matchAll(REPORTED)) this.row({ source: "diagnostics", media: name, type: "relay" }, ip!, port!, at);
  }

  end(): void {
    this.finish();
  }

  /** A body of several parts offers the same media in several ways. */
  private restart(): void {
    this.finish();
    this.session = null;
  }

  private begin(name: string, port: number, profile: string, at: number): void {
    this.finish();
    this.media = { name, port, protocol: profile.startsWith("TCP") ? "tcp" : "udp", at, ip: this.session };
  }

  private connection(ip: string | null): void {
    if (this.media) this.media.ip = ip;
    else this.session = ip;
  }

  /** The default address of a media line, which its own `c=` line may still have changed. Port 0 turns the media down. */
  private finish(): void {
    const { media } = this;
    this.media = null;
    if (!media || media.ip === null || media.port === 0) return;
    this.row({ source: "media_line", media: media.name, protocol: media.protocol }, media.ip, String(media.port), media.at);
  }

  private candidate(text: string, at: number): void {
    const found = (CANDIDATE.exec(text) ?? OLD_CANDIDATE.exec(text))?.groups;
    if (!found) {
      this.emit.anomaly(`${this.format}.unreadable-candidate`, at, `not a candidate: ${text.slice(0, 80)}`);
      return;
    }
    const transport = found.transport!.toUpperCase();
    const related = { related_ip: address(found.relatedIp ?? ""), related_port: portOf(found.relatedPort ?? "") };
    const of = { source: "candidate", media: this.media?.name ?? null, component: Number(found.component), transport };
    const type = found.type?.toLowerCase() ?? null;
    this.row({ ...of, protocol: transport.startsWith("TCP") ? "tcp" : "udp", type, ...related }, found.ip!, found.port!, at);
  }

  /** RFC 8839 section 5.2: the pairs an agent chose, written in its last offer. */
  private remote(text: string, at: number): void {
    const of = { source: "remote_candidate", media: this.media?.name ?? null, protocol: this.media?.protocol ?? null };
    for (const [, component, ip, port] of text.matchAll(REMOTE)) this.row({ ...of, component: Number(component) }, ip!, port!, at);
  }

  private row(values: Readonly<Record<string, Value>>, ip: string, port: string, at: number): void {
    const [known, number] = [address(ip), portOf(port)];
    if (known === null || number === null) return;
    if (++this.rows > MAX_CANDIDATES) {
      this.emit.anomaly(
        `${this.format}.many-candidates`,
        at,
        `more than ${MAX_CANDIDATES} candidates in one message: the rest is left out`,
      );
      return;
    }
    const { host = null, time, direction, call_id } = this.context;
    this.emit.row("sdp_candidates", { host, time, direction, call_id, ip: known, port: number, ...values }, at);
  }
}

function address(text: string): string | null {
  if (parseIpv4(text) !== null) return text;
  const v6 = parseIpv6(text);
  return v6 ? ipv6Text(v6) : null;
}

function portOf(text: string): number | null {
  return text !== "" && Number(text) <= 65535 ? Number(text) : null;
}
