import { ipv4Text, parseIpv4 } from "../bytes/address.ts";
import type { HostFact } from "./format.ts";
import type { RegistryData, RegistryKey } from "./registry-value.ts";
import { productOf, servicePackOf } from "./windows-product.ts";

/** Addresses of one registry beyond which it says nothing new about which machine it is. */
const MAX_ADDRESSES = 100;
const NAMES = /\\Control\\ComputerName\\(?:Active)?ComputerName$|\\Services\\Tcpip\\Parameters$/i;
const INTERFACE = /\\Services\\Tcpip\\Parameters\\Interfaces\\\{[\da-f-]+\}$/i;
const VERSION = /^HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion$/i;
/** Windows 11 still calls itself Windows 10 in ProductName; its builds begin here. */
const FIRST_BUILD_OF_11 = 22_000;

/** Gathers from the values of one registry which machine it is of: its names, addresses and Windows. */
export class RegistryMachine {
  private readonly named = new Map<string, string>();
  private readonly addresses = new Set<string>();
  private readonly version = new Map<string, RegistryData>();

  value(key: RegistryKey, name: string, data: RegistryData): void {
    if (VERSION.test(key.name)) this.version.set(name.toLowerCase(), data);
    else if (NAMES.test(key.name) && data.text !== null) this.named.set(name.toLowerCase(), data.text);
    else if (INTERFACE.test(key.name) && /^(?:Dhcp)?IPAddress$/i.test(name)) this.address(data);
  }

  private address({ list, text }: RegistryData): void {
    for (const one of list ?? [text ?? ""]) {
      const address = parseIpv4(one.trim());
      if (address && this.addresses.size < MAX_ADDRESSES) this.addresses.add(ipv4Text(address));
    }
  }

  /** What is known once all values were seen; null where they say nothing of the machine. */
  fact(): HostFact | null {
    const host = this.named.get("hostname") ?? this.named.get("nv hostname") ?? this.named.get("computername");
    const domain = this.named.get("domain") || this.named.get("nv domain") || this.named.get("dhcpdomain");
    const names = host === undefined || !/^[\p{L}\p{N}_-]{1,63}$/u.test(host) ? [] : [host];
    const full = names.length > 0 && domain !== undefined && /^[\w-]+(?:\.[\w-]+)+$/.test(domain) ? [`${host}.${domain}`] : [];
    const windows = this.windows();
    if (names.length + this.addresses.size === 0 && windows === null) return null;
    return { names: [...names, ...full], addresses: [...this.addresses], ...windows };
  }

  private windows(): Pick<HostFact, "product" | "version" | "servicePack"> | null {
    const cell = (name: string) => this.version.get(name);
    const build = cell("currentbuildnumber")?.text ?? cell("currentbuild")?.text;
    // CurrentVersion stays 6.3 from Windows 8.1 on; the numbers that came with Windows 10 tell.
    const major = cell("currentmajorversionnumber")?.number;
    const release = typeof major === "number" ? `${major}.${cell("currentminorversionnumber")?.number ?? 0}` : cell("currentversion")?.text;
    if (!build || !release || !/^\d{4,5}$/.test(build) || !/^\d{1,2}\.\d{1,2}$/.test(release)) return null;
    const version = `${release}.${build}`;
    const named = productOf(cell("productname")?.text ?? "");
    const product = named === "windows-10" && Number(build) >= FIRST_BUILD_OF_11 ? "windows-11" : named;
    const servicePack = servicePackOf(version, cell("csdversion")?.text ?? "");
    return { version, ...(product === null ? {} : { product }), ...(servicePack === null ? {} : { servicePack }) };
  }
}
