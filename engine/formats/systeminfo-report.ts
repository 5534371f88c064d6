import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Emit, HostFact } from "./format.ts";
import { productOf, servicePackOf } from "./windows-product.ts";

/** One numbered entry below a field, `[01]: KB2693643`. */
export interface ReportItem {
  readonly number: number;
  readonly text: string;
  readonly at: number;
}

/** One field of a report: a caption with its value, and the numbered entries below it. */
export interface ReportField {
  readonly value: string;
  readonly items: ReportItem[];
  readonly at: number;
}

/** What one run of `systeminfo` printed, in its fixed order. */
export interface SystemReport {
  /** From the host name on, as far as the copy goes. */
  readonly fields: ReportField[];
  /** Which of them is the version. */
  readonly version: number;
}

/** `6.1.7601 Service Pack 1 Build 7601`: in every language the build stands at both ends. */
export const VERSION_VALUE = /^(?<version>\d{1,2}\.\d{1,2}\.(?<build>\d{4,5}))\s+(?<words>\S.{0,80}?)(?<!\d)\k<build>$/u;
const UPDATE = /^(KB|Q)(\d{5,8})(?!\d)/i;
const INLINE_ITEM = /(?:^|,)\s*\[(\d{1,4})\]:\s*([^,]*)/g;
const COMPUTER_NAME = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,62}$/u;

/** Numbered entries that stand in the value itself, as `/fo csv` and `/fo list` put them. */
export function inlineItems(value: string, at: number): ReportItem[] {
  return [...value.matchAll(INLINE_ITEM)].map(([, number, text]) => ({ number: Number(number), text: text!.trim(), at }));
}

/** Emits what a report says of its machine: name, addresses, product, version, and the updates with their coverage. */
export function emitReport(report: SystemReport, emit: Emit): void {
  const host = hostOf(report);
  if (host) emit.host(host);
  const names = host === null || host.names.length === 0 ? null : [...host.addresses, ...host.names];
  const field = report.fields.find(({ items }) => items.some(({ text }) => UPDATE.test(text)));
  if (!field) {
    if (listsNoUpdates(report)) emit.coverage({ ...coverage(names), complete: true });
    return;
  }
  const seen = new Set<string>();
  for (const { text, at } of field.items) {
    const number = UPDATE.exec(text);
    if (!number) continue;
    const kb = `${number[1]!.toUpperCase()}${number[2]}`;
    if (seen.has(kb)) continue;
    seen.add(kb);
    emit.row("installed_updates", { host: names, kb }, at);
  }
  const announced = Number(/\d+/.exec(field.value)?.[0] ?? -1);
  const whole = field.items.length === announced && field.items.every(({ number }, index) => number === index + 1);
  const why = announced < 0 ? "it does not say how many updates there are" : `${field.items.length} of ${announced} updates are shown`;
  emit.coverage(whole ? { ...coverage(names), complete: true } : { ...coverage(names), complete: false, why });
}

function coverage(host: readonly string[] | null) {
  return { table: "installed_updates", host, side: null, from: null, to: null } as const;
}

function hostOf({ fields, version }: SystemReport): HostFact | null {
  const found = VERSION_VALUE.exec(fields[version]!.value)?.groups;
  if (!found) return null;
  const name = nameOf(fields, version);
  const domain = domainOf(fields);
  const product = productOf(fields[version - 1]?.value ?? "");
  const servicePack = servicePackOf(found.version!, found.words!);
  const short = name === null ? [] : [name];
  return {
    names: [...short, ...(domain === null ? [] : short.map((host) => `${host}.${domain}`))],
    addresses: [...new Set(fields.flatMap(({ items }) => items.flatMap(({ text }) => addressOf(text) ?? [])))],
    version: found.version!,
    ...(product === null ? {} : { product }),
    ...(servicePack === null ? {} : { servicePack }),
  };
}

/** The host's name stands two lines before the version, in an excerpt perhaps something else. */
function nameOf(fields: readonly ReportField[], version: number): string | null {
  const [host, system, own] = fields.slice(Math.max(0, version - 2), version + 1);
  if (!host || !system || !own || own.at - host.at > 4 || !/windows/i.test(system.value)) return null;
  return COMPUTER_NAME.test(host.value) ? host.value : null;
}

/** The domain stands before the logon server, which is `\\NAME`; a workgroup has no dot. */
function domainOf(fields: readonly ReportField[]): string | null {
  const domain = fields[logonServer(fields) - 1]?.value ?? "";
  return /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(domain) ? domain : null;
}

function logonServer(fields: readonly ReportField[]): number {
  return fields.findIndex(({ value }) => /^\\\\\S+$/.test(value));
}

/** Without updates the field says N/A in the machine's language: it stands between the logon server and the network cards. */
function listsNoUpdates({ fields }: SystemReport): boolean {
  const at = logonServer(fields);
  const [updates, cards] = [fields[at + 1], fields[at + 2]];
  return at > 0 && updates !== undefined && cards !== undefined && !/\d/.test(updates.value) && updates.items.length === 0;
}

function addressOf(text: string): string | null {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(text);
  return v6 === null ? null : ipv6Text(v6);
}
