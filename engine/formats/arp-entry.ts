import { ipv4Text, parseIpv4 } from "../bytes/address.ts";
import { isGroupMac, parseMac } from "../bytes/mac.ts";

/** One row of an ARP table, whatever tool printed it. */
export interface ArpEntry {
  readonly device: "network_device" | "computer";
  readonly ip: string;
  /** Colon-separated, lower case; null where none is known. */
  readonly mac: string | null;
  readonly multicastMac: boolean | null;
  readonly state: "complete" | "incomplete";
  readonly kind: "dynamic" | "static" | null;
  readonly interface: string | null;
}

const IP = String.raw`(?<ip>\d{1,3}(?:\.\d{1,3}){3})`;
const COLONS = String.raw`(?:[\da-f]{1,2}:){5}[\da-f]{1,2}`;
const DASHES = String.raw`(?:[\da-f]{2}-){5}[\da-f]{2}`;
const DOTS = String.raw`[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}`;
const INCOMPLETE = "[<(]?incomplete[>)]?";

type Fields = Readonly<Record<string, string | undefined>>;
interface Layout {
  readonly device: ArpEntry["device"];
  readonly pattern: RegExp;
  readonly kind?: (fields: Fields) => ArpEntry["kind"];
}

const row = (source: string) => new RegExp(String.raw`^\s*${source}\s*$`, "iu");

/** Rows by tool; what their columns are called differs from language to language, how they stand does not. */
const LAYOUTS: readonly Layout[] = [
  // Cisco IOS `show arp`: protocol, address, age in minutes or - for its own and static ones, hardware address, encapsulation, interface
  {
    device: "network_device",
    pattern: row(
      String.raw`Internet\s+${IP}\s+(?<age>\d{1,6}|-)\s+(?<mac>${DOTS}|${INCOMPLETE})\s+(?:ARPA|SNAP|SAP|SMDS|FRAME-RELAY)(?:\s+(?<interface>[A-Z]\S{0,60}))?`,
    ),
    kind: ({ age }) => (age === "-" ? "static" : "dynamic"),
  },
  // Cisco NX-OS `show ip arp`, Arista EOS `show arp`: address, age, hardware address, interface
  {
    device: "network_device",
    pattern: row(
      String.raw`${IP}\s+(?<age>\d{1,4}:\d\d:\d\d|\d{1,6}|-|N\/A)\s+(?<mac>${DOTS}|${INCOMPLETE})(?:\s+(?<interface>[A-Z]\S{1,60})(?:,?\s+\S.{0,40})?)?`,
    ),
    kind: ({ age }) => (age === "-" || age === "N/A" ? "static" : "dynamic"),
  },
  // Cisco ASA `show arp`: interface, address, hardware address, age in seconds
  {
    device: "network_device",
    pattern: row(String.raw`(?<interface>[\w-]{1,48})\s+${IP}\s+(?<mac>${DOTS})\s+(?<age>\d{1,6}|-)(?:\s+alias)?`),
    kind: ({ age }) => (age === "-" ? "static" : "dynamic"),
  },
  // Junos `show arp`: hardware address, address, name, interface, flags
  {
    device: "network_device",
    pattern: row(
      String.raw`(?<mac>${COLONS})\s+${IP}\s+(?:\S+\s+)?(?<interface>[a-z]{2,8}[-\d][\w/.:-]*)(?:\s\[\S+\])?\s+(?<flags>none|permanent(?:\s.*)?)`,
    ),
    kind: ({ flags }) => (flags?.startsWith("permanent") ? "static" : "dynamic"),
  },
  // Huawei and HPE Comware `display arp`: address, hardware address, then VLAN, interface, age and type in several orders
  {
    device: "network_device",
    pattern: row(String.raw`${IP}\s+(?<mac>[\da-f]{4}-[\da-f]{4}-[\da-f]{4}|incomplete)\s+(?<rest>\S.{0,80})`),
    kind: ({ rest }) =>
      /(?:^|\s)(?:S|S-+\d*|I)(?:\s|$)/.test(rest ?? "") ? "static" : /(?:^|\s)D(?:-\d+)?(?:\s|$)/.test(rest ?? "") ? "dynamic" : null,
  },
  // HPE ProCurve `show arp`
  {
    device: "network_device",
    pattern: row(String.raw`${IP}\s+(?<mac>[\da-f]{6}-[\da-f]{6})\s+(?<word>dynamic|static)(?:\s+(?<interface>\S{1,20}))?`),
    kind: ({ word }) => wordKind(word),
  },
  // Linux and BSD `arp -a`: name, address in brackets, hardware address, interface
  {
    device: "computer",
    pattern: row(
      String.raw`\S{1,255} \(${IP}\) \p{L}{1,4} (?<mac>${COLONS}|${INCOMPLETE})(?<flags>(?: \S+){0,4}?) (?:on|auf|sur|en|su) (?<interface>\S{1,30})(?<more>(?: \S+){0,5})`,
    ),
    kind: ({ flags, more }) => (/\bPERM\b|permanent/.test(`${flags} ${more}`) ? "static" : "dynamic"),
  },
  // Linux `arp -n`: address, type, hardware address, flags, mask, interface
  {
    device: "computer",
    pattern: row(String.raw`${IP}\s+ether\s+(?<mac>${COLONS})\s+(?<flags>[CMP]{1,3})\s+(?:\S+\s+)?(?<interface>\S{1,30})`),
    kind: ({ flags }) => (flags?.includes("M") ? "static" : "dynamic"),
  },
  { device: "computer", pattern: row(String.raw`${IP}\s+(?<mac>\(incomplete\))\s+(?<interface>\S{1,30})`) },
  // Linux `ip neigh`: address, interface, hardware address, state
  {
    device: "computer",
    pattern: row(
      String.raw`${IP} dev (?<interface>\S{1,30})(?: lladdr (?<mac>${COLONS}))?(?: (?:router|extern_learn|proxy|ref \d+|used \S+|probes \d+))*\s+(?<word>REACHABLE|STALE|DELAY|PROBE|PERMANENT|NOARP|FAILED|INCOMPLETE)`,
    ),
    kind: ({ word }) => (word === "PERMANENT" || word === "NOARP" ? "static" : "dynamic"),
  },
  // Windows `Get-NetNeighbor`: interface index, address, hardware address, state, store
  {
    device: "computer",
    pattern: row(
      String.raw`(?<interface>\d{1,5})\s+${IP}\s+(?<mac>${DASHES}|[\da-f]{12})?\s+(?<word>Unreachable|Incomplete|Probe|Delay|Stale|Reachable|Permanent)\s+\p{L}+Store`,
    ),
    kind: ({ word }) => wordKind(word),
  },
  // Windows `arp -a`, `netsh interface ipv4 show neighbors`: address, hardware address, a word in the display language
  {
    device: "computer",
    pattern: row(String.raw`${IP}\s+(?<mac>${DASHES})(?:\s+(?<word>\p{L}[\p{L}\p{M} ().-]{1,40}))?`),
    kind: ({ word }) => wordKind(word),
  },
];

