import { type DerElement, DerTag, derChildren, derElement, derOid, derText } from "./der.ts";

/** Attributes of names by object identifier, in the short form Windows prints. */
const SHORT: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "S",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "T",
  "2.5.4.13": "Description",
  "2.5.4.17": "PostalCode",
  "2.5.4.42": "G",
  "2.5.4.43": "I",
  "2.5.4.97": "organizationIdentifier",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "E",
};
/** Other tools' names of the same attributes, in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  st: "s",
  sp: "s",
  gn: "g",
  surname: "sn",
  title: "t",
  emailaddress: "e",
  email: "e",
  commonname: "cn",
  countryname: "c",
  localityname: "l",
  stateorprovincename: "s",
  organizationname: "o",
  organizationalunitname: "ou",
  domaincomponent: "dc",
  givenname: "g",
  streetaddress: "street",
  "pkcs-9-at-emailaddress": "e",
};
const MAX_ATTRIBUTES = 64;
const MAX_VALUE = 1024;

/** One attribute of a name: `CN`, or its object identifier, and the value. */
export type NameAttribute = readonly [attribute: string, value: string];

/** The attributes of a Name (RFC 5280 section 4.1.2.4) in the order encoded, most general first; null where the bytes are none. */
export function decodeName(bytes: Uint8Array, at: number, end: number): NameAttribute[] | null {
  const name = derElement(bytes, at, end);
  if (name?.tag !== DerTag.sequence) return null;
  const sets = derChildren(bytes, name, MAX_ATTRIBUTES);
  if (sets.some(({ tag }) => tag !== DerTag.set)) return null;
  return sets.flatMap((set) => derChildren(bytes, set, MAX_ATTRIBUTES)).flatMap((pair) => attribute(bytes, pair) ?? []);
}

function attribute(bytes: Uint8Array, pair: DerElement): [NameAttribute] | null {
  const [type, value] = derChildren(bytes, pair, 2);
  if (type?.tag !== DerTag.oid || !value) return null;
  const oid = derOid(bytes, type);
  const text = derText(bytes, { ...value, end: Math.min(value.end, value.start + MAX_VALUE) });
  return [[SHORT[oid] ?? oid, text.replace(/[\x00-\x1f\x7f]/g, " ")]];
}

/** `CN=www.contoso.com, O=Contoso, C=US`, most particular first, as Windows and RFC 4514 write it. */
export function nameText(attributes: readonly NameAttribute[]): string {
  return attributes
    .toReversed()
    .map(([type, value]) => `${type}=${/[,+"=\n#<>;]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value}`)
    .join(", ");
}

/** Values of one attribute, `CN`. */
export function nameValues(attributes: readonly NameAttribute[], type: string): string[] {
  return attributes.flatMap(([own, value]) => (own === type ? [value] : []));
}

const PAIR =
  /\s*(?<type>[A-Za-z][A-Za-z0-9-]{0,40}|\d{1,9}(?:\.\d{1,9}){2,12})\s*=\s*(?<value>"(?:[^"]|"")*"|(?:\\.|[^,+;\\/]|[,+;/](?!\s*(?:[A-Za-z][A-Za-z0-9-]{0,40}|\d{1,9}(?:\.\d{1,9}){2,12})\s*=))*)/gu;

/** The attributes of a name as some tool printed it, in the order written: Windows, OpenSSL old (`/C=US/CN=x`) and new, Wireshark. Empty where the text is none. */
export function parseName(text: string): NameAttribute[] {
  if (text.length > 4096) return [];
  const found: NameAttribute[] = [];
  for (const { groups } of text.matchAll(PAIR)) {
    if (found.length >= MAX_ATTRIBUTES) break;
    const raw = groups!.value!.trim();
    const value = raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw.replace(/\\([0-9A-Fa-f]{2}|.)/g, unescaped);
    found.push([groups!.type!, value]);
  }
  return found;
}

function unescaped(whole: string, escaped: string): string {
  return escaped.length === 2 ? whole : escaped;
}

/**
 * A key by which two spellings of one name are equal: attributes under one name each, without case and doubled blanks (as RFC 5280
 * section 7.1 compares), and in no order, for tools print them from either end.
 */
export function nameKey(attributes: readonly NameAttribute[]): string {
  return attributes
    .map(([type, value]) => {
      const plain = type.toLowerCase().replace(/^(?:id-at-|oid\.)/, "");
      return `${SHORT[plain]?.toLowerCase() ?? ALIASES[plain] ?? plain}=${value.trim().replace(/\s+/g, " ").toLowerCase()}`;
    })
    .sort()
    .join("\n");
}
