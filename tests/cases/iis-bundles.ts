import type { CapturedFrame } from "../support/capture-writer.ts";
import { certificate, derName, pem } from "../support/der-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";
import { type TlsSessionFields, tlsSession } from "../support/tls-script.ts";
import { VERSION } from "../support/tls-writer.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;
type WriteFile = (path: string, bytes: Uint8Array | string) => void;

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
/** Bytes of names Schannel sends at most. */
const LIMIT = 16 * 1024;
const SUBJECTS = ["Trust Services", "Certificate Authority", "Public Primary Certification Authority", "Root Networks", "Time Stamping CA"];

/** Names of authorities until the next one would not fit, after those that stand first. */
function authorities(first: readonly string[] = [], limit = LIMIT): string[] {
  const names = [...first];
  const size = (name: string) => 2 + derName(name).length;
  let left = limit - names.reduce((sum, name) => sum + size(name), 0);
  for (let n = 0; ; n++) {
    const name = `CN=Adatum ${SUBJECTS[n % SUBJECTS.length]} G${n}, OU=For authorized use only, O=Adatum ${n % 7} Corporation, C=US`;
    left -= size(name);
    if (left < 0) return names;
    names.push(name);
  }
}

interface Site {
  readonly client: string;
  readonly server: string;
  readonly issuer: string;
}

/** What a browser and a site that asks for a certificate at once send each other, twice. */
function framesOf({ client, server, issuer }: Site, fields: Partial<TlsSessionFields>): CapturedFrame[] {
  const own = certificate({ subject: "CN=iis.contoso.com, O=Contoso, C=US", issuer, dnsNames: ["iis.contoso.com"], usages: [SERVER_AUTH] });
  const taps = new TwoTaps({ oneWay: 0.0015 });
  healthySession(taps, `${client}:49600`, "198.51.100.80:80", 0);
  for (const n of [0, 1])
    tlsSession(taps, { chain: [own], ...fields, client: `${client}:${49_685 + n}`, server: `${server}:443`, start: 2 + 3 * n });
  return taps.frames("client");
}

const LAB: Site = { client: "10.10.10.16", server: "10.10.10.15", issuer: "CN=Contoso Root CA, DC=contoso, DC=com" };
const OTHER: Site = { client: "192.0.2.81", server: "203.0.113.81", issuer: "CN=Fabrikam Users CA 2, O=Fabrikam, C=DE" };

/** Bundles of tests/cases/iis-client-certificate-ca-list-truncated; logs and listings beside the captures are written by hand. */
export function iisBundles(write: Write, writeFile: WriteFile): void {
  const folder = (name: string) => `cases/iis-client-certificate-ca-list-truncated/${name}/bundle`;
  const version = VERSION.tls10;
  write(`${folder("article")}/iis.pcap`, framesOf(LAB, { version, authorities: authorities() }));
  write(`${folder("generated")}/client.pcapng`, framesOf(OTHER, { authorities: authorities() }));
  const user = certificate({
    subject: "CN=Erika Muster, OU=Vertrieb, O=Fabrikam, C=DE",
    issuer: OTHER.issuer,
    serial: 0x51a7,
    usages: [CLIENT_AUTH],
  });
  writeFile(`${folder("generated")}/user.pem`, pem("CERTIFICATE", user));
  writeFile(`${folder("generated")}/issuer.cer`, certificate({ subject: OTHER.issuer, issuer: OTHER.issuer, ca: true }));
  write(`${folder("short-list")}/iis.pcap`, framesOf(LAB, { version, authorities: authorities([], 2100) }));
  write(`${folder("issuer-listed")}/iis.pcap`, framesOf(LAB, { version, authorities: authorities([LAB.issuer]) }));
  const root = "CN=Fabrikam Root, O=Fabrikam, C=DE";
  write(`${folder("root-listed")}/client.pcapng`, framesOf(OTHER, { authorities: authorities([root]) }));
  writeFile(`${folder("root-listed")}/user.cer`, user);
  writeFile(`${folder("root-listed")}/issuing-ca.cer`, certificate({ subject: OTHER.issuer, issuer: root, ca: true }));
  for (const name of ["issuer-untrusted", "no-client-certificate", "no-log", "no-substatus", "other-status"])
    write(`${folder(name)}/iis.pcap`, framesOf(LAB, { version, authorities: authorities() }));
  write(`${folder("request-encrypted")}/iis.pcap`, framesOf(LAB, { version }));
}
