import { alertNamed } from "../../decoders/tls-alert.ts";
import { HandshakeType as Type } from "../../decoders/tls-session.ts";

/** Rows of one list that are remembered for their TLS messages. */
const MAX_ROWS = 1_000_000;

/** What one row of a packet list says of TLS. */
export interface TlsRow {
  readonly frame: number;
  /** Handshake messages, by `HandshakeType`. */
  readonly messages: readonly number[];
  readonly changesCipher: boolean;
  readonly data: boolean;
  /** A message may hide in it: it was not put together, or not understood. */
  readonly partial: boolean;
  /** `TLS 1.2`; null where the list does not say. */
  readonly version: string | null;
  readonly serverName: string | null;
  readonly alert: { readonly name: string; readonly fatal: boolean } | null;
}

/** Names of messages as Wireshark and Network Monitor print them. */
const MESSAGES: readonly (readonly [RegExp, number])[] = [
  [/\bHello Request\b/, Type.helloRequest],
  [/\bClient Hello\b/, Type.clientHello],
  [/\b(?:Server Hello(?! ?Done)|Hello Retry Request)\b/, Type.serverHello],
  [/\bNew Session Ticket\b/, Type.newSessionTicket],
  [/\bCertificate\b(?! (?:Request|Verify|Status|URL)\b)/, Type.certificate],
  [/\bServer Key Exchange\b/, Type.serverKeyExchange],
  [/\bCertificate Request\b/, Type.certificateRequest],
  [/\bServer Hello ?Done\b/, Type.serverHelloDone],
  [/\bCertificate Verify\b/, Type.certificateVerify],
  [/\bClient Key Exchange\b/, Type.clientKeyExchange],
];
const CHANGE = /\bChange Cipher Spec\b|\bCipher Change Spec\b/;
const DATA = /\bApplication Data\b/;
const PARTIAL = /Unreassembled|Ignored Unknown Record|Continuation|\bfragment\b/i;
const ALERT = /\bAlert \(Level: (Fatal|Warning), Description: ([\w ]{2,40})\)/;
const NAME = /\bClient Hello \(SNI=([\w.*-]{1,255})\)/;
/** Wireshark's Protocol column; Network Monitor says TLS or SSL. */
const PROTOCOL = /^(?:TLS(?:v1(?:\.[0-3])?)?|SSL(?:v[23])?)$/;
const VERSIONS: Readonly<Record<string, string>> = {
  SSLv2: "SSL 2.0",
  SSLv3: "SSL 3.0",
  TLSv1: "TLS 1.0",
  "TLSv1.0": "TLS 1.0",
  "TLSv1.1": "TLS 1.1",
  "TLSv1.2": "TLS 1.2",
  "TLSv1.3": "TLS 1.3",
};

/** Takes note of a row whose protocol is TLS. */
export function noteTls(rows: TlsRow[], frame: number, protocol: string, text: string): void {
  if (!PROTOCOL.test(protocol) || rows.length >= MAX_ROWS) return;
  const alert = ALERT.exec(text);
  const name = alert ? alertNamed(alert[2]!) : null;
  rows.push({
    frame,
    messages: MESSAGES.flatMap(([shape, type]) => (shape.test(text) ? [type] : [])),
    changesCipher: CHANGE.test(text),
    data: DATA.test(text),
    partial: PARTIAL.test(text),
    version: VERSIONS[protocol] ?? null,
    serverName: NAME.exec(text)?.[1]?.toLowerCase() ?? null,
    alert: name === null ? null : { name, fatal: alert![1] === "Fatal" },
  });
}
