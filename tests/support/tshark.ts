import { execFileSync, spawnSync } from "node:child_process";

/** Whether tshark and its companions can be run; where they cannot, tests that use them as an oracle skip. */
export const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

/** Says in one line that a test file's comparisons with tshark are skipped, where they are. */
export function tellWithoutTshark(what: string): void {
  if (!hasTshark) console.warn(`${what} against tshark: skipped, tshark is not installed`);
}

/** One packet as tshark decodes it, reduced to its innermost headers. Null where it shows no such field. */
export interface TsharkPacket {
  frame: number;
  /** Nanoseconds since the Unix epoch; null for a simple packet block. */
  time: bigint | null;
  wireLength: number;
  capturedLength: number;
  /** `eth:ethertype:ip:tcp` */
  protocols: string;
  source: string | null;
  destination: string | null;
  ipId: number | null;
  ttl: number | null;
  ipLength: number | null;
  /** IP protocol of the innermost IPv4 header. */
  ipProtocol: number | null;
  sourcePort: number | null;
  destinationPort: number | null;
  seq: number | null;
  ack: number | null;
  /** Of TCP and UDP payload. */
  payloadLength: number | null;
  flags: number | null;
  window: number | null;
  mss: number | null;
  windowShift: number | null;
  tsval: number | null;
  tsecr: number | null;
  sackLeft: number[];
  sackRight: number[];
  vlan: number | null;
}

const FIELDS = [
  "frame.number",
  "frame.time_epoch",
  "frame.len",
  "frame.cap_len",
  "frame.protocols",
  "ip.src",
  "ip.dst",
  "ip.id",
  "ip.ttl",
  "ip.len",
  "ip.proto",
  "ipv6.src",
  "ipv6.dst",
  "ipv6.hlim",
  "ipv6.plen",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.len",
  "tcp.flags",
  "tcp.window_size_value",
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
  "tcp.options.sack_le",
  "tcp.options.sack_re",
  "udp.srcport",
  "udp.dstport",
  "udp.length",
  "vlan.id",
] as const;

type Field = (typeof FIELDS)[number];

/** Headers by which `frame.protocols` says how often they occur before a quoted packet (ICMP) begins. */
const QUOTING = new Set(["icmp", "icmpv6"]);

/** How many `ip`, `ipv6`, `tcp` and `udp` headers the packet itself has, and which came last. */
function innermost(protocols: string): { counts: Record<string, number>; network: string; transport: string } {
  const counts: Record<string, number> = { ip: 0, ipv6: 0, tcp: 0, udp: 0, vlan: 0 };
  let [network, transport] = ["", ""];
  for (const name of protocols.split(":")) {
    if (name in counts) counts[name] = counts[name]! + 1;
    if (name === "ip" || name === "ipv6" || name === "arp") [network, transport] = [name, ""];
    if (name === "tcp" || name === "udp") transport = name;
    if (QUOTING.has(name)) break;
  }
  return { counts, network, transport };
}

/** `12.345000000` in nanoseconds. */
function nanoseconds(stamp: string): bigint {
  const [seconds, fraction] = stamp.split(".");
  const sign = seconds!.startsWith("-") ? -1n : 1n;
  return BigInt(seconds!) * 1_000_000_000n + sign * BigInt((fraction ?? "").padEnd(9, "0"));
}

function packetOf(line: string): TsharkPacket {
  const columns = line.split("\t");
  const all = (field: Field): string[] => {
    const text = columns[FIELDS.indexOf(field)] ?? "";
    return text === "" ? [] : text.split(",");
  };
  const protocols = columns[FIELDS.indexOf("frame.protocols")]!;
  const { counts, network, transport } = innermost(protocols);
  const nth = (field: Field, protocol: string): string | null => all(field)[counts[protocol]! - 1] ?? null;
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  const last = (field: Field): number | null => (transport === "tcp" ? number(all(field).at(-1) ?? null) : null);
  const ip = (v4: Field, v6: Field): string | null => (network === "ip" ? nth(v4, "ip") : network === "ipv6" ? nth(v6, "ipv6") : null);
  const port = (tcp: Field, udp: Field): number | null =>
    transport === "tcp" ? number(nth(tcp, "tcp")) : transport === "udp" ? number(nth(udp, "udp")) : null;
  const tcp = (field: Field): number | null => (transport === "tcp" ? number(nth(field, "tcp")) : null);
  const udpLength = transport === "udp" ? number(nth("udp.length", "udp")) : null;
  const stamp = all("frame.time_epoch")[0];
  const plen = network === "ipv6" ? number(nth("ipv6.plen", "ipv6")) : null;
  return {
    frame: Number(columns[0]),
    time: stamp === undefined ? null : nanoseconds(stamp),
    wireLength: Number(columns[2]),
    capturedLength: Number(columns[3]),
    protocols,
    source: ip("ip.src", "ipv6.src"),
    destination: ip("ip.dst", "ipv6.dst"),
    ipId: network === "ip" ? number(nth("ip.id", "ip")) : null,
    ttl: number(ip("ip.ttl", "ipv6.hlim")),
    ipLength: network === "ip" ? number(nth("ip.len", "ip")) : plen === null ? null : plen + 40,
    ipProtocol: network === "ip" ? number(nth("ip.proto", "ip")) : null,
    sourcePort: port("tcp.srcport", "udp.srcport"),
    destinationPort: port("tcp.dstport", "udp.dstport"),
    seq: tcp("tcp.seq_raw"),
    ack: tcp("tcp.ack_raw"),
    payloadLength: udpLength === null ? tcp("tcp.len") : udpLength - 8,
    flags: tcp("tcp.flags"),
    window: tcp("tcp.window_size_value"),
    mss: last("tcp.options.mss_val"),
    windowShift: last("tcp.options.wscale.shift"),
    tsval: last("tcp.options.timestamp.tsval"),
    tsecr: last("tcp.options.timestamp.tsecr"),
    sackLeft: transport === "tcp" ? all("tcp.options.sack_le").map(Number) : [],
    sackRight: transport === "tcp" ? all("tcp.options.sack_re").map(Number) : [],
    vlan: number(all("vlan.id").at(-1) ?? null),
  };
}

/** Every packet of a capture, by tshark, names and ports unresolved. */
export function tsharkPackets(path: string): TsharkPacket[] {
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const args = [
    "-n",
    "-o",
    "tcp.relative_sequence_numbers:FALSE",
    "-r",
    path,
    "-T",
    "fields",
    "-E",
    "occurrence=a",
    "-E",
    "aggregator=,",
    ...fields,
  ];
  const result = spawnSync("tshark", args, { encoding: "utf8", maxBuffer: 1 << 29 });
  if (result.error) throw result.error;
  return result.stdout.split("\n").filter(Boolean).map(packetOf);
}

/** Runs a companion of tshark (`mergecap`, `editcap`); throws with its message if it fails. */
export function runTool(tool: string, ...args: string[]): void {
  execFileSync(tool, args, { stdio: ["ignore", "ignore", "pipe"] });
}
