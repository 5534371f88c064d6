import type { TlsAlert } from "./tls-alert.ts";
import { type CertificateRequest, decodeCertificateRequest, decodeCertificates } from "./tls-certificates.ts";
import { type ClientHello, decodeClientHello, decodeServerHello, hexText, type ServerHello, ticketKey } from "./tls-hello.ts";
import type { Sslv2Hello } from "./tls-record.ts";
import { decodeX509, type X509Certificate } from "./x509.ts";

/** Types of handshake messages, RFC 8446 section 4 and RFC 5246 section 7.4. */
export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  certificateStatus: 22,
} as const;

export type TlsEnd = "client" | "server";

/** Where something was seen. */
export interface Moment {
  readonly frame: number;
  /** Nanoseconds since the Unix epoch; null where the capture does not know it. */
  readonly time: bigint | null;
}

const messageKey = (end: TlsEnd, type: number): number => (end === "client" ? type : type + 256);

/** What the messages of one handshake say, gathered one by one. What was not seen stays null or empty. */
export class TlsSession {
  readonly began: Moment;
  clientHello: ClientHello | null = null;
  /** The client's hello had the form of SSL 2.0. */
  sslv2 = false;
  serverHello: ServerHello | null = null;
  readonly chains: Record<TlsEnd, X509Certificate[]> = { client: [], server: [] };
  request: CertificateRequest | null = null;
  /** First 8 bytes of the encrypted premaster secret in hexadecimal: what an `RSA` line of a key log names. */
  premaster: string | null = null;
  /** Both ends of the ticket the client offered or the server issued, in hexadecimal. */
  readonly tickets: { offered: string | null; issued: string | null } = { offered: null, issued: null };
  readonly encrypted: Record<TlsEnd, boolean> = { client: false, server: false };
  /** The first fatal alert, or else the first one. */
  alert: (TlsAlert & { readonly from: TlsEnd; readonly frame: number }) | null = null;
  /** An end sent application data. */
  readonly data: Record<TlsEnd, boolean> = { client: false, server: false };
  /** By end and type of message. */
  private readonly frames = new Map<number, number>();

  constructor(began: Moment) {
    this.began = began;
  }

  /** Frame in which a message of an end ended; null if none of that type was seen. */
  frameOf(end: TlsEnd, type: number): number | null {
    return this.frames.get(messageKey(end, type)) ?? null;
  }

  /** Takes note of a message; its body where there are bytes. */
  message(from: TlsEnd, type: number, frame: number, body: Uint8Array | null): void {
    const key = messageKey(from, type);
    if (!this.frames.has(key)) this.frames.set(key, frame);
    if (!body) return;
    if (from === "client") this.clientMessage(type, body);
    else this.serverMessage(type, body);
  }

  /** The hello of a client in the form of SSL 2.0: it has no random that a key log could name. */
  sslv2Hello({ version, cipherSuites }: Sslv2Hello, frame: number): void {
    this.sslv2 = true;
    this.message("client", HandshakeType.clientHello, frame, null);
    this.clientHello = { version, random: "", sessionId: "", cipherSuites, serverName: null, ticket: null };
  }

  private clientMessage(type: number, body: Uint8Array): void {
    if (type === HandshakeType.clientHello) {
      // After a HelloRetryRequest the client says hello once more, with the same random.
      this.clientHello ??= decodeClientHello(body);
      this.tickets.offered ??= this.clientHello?.ticket ?? null;
    } else if (type === HandshakeType.certificate) this.chain("client", body);
    else if (type === HandshakeType.clientKeyExchange) {
      // SSL 3.0 has no length in front of the encrypted secret.
      const prefixed = body.length > 2 && ((body[0]! << 8) | body[1]!) === body.length - 2;
      if (body.length >= 48) this.premaster = hexText(body.subarray(prefixed ? 2 : 0).subarray(0, 8));
    }
  }

  private serverMessage(type: number, body: Uint8Array): void {
    if (type === HandshakeType.serverHello) {
      const hello = decodeServerHello(body);
      if (hello && (!this.serverHello || this.serverHello.retry)) this.serverHello = hello;
    } else if (type === HandshakeType.certificate) this.chain("server", body);
    else if (type === HandshakeType.certificateRequest) this.request ??= decodeCertificateRequest(body);
    else if (type === HandshakeType.newSessionTicket && body.length > 6) this.tickets.issued = ticketKey(body.subarray(6));
  }

  private chain(from: TlsEnd, body: Uint8Array): void {
    if (this.chains[from].length > 0) return;
    for (const der of decodeCertificates(body) ?? []) {
      const decoded = decodeX509(der, 0, der.length);
      if (decoded) this.chains[from].push(decoded);
    }
  }

  noteAlert(from: TlsEnd, alert: TlsAlert, frame: number): void {
    if (this.alert === null || (alert.fatal && !this.alert.fatal)) this.alert = { ...alert, from, frame };
  }
}
