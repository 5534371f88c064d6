import { ipv4Text, parseIpv4 } from "../bytes/address.ts";
import { parseMac } from "../bytes/mac.ts";
import { type NlbMode, nlbModeOf } from "../decoders/nlb-mac.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";
import { PROMPT } from "./prompt.ts";

const PAIR = /^\s*(?<name>[A-Za-z][A-Za-z ]{1,40}?)\s*[=:]\s*(?<value>\S.{0,200}?)?\s*$/;
/** Names of settings, the same in every display language, as commands, PowerShell and WMI spell them. */
const FIELDS: Readonly<Record<string, Field>> = {
  clusteripaddress: "ip",
  ipaddress: "ip",
  clusternetworkaddress: "mac",
  clustermacaddress: "mac",
  clustername: "name",
  name: "name",
  multicastsupportenable: "multicast",
  multicastsupportenabled: "multicast",
  igmpsupport: "igmp",
  igmpsupportenabled: "igmp",
  mode: "mode",
  operationmode: "mode",
  clustermode: "mode",
  hostname: "node",
  dedicatedipaddress: "dedicated",
};
type Field = "ip" | "mac" | "name" | "multicast" | "igmp" | "mode" | "node" | "dedicated";
/** A field that only a cluster has; the others may be anybody's. */
const TELLING = /^\s*(?:MulticastSupportEnabled?|ClusterNetworkAddress|ClusterMACAddress|ClusterIPAddress)\s*[=:]\s*\S/i;
const MODE = /^\s*(?:Mode|OperationMode|ClusterMode)\s*[=:]\s*(?:IGMP\s?-?)?(?:unicast|multicast)\s*$/i;
/** Get-NlbCluster as a table: its titles, and a row of it. */
const TABLE_TITLES = /^\s*Name\s+IPAddress\s+SubnetMask\s+Mode\s*$/i;
const TABLE_ROW =
  /^\s*(?<name>\S+)\s+(?<ip>\d{1,3}(?:\.\d{1,3}){3})\s+(?<mask>\d{1,3}(?:\.\d{1,3}){3})\s+(?<mode>(?:IGMP)?(?:unicast|multicast))\s*$/i;
/** `=== Configuration: ===` and the banner of the tool begin another node's listing. */
const BEGIN = /\bCluster Control Utility\b|^\s*=+\s*Configuration\b/i;
const MAX_LINE = 1000;

/**
 * Settings of Network Load Balancing: `nlb display`, `nlb params` (`wlbs` in front of them before Windows Server 2008), Get-NlbCluster, and
 * MicrosoftNLB_ClusterSetting from WMI. The names of settings are the same in every language; where the words behind them cannot be
 * mapped, the cluster's hardware address tells its mode.
 *
 *     ClusterIPAddress          = 192.0.2.241
 *     ClusterNetworkAddress     = 03-bf-c0-00-02-f1
 *     MulticastSupportEnable    = ENABLED
 */
export const nlbSettings: TextFormat = {
  kind: "text",
  id: "nlb-settings",
  title: "Settings of Network Load Balancing (nlb display)",
  unit: "line",
  tables: ["nlb_clusters"],
  detect: (lines) => lines.some((line) => line.length <= MAX_LINE && (TELLING.test(line) || MODE.test(line) || TABLE_ROW.test(line))),
  reader: (emit) => new NlbReader(emit),
};

type Cluster = Partial<Record<Field, string>> & { at?: number };

class NlbReader implements TextReader {
  private readonly emit: Emit;
  private cluster: Cluster = {};
  private table = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE || text.trim() === "") return;
    const row = this.table ? TABLE_ROW.exec(text)?.groups : undefined;
    if (BEGIN.test(text) || PROMPT.test(text)) this.close();
    else if (TABLE_TITLES.test(text)) this.table = true;
    else if (row) {
      this.close();
      this.cluster = { name: row.name!, ip: row.ip!, mode: row.mode!, at: number };
      this.close();
    } else this.pair(text, number);
  }

  private pair(text: string, number: number): void {
    const pair = PAIR.exec(text)?.groups;
    const field = pair && FIELDS[pair.name!.replace(/\s/g, "").toLowerCase()];
    if (!pair || !field || pair.value === undefined) return;
    // A setting that is there already belongs to the next cluster; the host name stands first.
    if (this.cluster[field] !== undefined && (field === "ip" || field === "mac" || field === "node")) this.close();
    this.cluster[field] ??= pair.value;
    if (TELLING.test(text) || MODE.test(text)) this.cluster.at ??= number;
  }

  private close(): void {
    const { cluster } = this;
    this.cluster = {};
    const ip = parseIpv4(cluster.ip ?? "");
    const mac = parseMac(cluster.mac ?? "");
    const mode = modeOf(cluster, mac);
    // An address by itself is no cluster's.
    if (cluster.at === undefined || (ip === null && mac === null) || (mode === null && cluster.multicast === undefined)) return;
    const node = nodeOf(cluster);
    if (node) this.emit.host(node);
    const host = node ? [...node.addresses, ...node.names] : null;
    const values = { host, name: cluster.name ?? null, cluster_ip: ip === null || ip === 0 ? null : ipv4Text(ip), cluster_mac: mac, mode };
    this.emit.row("nlb_clusters", values, cluster.at);
    this.emit.coverage({ table: "nlb_clusters", host, side: null, from: null, to: null, complete: true });
  }

  end(): void {
    this.close();
  }
}

function nodeOf({ node, dedicated }: Cluster): { names: string[]; addresses: string[] } | null {
  const address = parseIpv4(dedicated?.split(/[\s,/]/)[0] ?? "");
  const names = node !== undefined && /^[\w.-]{1,255}$/.test(node) ? [node] : [];
  const addresses = address === null || address === 0 ? [] : [ipv4Text(address)];
  return names.length + addresses.length > 0 ? { names, addresses } : null;
}

function modeOf({ mode, multicast, igmp }: Cluster, mac: string | null): NlbMode | null {
  const word = mode?.toLowerCase().replace(/[\s-]/g, "");
  if (word === "unicast" || word === "multicast") return word;
  if (word === "igmpmulticast") return "igmp_multicast";
  const [many, grouped] = [switched(multicast), switched(igmp)];
  if (many === false) return "unicast";
  if (many === true) return grouped === true ? "igmp_multicast" : "multicast";
  return mac === null ? null : nlbModeOf(mac);
}

/** Whether a word says that a setting is on; null for one that cannot be mapped. */
function switched(word: string | undefined): boolean | null {
  if (word === undefined) return null;
  if (/^(?:enabled|true|1|0x0*1|yes)$/i.test(word)) return true;
  return /^(?:disabled|false|0|0x0+|no)$/i.test(word) ? false : null;
}
