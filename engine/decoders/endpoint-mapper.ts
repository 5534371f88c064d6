import { ipv4Text, parseIpv4 } from "../bytes/address.ts";
import { uuidText } from "./uuid.ts";

/** The endpoint mapper's interface, C706 appendix O. */
export const ENDPOINT_MAPPER = "e1af8308-5d1f-11c9-91a4-08002b14a0fa";
/** `ept_map` of that interface. */
export const EPT_MAP = 3;
/** Network data representation of 64 bits, MS-RPCE section 2.2.5: pointers and counts take eight octets. */
export const NDR64 = "71710533-beba-4937-8319-b5dbef9ccc36";

/** The address of a tower that names none. */
export const ANY_ADDRESS = "0.0.0.0";

/** Towers that are read of one answer. */
const MAX_TOWERS = 100;
const MAX_FLOORS = 16;

/** Protocol identifiers of tower floors, C706 appendix I. */
const Floor = { tcp: 0x07, ip: 0x09, uuid: 0x0d } as const;

/** A protocol tower, C706 appendix L: how an interface can be reached. */
export interface Tower {
  /** The interface, from the first floor; null if that is none. */
  readonly interfaceUuid: string | null;
  /** TCP port of the fourth floor; null for another transport. */
  readonly tcpPort: number | null;
  /** Dotted decimal, from the fifth floor; null if it holds no IP address. */
  readonly ip: string | null;
}

/** What the endpoint mapper answers to ept_map. */
export interface EptMapAnswer {
  readonly towers: readonly Tower[];
  /** 0 for success, 0x16c9a0d6 EP_S_NOT_REGISTERED. */
  readonly status: number;
}

/** Reads one value after the other and aligns them; a value behind the end makes all `whole` claims false. */
class Cursor {
  at = 0;
  whole = true;
  private readonly bytes: Uint8Array;
  private readonly little: boolean;

  constructor(bytes: Uint8Array, little: boolean) {
    this.bytes = bytes;
    this.little = little;
  }

  u32(): number {
    this.at = (this.at + 3) & ~3;
    const { bytes, at } = this;
    this.at += 4;
    if (this.at > bytes.length) {
      this.whole = false;
      return 0;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
    return view.getUint32(0, this.little);
  }

  /** A count or a pointer: four octets, or eight of which the upper four are 0. */
  size(wide: boolean): number {
    if (!wide) return this.u32();
    this.at = (this.at + 7) & ~7;
    const [first, second] = [this.u32(), this.u32()];
    const [low, high] = this.little ? [first, second] : [second, first];
    // Referents of pointers may be any number, counts beyond 32 bits may not.
    return high === 0 ? low : 0xffffffff;
  }
}

/** The answer to ept_map (C706 appendix O) from the stub of a response, in the transfer syntax of 32 or (`wide`) 64 bits; null if it is none. */
export function decodeEptMapAnswer(stub: Uint8Array, little: boolean, wide: boolean): EptMapAnswer | null {
  const cursor = new Cursor(stub, little);
  // The entry handle: attributes and a UUID.
  cursor.at = 20;
  const count = cursor.u32();
  const [capacity, offset, actual] = [cursor.size(wide), cursor.size(wide), cursor.size(wide)];
  if (!cursor.whole || offset !== 0 || actual !== count || actual > capacity || actual > MAX_TOWERS) return null;
  const referents = Array.from({ length: actual }, () => cursor.size(wide));
  const towers: Tower[] = [];
  for (const referent of referents) {
    if (referent === 0) continue;
    const size = cursor.size(wide);
    const length = cursor.u32();
    if (!cursor.whole || size !== length || cursor.at + length > stub.length) return null;
    const tower = decodeTower(stub.subarray(cursor.at, cursor.at + length));
    if (!tower) return null;
    towers.push(tower);
    cursor.at += length;
  }
  const status = cursor.u32();
  return cursor.whole ? { towers, status } : null;
}

/** The octet string of a tower, whose numbers are always little-endian but for ports and addresses; null if its floors do not fit it. */
export function decodeTower(octets: Uint8Array): Tower | null {
  const word = (at: number) => (at + 2 <= octets.length ? octets[at]! | (octets[at + 1]! << 8) : 0xffff);
  const floors = word(0);
  if (floors > MAX_FLOORS) return null;
  let [interfaceUuid, tcpPort, ip]: [string | null, number | null, string | null] = [null, null, null];
  let at = 2;
  for (let floor = 0; floor < floors; floor++) {
    const leftLength = word(at);
    const left = at + 2;
    const rightLength = word(left + leftLength);
    const right = left + leftLength + 2;
    at = right + rightLength;
    if (leftLength === 0 || at > octets.length) return null;
    const protocol = octets[left];
    if (protocol === Floor.uuid && leftLength >= 17) interfaceUuid ??= uuidText(octets, left + 1);
    else if (protocol === Floor.tcp && rightLength === 2) tcpPort = (octets[right]! << 8) | octets[right + 1]!;
    else if (protocol === Floor.ip && rightLength === 4)
      ip = ipv4Text(((octets[right]! << 24) | (octets[right + 1]! << 16) | (octets[right + 2]! << 8) | octets[right + 3]!) >>> 0);
  }
  return { interfaceUuid, tcpPort, ip };
}

/** Whether none of the IPv4 addresses an answer names is the one that answered; null where that one is no IPv4 address. */
export function addressDiffers(answeredFrom: string, named: readonly string[]): boolean | null {
  const telling = named.filter((ip) => ip !== ANY_ADDRESS);
  if (telling.length === 0) return false;
  return parseIpv4(answeredFrom) === null ? null : !telling.includes(answeredFrom);
}
