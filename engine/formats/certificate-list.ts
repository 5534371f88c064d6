import { type NameAttribute, nameKey, nameText, nameValues, parseName } from "../decoders/distinguished-name.ts";
import type { Value } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 2000;
/**
 * `Subject      : CN=…` of PowerShell, `Subject: C = US, …` far in and `subject=C = US, …` of OpenSSL; neither translates them. certutil
 * prints them without a blank before the colon at the line's beginning, and is another format's to read.
 */
const NAME =
  /^(?:\s{6,}(?<inner>Subject|Issuer):|(?<key>Subject|Issuer)\s+:|\s{0,4}(?<lower>subject|issuer)\s?=)\s*(?<name>\/?(?:[A-Z][A-Za-z]{0,20}|[\d.]{5,40})\s?=\s?\S.*?)\s*$/;
/** PowerShell folds a long value under its first column. */
const FOLDED = /^ {10,40}(?<rest>\S.*?)\s*$/;
const THUMBPRINT = /^\s*(?:Thumbprint\s*:|SHA1 Fingerprint=)\s*(?<hash>(?:[\da-f]{2}:?){20})\s*$/i;
const SERIAL = /^\s*(?:SerialNumber\s*:|serial=)\s*(?<serial>[\da-f]{2,64})\s*$/i;
const PRIVATE_KEY = /^\s*HasPrivateKey\s*:\s*(?<has>True|False)\s*$/i;
const USAGE_HEADER = /^\s*(?:X509v3 )?Extended Key Usage:|^\s*EnhancedKeyUsageList\s*:/i;
/** Lines between the two names of one certificate. */
const REACH = 12;
/** Lines behind the names on which the rest of a certificate stands. */
const DETAIL_REACH = 60;

/**
 * Certificates as `Get-ChildItem Cert:\… | Format-List`, `openssl x509 -text` and `openssl s_client` print them: issuer and subject near
 * each other, in either order, and what stands around them.
 *
 *     Subject      : CN=www.contoso.com, O=Contoso, C=US
 *     Issuer       : CN=Contoso Issuing CA, O=Contoso, C=US
 *     Thumbprint   : 243D866F55A8A3F29A7C33E22ED65E04E8D57286
 */
export const certificateList: TextFormat = {
  kind: "text",
  id: "certificate-list",
  title: "certificates as PowerShell or OpenSSL lists them",
  unit: "line",
  tables: ["certificates"],
  detect(lines) {
    const at = { subject: Number.NEGATIVE_INFINITY, issuer: Number.NEGATIVE_INFINITY };
    return lines.some((line, index) => {
      const found = line.length < MAX_LINE ? readName(line) : null;
      if (found) at[found.key] = index;
      return found !== null && Math.abs(at.subject - at.issuer) <= REACH;
    });
  },
  reader: (emit) => new CertificateListReader(emit),
};

function readName(line: string): { readonly key: "subject" | "issuer"; readonly name: string } | null {
  const found = NAME.exec(line)?.groups;
  const key = (found?.inner ?? found?.key ?? found?.lower)?.toLowerCase();
  return key === "subject" || key === "issuer" ? { key, name: found!.name! } : null;
}

interface Listed {
  readonly at: number;
  readonly names: { subject?: string; issuer?: string };
  thumbprint: string | null;
  serial: string | null;
  hasKey: boolean | null;
  /** Lines of usages follow, or followed. */
  usages: string | null;
}

class CertificateListReader implements TextReader {
  private readonly emit: Emit;
  private listed: Listed | null = null;
  /** The name that the line before began, which may go on. */
  private open: "subject" | "issuer" | null = null;
  /** What stood before a certificate's first name: OpenSSL prints the serial number there. */
  private before: { serial: string | null; at: number } = { serial: null, at: 0 };

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const found = readName(text);
    if (found) this.name(found.key, found.name, number);
    else if (this.listed && this.open && FOLDED.test(text)) this.listed.names[this.open] += FOLDED.exec(text)!.groups!.rest!;
    else this.detail(text, number);
  }

  private name(key: "subject" | "issuer", name: string, number: number): void {
    const { listed } = this;
    const complete = listed?.names.subject !== undefined && listed.names.issuer !== undefined;
    if (!listed || complete || listed.names[key] !== undefined || number - listed.at > REACH) {
      this.close();
      const serial = number - this.before.at <= REACH ? this.before.serial : null;
      this.listed = { at: number, names: {}, thumbprint: null, serial, hasKey: null, usages: null };
      this.before = { serial: null, at: 0 };
    }
    this.listed!.names[key] = name;
    this.open = key;
  }

  private detail(text: string, number: number): void {
    this.open = null;
    const serial = SERIAL.exec(text)?.groups?.serial?.toLowerCase();
    const { listed } = this;
    if (!listed || number - listed.at > DETAIL_REACH) {
      if (serial !== undefined) this.before = { serial, at: number };
      return;
    }
    if (serial !== undefined) listed.serial ??= serial;
    listed.thumbprint = THUMBPRINT.exec(text)?.groups?.hash?.replaceAll(":", "").toLowerCase() ?? listed.thumbprint;
    const has = PRIVATE_KEY.exec(text)?.groups?.has;
    if (has !== undefined) listed.hasKey = has.toLowerCase() === "true";
    if (USAGE_HEADER.test(text)) listed.usages = text;
    else if (listed.usages !== null && /Authentication|1\.3\.6\.1\.5\.5\.7\.3\./i.test(text)) listed.usages += text;
  }

  private close(): void {
    const { listed } = this;
    this.listed = this.open = null;
    if (listed?.names.subject === undefined || listed.names.issuer === undefined) return;
    const { subject, issuer } = { subject: parseName(listed.names.subject), issuer: parseName(listed.names.issuer) };
    if (subject.length > 0 && issuer.length > 0) this.emit.row("certificates", rowOf(listed, subject, issuer), listed.at);
  }

  end(): void {
    this.close();
    this.emit.coverage({ table: "certificates", host: null, side: null, from: null, to: null, complete: true });
    this.emit.utc();
  }
}

function rowOf(listed: Listed, subject: readonly NameAttribute[], issuer: readonly NameAttribute[]): Record<string, Value> {
  const { thumbprint, serial, hasKey, usages } = listed;
  const told = (words: RegExp) => (usages === null || !/Authentication|\d\.\d/i.test(usages) ? null : words.test(usages));
  const common = nameValues(subject, "CN").map((name) => name.toLowerCase());
  return {
    seen_in: "file",
    subject: nameText(particularFirst(subject)),
    issuer: nameText(particularFirst(issuer)),
    names: common.length > 0 ? common : null,
    serial,
    thumbprint,
    self_signed: nameKey(subject) === nameKey(issuer),
    client_authentication: told(/Client Authentication|7\.3\.2\b/i),
    server_authentication: told(/Server Authentication|7\.3\.1\b/i),
    has_private_key: hasKey,
  };
}

/** In the order encoded: OpenSSL prints the country first, Windows last. */
function particularFirst(name: readonly NameAttribute[]): readonly NameAttribute[] {
  const general = /^(?:C|DC|O|ST|S)$/i;
  return general.test(name[0]![0]) && !general.test(name.at(-1)![0]) ? name : name.toReversed();
}
