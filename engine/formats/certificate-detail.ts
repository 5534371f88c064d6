import type { Emit, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 4000;
/** The line of Wireshark's packet details for a certificate a TLS end presents: its bytes, cut short, and its subject in brackets. */
const LINE = /\bCertificate(?::\s*[\da-f]{6,}\S{0,12})?\s*\((?<subject>(?:id-at-|pkcs-9-at-)[A-Za-z]+=.{1,1000}?)\)(?:\s|$)/;
const PART = /(?:^|,)(?:id-at-|pkcs-9-at-)(?<type>[A-Za-z]+)=(?<value>.*?)(?=,(?:id-at-|pkcs-9-at-)[A-Za-z]+=|$)/g;
const TYPES: Readonly<Record<string, string>> = {
  commonName: "CN",
  organizationName: "O",
  organizationalUnitName: "OU",
  countryName: "C",
  stateOrProvinceName: "ST",
  localityName: "L",
  emailAddress: "E",
};
/** Lines between two certificates of one chain, whose details may stand between them. */
const REACH = 60;

/**
 * Certificates in packet details that Wireshark printed or somebody copied from it: the subject alone. The first of several near each
 * other is the end's own.
 *
 *     Certificate: 3082... (id-at-commonName=Default Web Site)
 */
export const certificateDetail: TextFormat = {
  kind: "text",
  id: "certificate-detail",
  title: "certificate in Wireshark's packet details",
  unit: "line",
  tables: ["certificates"],
  detect: (lines) => lines.some((line) => line.length < MAX_LINE && LINE.test(line)),
  reader: (emit) => new CertificateDetailReader(emit),
};

class CertificateDetailReader implements TextReader {
  private readonly emit: Emit;
  private last = Number.NEGATIVE_INFINITY;
  private position = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    const written = text.length < MAX_LINE ? LINE.exec(text)?.groups?.subject : undefined;
    if (written === undefined) return;
    const parts = [...written.matchAll(PART)].map(({ groups }) => ({ type: TYPES[groups!.type!] ?? groups!.type!, value: groups!.value! }));
    this.position = number - this.last <= REACH ? this.position + 1 : 0;
    this.last = number;
    const common = parts.filter(({ type }) => type === "CN").map(({ value }) => value.toLowerCase());
    this.emit.row(
      "certificates",
      {
        seen_in: "tls_server",
        position: this.position,
        subject: parts.map(({ type, value }) => `${type}=${value}`).join(", "),
        names: common.length > 0 ? common : null,
      },
      number,
    );
  }

  end(): void {
    const why = "details of a few packets";
    if (this.last > 0) this.emit.coverage({ table: "certificates", host: null, side: null, from: null, to: null, complete: false, why });
  }
}
