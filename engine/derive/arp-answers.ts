import { parseIpv4 } from "../bytes/address.ts";
import { isGroupMac } from "../bytes/mac.ts";
import { nlbModeOf } from "../decoders/nlb-mac.ts";
import { arpAnswers as declaration } from "../tables/arp-answers.ts";
import { arpEntries } from "../tables/arp-entries.ts";
import { arpPackets } from "../tables/host-tables.ts";
import { Table, TableBuilder, type TablePart } from "../tables/table.ts";

/** Addresses with answers that are kept for one capture. */
const MAX_ANSWERS = 10_000;
const MAX_FRAMES = 8;

interface Answer {
  readonly ip: string;
  readonly mac: string;
  readonly group: boolean;
  readonly time: bigint | null;
  readonly frames: number[];
  count: number;
}

/**
 * ARP answers that give a machine's address the hardware address of a group or of a load-balancing cluster, and answers for addresses that a
 * router could not resolve.
 */
export function arpAnswers(parts: readonly TablePart[]): TablePart[] {
  const unresolved = new Set(parts.filter(({ table }) => table === "arp_entries").flatMap(incompleteAddresses));
  return parts.filter(({ table, length }) => table === "arp_packets" && length > 0).flatMap((part) => answersOf(part, unresolved));
}

function incompleteAddresses(part: TablePart): string[] {
  const table = new Table(arpEntries, [part]);
  if (table.length === 0) return [];
  const [state, ip] = [table.reader("state"), table.reader("ip")];
  return Array.from({ length: part.length }, (_, row) => (state(row) === "incomplete" ? (ip(row) as string) : "")).filter(
    (one) => one !== "",
  );
}

function answersOf(part: TablePart, unresolved: ReadonlySet<string>): TablePart[] {
  const table = new Table(arpPackets, [part]);
  const [operation, senderIp, senderMac] = [table.reader("operation"), table.reader("sender_ip"), table.reader("sender_mac")];
  const [targetIp, time] = [table.reader("target_ip"), table.reader("time")];
  const found = new Map<string, Answer>();
  for (let row = 0; row < part.length; row++) {
    const [ip, mac] = [senderIp(row) as string | null, senderMac(row) as string | null];
    // An announcement asks for its own address and answers it at once (RFC 5227 section 2.3).
    if (ip === null || mac === null || (operation(row) !== "reply" && targetIp(row) !== ip)) continue;
    const group = isGroupMac(mac) && mac !== "ff:ff:ff:ff:ff:ff" && isOneMachine(ip);
    if (!group && !unresolved.has(ip) && nlbModeOf(mac) === null) continue;
    const answer = found.get(`${ip} ${mac}`) ?? { ip, mac, group, time: time(row) as bigint | null, frames: [], count: 0 };
    if (answer.count === 0 && found.size < MAX_ANSWERS) found.set(`${ip} ${mac}`, answer);
    answer.count++;
    if (answer.frames.length < MAX_FRAMES) answer.frames.push(part.at[row]!);
  }
  const rows = new TableBuilder(declaration);
  for (const { ip, mac, group, time, frames, count } of found.values())
    rows.append({ ip, mac, multicast_mac: group, time, answers: count, answer_frames: frames }, frames[0]!);
  const built = rows.build(part.source, part.unit);
  return built.length > 0 ? [part.spans ? { ...built, spans: part.spans } : built] : [];
}

function isOneMachine(ip: string): boolean {
  const address = parseIpv4(ip);
  return address !== null && address !== 0 && address >>> 28 < 14;
}
