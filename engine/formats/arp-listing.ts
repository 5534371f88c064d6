import { type ArpEntry, readArpEntry, readUnresolvedEntry } from "./arp-entry.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";
import { CUT, DEVICE_PROMPT, filteringPipe, PROMPT } from "./prompt.ts";

/** Own addresses of one machine beyond which a listing says nothing new about who it is. */
const MAX_ADDRESSES = 1000;
const MAX_LINE = 1000;
/** A command that lists the ARP table, with its arguments and any pipe. */
const COMMAND =
  /(?:^|[>#$\s\\])(?:arp(?:\.exe)?\s+(?<arp>-\S.*)|(?:sh|sho|show|do show|do sh)\s+(?:ip\s+)?arp\b(?<show>.*)|(?:dis|disp|display)\s+arp\b(?<display>.*)|ip\s+(?:-\S+\s+)*n(?:eigh?(?:bor|bour)?)?(?<neigh>\s.*)?|netsh\s+in\S*\s+ip\S*\s+sh\S*\s+nei\S*(?<netsh>.*)|Get-NetNeighbor(?<ps>.*))$/i;
/** `Interface: 192.0.2.10 --- 0xb`: the machine's own address, in front of the rows of one interface. */
const OWN_ADDRESS = /^\s*\S[^:\d]{0,30}:\s*(?<ip>\d{1,3}(?:\.\d{1,3}){3})\s+(?:---|\p{L}+\s\p{L}+)\s+0x[\da-f]+\s*$/iu;
/** `Interface 11: Local Area Connection`, in front of the rows of netsh. */
const NETSH_INTERFACE = /^\S{1,30} (?:\d{1,5}): (?<name>\S.{0,80})$/;
const NETSH_RULER = /^-{10,}\s+-{10,}\s+-{3,}\s*$/;

/**
 * ARP tables: Windows `arp -a` and `netsh interface ipv4 show neighbors` in any display language, `Get-NetNeighbor`, Linux and BSD
 * `arp -a`, `arp -n` and `ip neigh`, and `show arp` of routers, switches and firewalls. Rows are known by shape. An entry without
 * hardware address is incomplete. What a computer lists says nothing of what a router has learnt, and coverage says so.
 *
 *     Internet  192.0.2.241             0   Incomplete      ARPA
 *       192.0.2.241           03-bf-c0-00-02-f1     dynamic
 */
export const arpListing: TextFormat = {
  kind: "text",
  id: "arp-listing",
  title: "ARP table (arp -a, show arp, ip neigh)",
  unit: "line",
  tables: ["arp_entries"],
  detect: (lines) => lines.some((line) => line.length <= MAX_LINE && readArpEntry(line) !== null),
  reader: (emit) => new ArpListingReader(emit),
};

interface Listing {
  /** Arguments of the command, where the transcript shows it. */
  readonly command: string | null;
  /** Name in the prompt of a network device. */
  readonly device: string | null;
  readonly rows: { readonly entry: ArpEntry; readonly interface: string | null; readonly at: number }[];
  readonly addresses: Set<string>;
  hole: string | null;
  kind: ArpEntry["device"] | null;
}

/** Rows of one listing held back until its machine is known. */
const MAX_HELD = 50_000;

class ArpListingReader implements TextReader {
  private readonly emit: Emit;
  private listing = emptyListing(null, null);
  private interface: string | null = null;
  private netsh = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const command = COMMAND.exec(text)?.groups;
    const prompt = DEVICE_PROMPT.exec(text);
    if (command && (prompt || PROMPT.test(text) || /^\s*(?:arp|sho?w?|do|dis\w*|ip|netsh|get-)/i.test(text)))
      this.begin(Object.values(command).find((part) => part !== undefined) ?? "", prompt?.groups?.name ?? null);
    else if (PROMPT.test(text)) this.begin(null, null);
    const entry = readArpEntry(text) ?? (this.netsh ? readUnresolvedEntry(text) : null);
    if (entry) this.row(entry, number);
    else this.other(text, number);
  }

  private other(text: string, number: number): void {
    const own = OWN_ADDRESS.exec(text)?.groups?.ip;
    if (own !== undefined) {
      if (this.listing.addresses.size < MAX_ADDRESSES) this.listing.addresses.add(own);
      this.interface = own;
      this.netsh = false;
    } else if (NETSH_RULER.test(text)) this.netsh = true;
    else if (CUT.test(text.trim()) && this.listing.rows.length > 0) this.listing.hole ??= `rows were left out at line ${number}`;
    else {
      const name = NETSH_INTERFACE.exec(text)?.groups?.name;
      if (name === undefined) return;
      this.interface = name;
      this.netsh = false;
    }
  }

  private begin(command: string | null, device: string | null): void {
    this.close();
    this.listing = emptyListing(command, device);
    this.interface = null;
    this.netsh = false;
  }

  private row(entry: ArpEntry, at: number): void {
    // Two tools' rows below each other are two machines' listings.
    if (this.listing.kind !== null && this.listing.kind !== entry.device) this.begin(null, null);
    this.listing.kind = entry.device;
    if (this.listing.rows.length >= MAX_HELD) this.flush();
    this.listing.rows.push({ entry, interface: entry.interface ?? this.interface, at });
  }

  private host(): readonly string[] | null {
    const { device, addresses } = this.listing;
    return device !== null ? [device] : addresses.size > 0 ? [...addresses] : null;
  }

  private flush(): void {
    const host = this.host();
    for (const { entry, interface: name, at } of this.listing.rows.splice(0)) {
      const { device, ip, mac, multicastMac, state, kind } = entry;
      this.emit.row("arp_entries", { host, device, ip, mac, multicast_mac: multicastMac, state, kind, interface: name }, at);
    }
  }

  private close(): void {
    const { listing } = this;
    if (listing.kind === null) return;
    const host = this.host();
    this.flush();
    if (listing.addresses.size > 0) this.emit.host({ names: [], addresses: [...listing.addresses] });
    const why = listing.hole ?? asked(listing.command);
    this.emit.coverage({
      table: "arp_entries",
      host,
      side: null,
      from: null,
      to: null,
      ...(listing.kind === "computer" && { only: { device: ["computer"] } }),
      ...(why === null ? { complete: true } : { complete: false, why }),
    });
  }

  end(): void {
    this.close();
  }
}

function emptyListing(command: string | null, device: string | null): Listing {
  return { command, device, rows: [], addresses: new Set(), hole: null, kind: null };
}

/** Why the command itself left entries out; null if it did not. */
function asked(command: string | null): string | null {
  if (command === null) return null;
  const pipe = filteringPipe(command);
  if (pipe !== null) return `the output was filtered: ${pipe}`;
  const address = /\d{1,3}(?:\.\d{1,3}){3}/.exec(command.split("|")[0]!)?.[0];
  return address === undefined || /-N\b/i.test(command) ? null : `only ${address} was asked for`;
}
