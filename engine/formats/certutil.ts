import { type NameAttribute, nameKey, nameText, nameValues, parseName } from "../decoders/distinguished-name.ts";
import type { Value } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 4000;
/** `================ Certificate 0 ================`, in any language. */
const ENTRY = /^\s*={6,}\s*\p{L}[\p{L}'’. ]{2,40}\d{1,6}\s*={6,}\s*$/u;
/** `certutil -dump`, `certutil file.cer`: a caption, then the version, in any language; the caption begins with X509 everywhere. */
const DUMP = /^\s*X\.?509[ -]?\p{L}+:?\s*$|^\s*\p{L}+\s+X\.?509\s*:\s*$/u;
const STORE_COMMAND = /\bcertutil(?:\.exe)?\b.*\s-(?:view)?store\b((?:\s+-\w+)*)\s+"?([A-Za-z][\w.-]{0,60})"?/i;
/** `My "Personal"` above the first entry. */
const STORE_LINE = /^\s*([A-Za-z][\w.-]{0,60})(?:\s+".{0,80}")?\s*$/;
const PAIR = /^(\s*)(\p{L}[^:=]{1,60}?)\s*:\s*(.*?)\s*$/u;
const HEX = /^(?:[\da-f]{2}[ :]?){1,40}$/i;
const SHA1 = /\(sha1\)\s*:\s*((?:[\da-f]{2}[ :]?){20})\s*$/i;
const USAGE = /\((1\.3\.6\.1\.5\.5\.7\.3\.\d{1,3}|2\.5\.29\.37\.0)\)/;
const DNS_NAME = /^\s*(?:DNS[ -]?Name|DNS-Name|DNS)\s*[=:]\s*([\w.*-]{1,255})\s*$/i;
/** A provider or a key container's name: its key is there. */
const KEY = /=\s.*(?:Provider\b|_[\da-f]{8}-[\da-f]{4}-)/i;
const CLIENT_USAGES = new Set(["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"]);
const SERVER_USAGES = new Set(["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"]);

/**
 * `certutil -store` and `certutil -dump`, in any display language: entries are known by their rulers, the serial number, the two names
 * and the hash by their shape and order, for the captions are translated. Dates are not read: they are in the machine's own locale.
 *
 *     ================ Certificate 0 ================
 *     Serial Number: 32000000265259d0069fa6f205000000000026
 *     Issuer: CN=corp-CA, DC=corp, DC=contoso
 *     Subject: CN=User, OU=Users, DC=corp, DC=contoso
 *     Cert Hash(sha1): a50337ab015d5612b7dc4c1e759d201e74cc2a93
 */
export const certutil: TextFormat = {
  kind: "text",
  id: "certutil",
  title: "certutil output",
  unit: "line",
  tables: ["certificates"],
  detect: (lines) => lines.some((line) => line.length < 200 && (ENTRY.test(line) || (DUMP.test(line) && /X\.?509/.test(line)))),
  reader: (emit) => new CertutilReader(emit),
};

interface Entry {
  readonly at: number;
  serial: string | null;
  readonly names: NameAttribute[][];
  /** Attributes of the name being listed one a line. */
  listing: NameAttribute[] | null;
  readonly usages: Set<string>;
  readonly dnsNames: string[];
  thumbprint: string | null;
  hasKey: boolean;
}

class CertutilReader implements TextReader {
  private readonly emit: Emit;
  private entry: Entry | null = null;
  private store: string | null = null;
  private before = "";
  private cut = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const command = STORE_COMMAND.exec(text);
    if (ENTRY.test(text) || DUMP.test(text)) this.begin(number);
    else if (command) {
      this.close();
      this.store = command[2]!;
    } else if (/\bcertutil(?:\.exe)?\s+-?\S/i.test(text)) this.close();
    else if (this.entry) this.detail(this.entry, text);
    if (text.trim() !== "") this.before = text;
  }

  private begin(number: number): void {
    // A dump inside a listing (`-v -store`) goes on with the entry its ruler began.
    if (this.entry && this.entry.names.length === 0 && this.entry.serial === null) return;
    const named = this.entry ? null : STORE_LINE.exec(this.before);
    this.close();
    if (named && !/certutil/i.test(this.before)) this.store = named[1]!;
    const empty = { serial: null, names: [], listing: null, usages: new Set<string>(), dnsNames: [], thumbprint: null, hasKey: false };
    this.entry = { at: number, ...empty };
  }

  private detail(entry: Entry, text: string): void {
    const hash = SHA1.exec(text);
    if (hash) entry.thumbprint = hash[1]!.replace(/[ :]/g, "").toLowerCase();
    const usage = USAGE.exec(text)?.[1];
    if (usage !== undefined && entry.usages.size < 100) entry.usages.add(usage);
    const dns = DNS_NAME.exec(text)?.[1];
    if (dns !== undefined && entry.dnsNames.length < 200) entry.dnsNames.push(dns.toLowerCase());
    entry.hasKey ||= KEY.test(text);
    if (entry.listing && this.listed(entry, entry.listing, text)) return;
    const [, , , value = ""] = PAIR.exec(text) ?? [];
    if (
      entry.serial === null &&
      entry.names.length === 0 &&
      HEX.test(value) &&
      value.replace(/[ :]/g, "").length >= 2 &&
      !/^\d$/.test(value)
    )
      entry.serial = value.replace(/[ :]/g, "").toLowerCase();
    else if (entry.names.length < 2 && entry.serial !== null) this.name(entry, text, value);
  }

  private name(entry: Entry, text: string, value: string): void {
    if (value === "" && /:\s*$/.test(text)) entry.listing = [];
    else if (/^(?:[A-Za-z]{1,20}|OID\.[\d.]+|[\d.]+)=/.test(value)) entry.names.push(parseName(value));
  }

  /** One attribute a line, as a dump lists names; answers whether the line was one. */
  private listed(entry: Entry, listing: NameAttribute[], text: string): boolean {
    const found = /^\s+([A-Za-z]{1,20}|[\d.]{5,60})=(.*\S)\s*$/.exec(text);
    if (found && listing.length < 64) {
      listing.push([found[1]!, found[2]!.replace(/^"|"$/g, "")]);
      return true;
    }
    entry.listing = null;
    if (listing.length > 0) entry.names.push(listing);
    return false;
  }

  private close(): void {
    const { entry } = this;
    this.entry = null;
    if (!entry) return;
    if (entry.listing && entry.listing.length > 0) entry.names.push(entry.listing);
    const [issuer, subject] = entry.names;
    if (!issuer || !subject) {
      this.cut = true;
      this.emit.anomaly("certutil.unreadable-entry", entry.at, "an entry without its issuer and subject");
      return;
    }
    this.emit.row("certificates", rowOf(entry, issuer, subject, this.store), entry.at);
  }

  end(): void {
    this.close();
    const why = "entries could not be read";
    this.emit.coverage({
      table: "certificates",
      host: null,
      side: null,
      from: null,
      to: null,
      complete: !this.cut,
      ...(this.cut && { why }),
    });
    this.emit.utc();
  }
}

function rowOf(
  entry: Entry,
  issuer: readonly NameAttribute[],
  subject: readonly NameAttribute[],
  store: string | null,
): Record<string, Value> {
  const { serial, thumbprint, usages, dnsNames, hasKey } = entry;
  const told = (wanted: ReadonlySet<string>) => (usages.size === 0 ? null : [...usages].some((usage) => wanted.has(usage)));
  // A name is printed most particular part first already.
  const text = (name: readonly NameAttribute[]) => nameText(name.toReversed());
  const names = [...new Set([...nameValues(subject, "CN").map((name) => name.toLowerCase()), ...dnsNames])];
  return {
    seen_in: store === null ? "file" : "store",
    store,
    subject: text(subject),
    issuer: text(issuer),
    names: names.length > 0 ? names : null,
    serial,
    thumbprint,
    self_signed: nameKey(subject) === nameKey(issuer),
    client_authentication: told(CLIENT_USAGES),
    server_authentication: told(SERVER_USAGES),
    has_private_key: hasKey ? true : null,
  };
}
