import { concat, hex, u8, u16, u32 } from "./frame-writer.ts";

/** One attribute: type and value; padded to four bytes. */
type Attribute = readonly [type: number, value: Uint8Array];

/** A STUN message, RFC 8489 section 5. `transaction`: 16 bytes, hexadecimal, the cookie included where there is one. */
export function stunMessage(type: number, transaction: string, attributes: readonly Attribute[] = []): Uint8Array {
  const body = concat(...attributes.map(([kind, value]) => concat(u16(kind, value.length), value, new Uint8Array(-value.length & 3))));
  return concat(u16(type, body.length), hex(transaction), body);
}

/** What every message of [MS-TURN] begins with. */
export const MS_COOKIE: Attribute = [0x000f, u32(0x72c64bc6)];

/** ERROR-CODE, RFC 8489 section 14.8. */
export function errorCode(code: number, reason: string): Attribute {
  return [0x0009, concat(u16(0), u8(Math.floor(code / 100), code % 100), new TextEncoder().encode(reason))];
}

/** MAPPED-ADDRESS and its kind, plain: RFC 8489 section 14.1. */
export function plainAddress(type: number, ip: string, port: number): Attribute {
  return [type, concat(u8(0, 1), u16(port), u8(...ip.split(".").map(Number)))];
}

/** XOR-MAPPED-ADDRESS and its kind with IPv4: RFC 8489 section 14.2. */
export function xorAddress(type: number, ip: string, port: number): Attribute {
  const cookie = [0x21, 0x12, 0xa4, 0x42];
  return [type, concat(u8(0, 1), u16(port ^ 0x2112), u8(...ip.split(".").map((part, i) => Number(part) ^ cookie[i]!)))];
}

/** An Allocate request as Lync's clients send it: cookie, version, user name, bandwidth. */
export function lyncAllocate(transaction: string): Uint8Array {
  const user = hex("0200002479b7952d01cea86e4e3d762264aac7b62bb878deee8ac08884491b7c00000000828b7375dd0cae6695edef56d04b547ca4bdfa98");
  return stunMessage(0x0003, transaction, [MS_COOKIE, [0x8008, u32(4)], [0x0006, user], [0x0010, u32(200)]]);
}

/** How a relay answers a request without credentials; the reason is its own wording. */
export function lyncError(transaction: string, code: number, reason: string): Uint8Array {
  return stunMessage(0x0113, transaction, [MS_COOKIE, [0x8008, u32(4)], errorCode(code, reason)]);
}

/** What a relay answers once it has credentials: the relay's address as MAPPED-ADDRESS, the client's as [MS-TURN]'s XOR-MAPPED-ADDRESS. */
export function lyncAllocated(transaction: string, relay: readonly [string, number], mapped: readonly [string, number]): Uint8Array {
  return stunMessage(0x0103, transaction, [MS_COOKIE, plainAddress(0x0001, ...relay), xorAddress(0x8020, ...mapped)]);
}
