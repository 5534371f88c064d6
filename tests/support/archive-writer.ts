import { deflateSync } from "fflate";
import { crc32 } from "../../engine/containers/crc32.ts";

export const text = (content: string) => new TextEncoder().encode(content);

export function bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Little-endian fields, each a value and its width in bytes. */
function fields(...values: readonly (readonly [number, 2 | 4 | 8])[]): Uint8Array {
  return bytes(
    ...values.map(([value, width]) => {
      const field = new Uint8Array(8);
      new DataView(field.buffer).setBigUint64(0, BigInt(value), true);
      return field.subarray(0, width);
    }),
  );
}

/** An entry of a zip archive; whatever is given beside name and data is written as it is, however wrong. */
export interface ZipMember {
  readonly name: string | Uint8Array;
  readonly data?: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  /** What is stored, if not `data` compressed by `method`. */
  readonly packed?: Uint8Array;
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly mode?: number;
  /** Put the sizes in a data descriptor behind the data. */
  readonly descriptor?: boolean;
  /** Put sizes and offset in the zip64 extra field. */
  readonly zip64?: boolean;
  /** Offset of the local header the directory states. */
  readonly at?: number;
}

export interface ZipOptions {
  readonly prefix?: Uint8Array;
  readonly comment?: string;
  /** Leave out the central directory and the end record. */
  readonly bare?: boolean;
  readonly zip64?: boolean;
  readonly count?: number;
}

/** A zip archive after APPNOTE.TXT, written for these tests so that it can be written wrong. */
export function zipOf(members: readonly ZipMember[], options: ZipOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  const put = (part: Uint8Array) => {
    parts.push(part);
    position += part.length;
  };
  for (const member of members) {
    const at = member.at ?? position;
    const name = typeof member.name === "string" ? text(member.name) : member.name;
    const data = member.data ?? new Uint8Array(0);
    const method = member.method ?? 8;
    const packed = member.packed ?? (method === 8 ? deflateSync(data) : data);
    const [crc, size, compressedSize] = [member.crc ?? crc32(data), member.size ?? data.length, member.compressedSize ?? packed.length];
    const flags = (member.flags ?? 0) | (member.descriptor ? 8 : 0);
    const hidden = member.descriptor ? [0, 0, 0] : [crc, compressedSize, size];
    put(
      bytes(
        fields(
          [0x04034b50, 4],
          [20, 2],
          [flags, 2],
          [method, 2],
          [0, 4],
          [hidden[0]!, 4],
          [hidden[1]!, 4],
          [hidden[2]!, 4],
          [name.length, 2],
          [0, 2],
        ),
        name,
        packed,
      ),
    );
    if (member.descriptor) put(fields([0x08074b50, 4], [crc, 4], [compressedSize, 4], [size, 4]));
    const extra = member.zip64 ? fields([1, 2], [24, 2], [size, 8], [compressedSize, 8], [at, 8]) : new Uint8Array(0);
    const [size32, compressed32, at32] = member.zip64 ? [0xffffffff, 0xffffffff, 0xffffffff] : [size, compressedSize, at];
    const head = fields(
      [0x02014b50, 4],
      [0x0314, 2],
      [20, 2],
      [flags, 2],
      [method, 2],
      [0, 4],
      [crc, 4],
      [compressed32, 4],
      [size32, 4],
      [name.length, 2],
      [extra.length, 2],
    );
    directory.push(bytes(head, fields([0, 2], [0, 2], [0, 2], [(member.mode ?? 0) * 0x10000, 4], [at32, 4]), name, extra));
  }
  const prefix = options.prefix ?? new Uint8Array(0);
  if (options.bare) return bytes(prefix, ...parts);
  const start = position;
  for (const header of directory) put(header);
  const [count, length] = [options.count ?? members.length, position - start];
  if (options.zip64) {
    const end64 = position;
    put(fields([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [length, 8], [start, 8]));
    put(fields([0x07064b50, 4], [0, 4], [end64, 8], [1, 4]));
  }
  const [count16, length32, start32] = options.zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count, length, start];
  const comment = text(options.comment ?? "");
  put(
    bytes(fields([0x06054b50, 4], [0, 2], [0, 2], [count16, 2], [count16, 2], [length32, 4], [start32, 4], [comment.length, 2]), comment),
  );
  return bytes(prefix, ...parts);
}

export interface TarMember {
  readonly name: string;
  readonly data?: Uint8Array;
  readonly type?: string;
  readonly prefix?: string;
  /** Size the header states, if not that of the data. */
  readonly size?: number;
  /** Size as base-256, as GNU tar writes it from 8 GiB on. */
  readonly binarySize?: boolean;
  readonly magic?: string;
}

/** One member: header block and padded data, POSIX ustar. */
export function tarMember(member: TarMember): Uint8Array {
  const data = member.data ?? new Uint8Array(0);
  const block = new Uint8Array(512);
  const put = (content: string, at: number) => block.set(text(content), at);
  put(member.name, 0);
  put("0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  const size = member.size ?? data.length;
  if (member.binarySize) {
    block[124] = 0x80;
    new DataView(block.buffer).setBigUint64(128, BigInt(size));
  } else put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put(" ".repeat(8), 148);
  put(member.type ?? "0", 156);
  put(member.magic ?? "ustar\u000000", 257);
  put(member.prefix ?? "", 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes(block, data, new Uint8Array((512 - (data.length % 512)) % 512));
}

export function tarOf(members: readonly TarMember[]): Uint8Array {
  return bytes(...members.map(tarMember), new Uint8Array(1024));
}

/** A pax extended header for the next member. */
export function paxHeader(records: Readonly<Record<string, string>>): TarMember {
  const lines = Object.entries(records).map(([keyword, value]) => {
    const rest = text(` ${keyword}=${value}\n`).length;
    let length = rest + String(rest).length;
    if (String(length).length + rest !== length) length++;
    return `${length} ${keyword}=${value}\n`;
  });
  return { name: "PaxHeaders/x", type: "x", data: text(lines.join("")) };
}