/** A row of `netsh interface ipv4 show neighbors` without hardware address; it is one only below that command's header. */
const UNRESOLVED = row(String.raw`${IP}\s+(?<word>\p{L}[\p{L}\p{M} ().-]{1,40})`);

/** What a line is as a row of an ARP table; null if it is none. */
export function readArpEntry(line: string): ArpEntry | null {
  if (line.length > 200 || !/\d\.\d/.test(line)) return null;
  for (const { pattern, device, kind } of LAYOUTS) {
    const fields: Fields | undefined = pattern.exec(line)?.groups;
    if (fields) return entry(device, fields, kind?.(fields) ?? null);
  }
  return null;
}

/** A row of netsh for a neighbour that did not answer; null if the line is none. */
export function readUnresolvedEntry(line: string): ArpEntry | null {
  const fields: Fields | undefined = line.length > 200 ? undefined : UNRESOLVED.exec(line)?.groups;
  return fields ? entry("computer", fields, null) : null;
}

function entry(device: ArpEntry["device"], fields: Fields, kind: ArpEntry["kind"]): ArpEntry | null {
  const address = parseIpv4(fields.ip!);
  if (address === null) return null;
  const written = parseMac(fields.mac ?? "");
  // Windows prints zeros where nobody has answered.
  const mac = written === "00:00:00:00:00:00" ? null : written;
  return {
    device,
    ip: ipv4Text(address),
    mac,
    multicastMac: mac === null ? null : isGroupMac(mac) && !isGroupAddress(address),
    state: mac === null ? "incomplete" : "complete",
    kind: mac === null ? null : kind,
    interface: fields.interface ?? null,
  };
}

/** Multicast (RFC 5771), limited broadcast, and the broadcast address subnets mostly have. */
function isGroupAddress(address: number): boolean {
  return address >>> 28 >= 14 || (address & 255) === 255;
}

/** Learnt or entered by hand, by the word Windows shows for it in any of its languages; null for a word that cannot be mapped. */
function wordKind(word: string | undefined): ArpEntry["kind"] {
  if (word === undefined) return null;
  if (/^(?:d[iy]n[aá]|ди|đ|δυν|動的|动态|動態|동적|reachable|stale|delay|probe|erreichbar|veraltet|prüfung|verzögerung)/iu.test(word))
    return "dynamic";
  return /^(?:stat|est[aá]t|стат|στατ|静的|静态|靜態|정적|perman|постоян)/iu.test(word) ? "static" : null;
}
