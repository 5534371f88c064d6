import { ipv4Text, parseIpv4 } from "../bytes/address.ts";
import { parseMac } from "../bytes/mac.ts";
import { nlbModeOf } from "../decoders/nlb-mac.ts";
import { nlbClusters } from "../tables/nlb-clusters.ts";
import { registryValues } from "../tables/registry-values.ts";
import { Table, TableBuilder, type TablePart, type Value } from "../tables/table.ts";

/** Settings of Network Load Balancing: one key for each interface it is bound to. */
const KEY = /\\Services\\WLBS\\Parameters\\Interface\\[^\\]+$/i;

interface Settings {
  readonly host: Value;
  /** Text and number of each value, by its name in lower case. */
  readonly values: Map<string, { readonly text: string | null; readonly number: number | null; readonly at: number }>;
}

/** Clusters that registry values of WLBS set up. */
export function nlbRegistry(parts: readonly TablePart[]): TablePart[] {
  return parts.filter(({ table, length }) => table === "registry_values" && length > 0).flatMap(clustersOf);
}

function clustersOf(part: TablePart): TablePart[] {
  const table = new Table(registryValues, [part]);
  const [key, value, text, number, host] = ["key", "value", "text", "number", "host"].map((column) => table.reader(column));
  const clusters = new Map<string, Settings>();
  for (let row = 0; row < part.length; row++) {
    const path = key!(row) as string | null;
    if (path === null || !KEY.test(path)) continue;
    const settings = clusters.get(path.toLowerCase()) ?? { host: host!(row), values: new Map() };
    clusters.set(path.toLowerCase(), settings);
    const name = ((value!(row) as string | null) ?? "").toLowerCase();
    settings.values.set(name, { text: text!(row) as string | null, number: number!(row) as number | null, at: part.at[row]! });
  }
  const rows = new TableBuilder(nlbClusters);
  for (const { host: machine, values } of clusters.values()) {
    const ip = parseIpv4(values.get("clusteripaddress")?.text ?? "");
    const mac = parseMac(values.get("clusternetworkaddress")?.text ?? "");
    const many = values.get("multicastsupportenable");
    if ((ip === null || ip === 0) && mac === null && !many) continue;
    const igmp = values.get("igmpsupport")?.number === 1;
    const mode = many?.number === 0 ? "unicast" : many?.number === 1 ? (igmp ? "igmp_multicast" : "multicast") : mac && nlbModeOf(mac);
    const name = values.get("clustername")?.text ?? null;
    const at = (many ?? values.get("clusteripaddress") ?? values.get("clusternetworkaddress"))!.at;
    rows.append({ host: machine, name, cluster_ip: ip === null || ip === 0 ? null : ipv4Text(ip), cluster_mac: mac, mode }, at);
  }
  const built = rows.build(part.source, part.unit);
  return built.length > 0 ? [built] : [];
}
