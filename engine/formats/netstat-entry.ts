import { ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { type SocketState, socketState } from "../tables/socket-states.ts";
import { portNumber } from "./text-capture/service-ports.ts";

/** One row of a socket listing. */
export interface SocketEntry {
  readonly protocol: "tcp" | "udp";
  readonly localIp: string | null;
  readonly localPort: number | null;
  readonly remoteIp: string | null;
  readonly remotePort: number | null;
  readonly state: SocketState | null;
  readonly processId: number | null;
  readonly process: string | null;
}

interface Endpoint {
  readonly ip: string | null;
  /** Null for `*`, and for a service name that stands for no port, or for several. */
  readonly port: number | null;
}

/** Longest row of any of the tools; what is longer is no row. */
const MAX_ENTRY = 400;
const STATE = /^\p{Lu}[^\s\p{Ll}]{2,}$/u;
/** A further word of a state: `WARTEN AUF SCHLIESSEN`. */
const STATE_PART = /^\p{Lu}[^\s\p{Ll}\d]*$/u;
/** The number an editor, `findstr /n` or `cat -n` puts in front of a line. */
const NUMBER = /^\s*(\d{1,6})\s*[:.)|]?(?:\s+|$)/;

/** What follows the number in front of a line, and that number; null if it has none. */
export function afterNumber(line: string): { readonly text: string; readonly number: number } | null {
  const found = NUMBER.exec(line);
  return found && { text: line.slice(found[0].length), number: Number(found[1]) };
}

/** The same where a row of a socket listing follows. */
export function numberedEntry(line: string): ReturnType<typeof afterNumber> {
  const numbered = line.length > MAX_ENTRY ? null : afterNumber(line);
  return numbered && /^(?:TCP|UDP|tcp6?|udp6?)\s/.test(numbered.text) && readSocketEntry(numbered.text) ? numbered : null;
}

/** Reads one row of Windows `netstat`, Linux `netstat` or `ss`, in any language; null if it is none. */
export function readSocketEntry(line: string): SocketEntry | null {
  if (line.length > MAX_ENTRY) return null;
  const words = line.trim().split(/\s+/);
  if (words.length < 3) return null;
  if (words[0] === "TCP" || words[0] === "UDP") return windowsEntry(words);
  return linuxNetstatEntry(words) ?? ssEntry(words);
}

