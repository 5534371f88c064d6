import { ipv4Text } from "../bytes/address.ts";

/** ARP packet, RFC 826. */
export interface ArpPacket {
  readonly hardwareType: number;
  /** EtherType of the protocol addresses. */
  readonly protocolType: number;
  /** 1 request, 2 reply; others exist. */
  readonly operation: number;
  /** `00:11:22:33:44:55`; null unless hardware addresses have six bytes. */
  readonly senderMac: string | null;
  /** Dotted decimal; null unless protocol addresses are IPv4. */
  readonly senderIp: string | null;
  readonly targetMac: string | null;
  readonly targetIp: string | null;
}

/** The ARP packet at `at`, or null if it was cut off before `end`. */
export function decodeArp(bytes: Uint8Array, at: number, end: number): ArpPacket | null {
  if (end - at < 8) return null;
  const word = (offset: number) => (bytes[at + offset]! << 8) | bytes[at + offset + 1]!;
  const [hardwareLength, protocolLength] = [bytes[at + 4]!, bytes[at + 5]!];
  if (end - at < 8 + 2 * (hardwareLength + protocolLength)) return null;
  const protocolType = word(2);
  const mac = (from: number) => (hardwareLength === 6 ? macText(bytes, from) : null);
  const ip = (from: number) => (protocolLength === 4 && protocolType === 0x0800 ? addressText(bytes, from) : null);
  const sender = at + 8;
  const target = sender + hardwareLength + protocolLength;
  return {
    hardwareType: word(0),
    protocolType,
    operation: word(6),
    senderMac: mac(sender),
    senderIp: ip(sender + hardwareLength),
    targetMac: mac(target),
    targetIp: ip(target + hardwareLength),
  };
}

const HEXADECIMAL: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** `00:11:22:33:44:55` of the six bytes at `at`. */
export function macText(bytes: Uint8Array, at: number): string {
  let text = HEXADECIMAL[bytes[at]!]!;
  for (let offset = 1; offset < 6; offset++) text += `:${HEXADECIMAL[bytes[at + offset]!]!}`;
  return text;
}

function addressText(bytes: Uint8Array, at: number): string {
  return ipv4Text(((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0);
}
