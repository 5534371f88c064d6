import { nlbModeOf } from "../decoders/nlb-mac.ts";
import { arpAnswers } from "../tables/arp-answers.ts";
import { arpEntries } from "../tables/arp-entries.ts";
import { nlbClusters } from "../tables/nlb-clusters.ts";
import { Table, TableBuilder, type TablePart } from "../tables/table.ts";

/** Clusters as others see them: addresses with a hardware address that Network Load Balancing makes up. */
export function nlbSeen(parts: readonly TablePart[]): TablePart[] {
  return parts.flatMap((part) => {
    if (part.length === 0) return [];
    if (part.table === "arp_answers") return seenIn(part, new Table(arpAnswers, [part]));
    return part.table === "arp_entries" ? seenIn(part, new Table(arpEntries, [part])) : [];
  });
}

function seenIn(part: TablePart, table: Table): TablePart[] {
  const [ip, mac, multicast] = [table.reader("ip"), table.reader("mac"), table.reader("multicast_mac")];
  const rows = new TableBuilder(nlbClusters);
  for (let row = 0; row < part.length; row++) {
    const address = mac(row) as string | null;
    const mode = address === null ? null : nlbModeOf(address);
    // Groups have hardware addresses like these by right.
    if (mode === null || (mode !== "unicast" && multicast(row) !== true)) continue;
    rows.append({ host: [ip(row) as string], cluster_ip: ip(row), cluster_mac: address, mode }, part.at[row]!);
  }
  const built = rows.build(part.source, part.unit);
  return built.length > 0 ? [part.spans ? { ...built, spans: part.spans } : built] : [];
}