/** Whether a line sets out to be a row: what then cannot be read is a hole in the listing, not another command's output. */
export function resemblesSocketEntry(line: string): boolean {
  return /^\s*(?:TCP|UDP|tcp6?|udp6?)\s+(?:\d+\s+\d+\s+)?(?:\[[\da-f:%.]*|(?:\d{1,3}\.){2,3}\d{0,3}|\S+:\S*)(?:\s|:|$)/.test(
    line.slice(0, MAX_ENTRY),
  );
}

/** `TCP  0.0.0.0:3389  0.0.0.0:0  LISTENING  1112  InHost`: protocol, local, remote, then what the switches added. */
function windowsEntry(words: readonly string[]): SocketEntry | null {
  const [local, remote] = [endpoint(words[1]!), endpoint(words[2]!)];
  if (!local || !remote) return null;
  const rest = words.slice(3);
  if (rest.length > 7) return null;
  if (words[0] === "UDP") {
    const pid = rest.find((word) => /^\d{1,10}$/.test(word));
    return {
      protocol: "udp",
      localIp: local.ip,
      localPort: local.port,
      remoteIp: null,
      remotePort: null,
      state: null,
      processId: number(pid),
      process: null,
    };
  }
  const word = stateWords(rest);
  // A row without a state column would be one of another tool.
  if (word === null) return null;
  if (rest.length > 0 && !/^\d{1,10}$/.test(rest[0]!) && !/^\p{Lu}/u.test(rest[0]!)) return null;
  const pid = rest[0] !== undefined && /^\d{1,10}$/.test(rest[0]) ? rest[0] : undefined;
  return {
    protocol: "tcp",
    localIp: local.ip,
    localPort: local.port,
    remoteIp: remote.ip,
    remotePort: remote.port,
    // A listener is known by its remote port 0, whatever the language; a port that is only bound (`netstat -q`) has it as well, and says so.
    state: socketState(word) ?? (remote.port === 0 ? "LISTENING" : null),
    processId: number(pid),
    process: null,
  };
}

/** Takes the state off the front of what follows the addresses, its words joined as the tool joins them elsewhere; null if there is none. */
function stateWords(rest: string[]): string | null {
  const several = STATE_PART.test(rest[0] ?? "") && STATE_PART.test(rest[1] ?? "");
  if (rest[0] === undefined || !(several || STATE.test(rest[0]))) return null;
  const parts = [rest.shift()!];
  while (parts.length < 4 && rest[0] !== undefined && STATE_PART.test(rest[0])) parts.push(rest.shift()!);
  // `FIN WARTEN 2 4711`: the process id is the last number.
  if (/^[12]$/.test(rest[0] ?? "") && /^\d{1,10}$/.test(rest[1] ?? "")) parts.push(rest.shift()!);
  return parts.join("_");
}

/** `tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN 812/sshd`: protocol, two queues, local, remote, state, process. */
function linuxNetstatEntry(words: readonly string[]): SocketEntry | null {
  if (!/^(?:tcp|udp)6?$/.test(words[0]!) || !/^\d+$/.test(words[1]!) || !/^\d+$/.test(words[2] ?? "")) return null;
  const [local, remote] = [endpoint(words[3] ?? ""), endpoint(words[4] ?? "")];
  if (!local || !remote) return null;
  const rest = words.slice(5);
  const tcp = words[0]!.startsWith("tcp");
  const word = rest[0] !== undefined && STATE.test(rest[0]) ? rest.shift()! : null;
  if (tcp && word === null) return null;
  const owner = rest.map((part) => /^(\d{1,10})\/(\S+?):?$/.exec(part)).find((found) => found !== null);
  return unixEntry(tcp, local, remote, word, number(owner?.[1]), owner?.[2] ?? null);
}

/** `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=812,fd=3))`, the first column only where both protocols are shown. */
function ssEntry(words: readonly string[]): SocketEntry | null {
  const named = words[0] === "tcp" || words[0] === "udp";
  const [word, receive, send, localText, remoteText, ...rest] = named ? words.slice(1) : words;
  if (!/^(?:LISTEN|ESTAB|UNCONN|SYN-SENT|SYN-RECV|FIN-WAIT-[12]|TIME-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING)$/.test(word ?? "")) return null;
  if (!/^\d+$/.test(receive ?? "") || !/^\d+$/.test(send ?? "")) return null;
  const [local, remote] = [endpoint(localText ?? ""), endpoint(remoteText ?? "")];
  if (!local || !remote) return null;
  const owner = /\(\("([^"]{1,64})",pid=(\d{1,10})/.exec(rest.join(" "));
  return unixEntry(named ? words[0] === "tcp" : word !== "UNCONN", local, remote, word!, number(owner?.[2]), owner?.[1] ?? null);
}

function unixEntry(
  tcp: boolean,
  local: Endpoint,
  remote: Endpoint,
  word: string | null,
  processId: number | null,
  process: string | null,
): SocketEntry {
  const state = tcp && word !== null ? socketState(word) : null;
  const listener = state === "LISTENING";
  return {
    protocol: tcp ? "tcp" : "udp",
    localIp: local.ip,
    localPort: local.port,
    remoteIp: tcp ? remote.ip : null,
    remotePort: tcp ? (listener ? 0 : remote.port) : null,
    state,
    processId,
    process,
  };
}

function number(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** `10.0.0.1:80`, `[fe80::1%12]:80`, `:::22`, `*:*`, `server1:https`; null for anything else. */
function endpoint(text: string): Endpoint | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return null;
  const [address, port] = [text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), text.slice(colon + 1)];
  if (!/^(?:\d{1,5}|\*|[a-z][\w.+-]*)$/i.test(port) || Number(port) > 65535) return null;
  const value = portNumber(port);
  if (address === "*") return { ip: "0.0.0.0", port: value };
  if (parseIpv4(address.replace(/%.*$/, "")) !== null) return { ip: address.replace(/%.*$/, ""), port: value };
  const v6 = parseIpv6(address);
  if (v6) return { ip: ipv6Text(v6), port: value };
  return /^[\p{L}\d_][\p{L}\d_.-]*$/u.test(address) && !/^[\d.]+$/.test(address) ? { ip: address, port: value } : null;
}
