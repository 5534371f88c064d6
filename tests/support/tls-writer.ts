import { concat, u8 } from "./capture-writer.ts";
import { ascii, derName, noise } from "./der-writer.ts";

/** Writes TLS records and handshake messages up to TLS 1.3, RFC 5246 and RFC 8446; randoms and keys are made up, always the same bytes. */
const be = (size: number, value: number): Uint8Array => Uint8Array.from({ length: size }, (_, k) => (value / 256 ** (size - 1 - k)) & 0xff);
const sized = (size: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const contents = concat(...parts);
  return concat(be(size, contents.length), contents);
};
const words = (...values: readonly number[]): Uint8Array => concat(...values.map((value) => be(2, value)));

export const SUITE = { rsa: 0x002f, rsaGcm: 0x009c, dhe: 0x0033, ecdhe: 0xc02f, tls13: 0x1301, null: 0x0002 } as const;
export const VERSION = { ssl3: 0x0300, tls10: 0x0301, tls11: 0x0302, tls12: 0x0303, tls13: 0x0304 } as const;
const MAX_FRAGMENT = 16_384;

/** Records of one content type with these bytes, split where one record is too short. */
export function records(type: number, bytes: Uint8Array, version: number = VERSION.tls12, most = MAX_FRAGMENT): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) parts.push(u8(type), be(2, version), sized(2, bytes.subarray(at, at + most)));
  return concat(...parts);
}

export const handshake = (type: number, ...body: readonly Uint8Array[]): Uint8Array => concat(u8(type), sized(3, ...body));
export const random = (session: string, end: "client" | "server"): Uint8Array => noise(32, `${end} random of ${session}`);
const extension = (type: number, ...body: readonly Uint8Array[]): Uint8Array => concat(be(2, type), sized(2, ...body));

export interface HelloFields {
  /** Names the handshake: the same text gives the same randoms. */
  session: string;
  version?: number;
  serverName?: string;
  suites?: readonly number[];
  sessionId?: Uint8Array;
  ticket?: Uint8Array;
}

export function clientHello({
  session,
  version = VERSION.tls12,
  serverName,
  suites = [SUITE.ecdhe, SUITE.rsa],
  sessionId,
  ticket,
}: HelloFields): Uint8Array {
  const extensions = [
    ...(serverName === undefined ? [] : [extension(0, sized(2, u8(0), sized(2, ascii(serverName))))]),
    ...(ticket === undefined ? [] : [extension(35, ticket)]),
    ...(version === VERSION.tls13 ? [extension(43, sized(1, words(0x7a7a, VERSION.tls13, VERSION.tls12)))] : []),
  ];
  const head = concat(be(2, Math.min(version, VERSION.tls12)), random(session, "client"), sized(1, sessionId ?? u8()));
  return handshake(1, head, sized(2, words(...suites)), sized(1, u8(0)), ...(extensions.length > 0 ? [sized(2, ...extensions)] : []));
}

export function serverHello({
  session,
  version = VERSION.tls12,
  suite,
  sessionId,
}: {
  session: string;
  version?: number;
  suite: number;
  sessionId?: Uint8Array;
}): Uint8Array {
  const head = concat(be(2, Math.min(version, VERSION.tls12)), random(session, "server"), sized(1, sessionId ?? u8()));
  const extensions = version === VERSION.tls13 ? [sized(2, extension(43, be(2, version)))] : [];
  return handshake(2, head, be(2, suite), u8(0), ...extensions);
}

export const certificates = (...chain: readonly Uint8Array[]): Uint8Array => handshake(11, sized(3, ...chain.map((one) => sized(3, one))));
export const serverKeyExchange = (session: string): Uint8Array => handshake(12, noise(333, `key exchange of ${session}`));
export const serverHelloDone = (): Uint8Array => handshake(14);
/** The premaster secret under a key of 1024 bits, or the 65 bytes of an ephemeral curve point. */
export const clientKeyExchange = (session: string, ephemeral = false): Uint8Array =>
  ephemeral ? handshake(16, sized(1, noise(65, `point of ${session}`))) : handshake(16, sized(2, noise(128, `secret of ${session}`)));
export const newSessionTicket = (ticket: Uint8Array): Uint8Array => handshake(4, be(4, 7200), sized(2, ticket));

/** CertificateRequest that accepts certificates of these issuers; TLS 1.2 adds signature algorithms. */
export function certificateRequest(names: readonly string[], version: number = VERSION.tls12): Uint8Array {
  const algorithms = version >= VERSION.tls12 ? [sized(2, words(0x0401, 0x0201))] : [];
  return handshake(13, sized(1, u8(1)), ...algorithms, sized(2, ...names.map((name) => sized(2, derName(name)))));
}

export const changeCipherSpec = (version: number = VERSION.tls12): Uint8Array => records(20, u8(1), version);
export const alert = (fatal: boolean, description: number, version: number = VERSION.tls12): Uint8Array =>
  records(21, u8(fatal ? 2 : 1, description), version);
/** An encrypted Finished message. */
export const finished = (session: string, version: number = VERSION.tls12): Uint8Array =>
  records(22, noise(40, `finished of ${session}`), version);
export const applicationData = (length: number, seed: string, version: number = VERSION.tls12): Uint8Array =>
  records(23, noise(length, seed), version);
