import type { ByteSource } from "../../bytes/byte-source.ts";
import { ChunkReader } from "../../bytes/chunk-reader.ts";
import { u32 } from "../../bytes/endian.ts";

/** Entries read; a machine has fewer processes. */
const MAX_PROCESSES = 65_536;
/** Longest path of Windows, 32,767 characters. */
const MAX_PATH_BYTES = 65_536;
/** Icons are a few kilobytes; whole tables with them stay far below this. */
const MAX_TABLE_BYTES = 256 << 20;
const CHUNK = 64 << 10;
/** Ports, address family and addresses behind the process id. */
const CONNECTION_BYTES = 44;

/** The processes of a capture: ids in the order packets refer to them, and their names. */
export interface NetmonProcesses {
  readonly ids: readonly number[];
  readonly names: Readonly<Record<number, string>>;
}

/** The process table of version 2.2 and later; what is damaged ends it. */
export async function readNetmonProcesses(source: ByteSource, offset: number, count: number): Promise<NetmonProcesses> {
  const ids: number[] = [];
  const names: Record<number, string> = {};
  // Two bytes of version precede the entries.
  const reader = new ChunkReader(source, offset + 2, CHUNK);
  while (ids.length < Math.min(count, MAX_PROCESSES) && reader.offset - offset < MAX_TABLE_BYTES) {
    if (!(await reader.fill(4))) break;
    const path = u32(reader.bytes, reader.at, false);
    if (path > MAX_PATH_BYTES || !(await reader.fill(8 + path))) break;
    const name = processName(reader.bytes, reader.at + 4, path);
    const icon = u32(reader.bytes, reader.at + 4 + path, false);
    reader.seek(reader.offset + 8 + path + icon);
    if (!(await reader.fill(4 + CONNECTION_BYTES))) break;
    const id = u32(reader.bytes, reader.at, false);
    ids.push(id);
    if (name !== "") names[id] = name;
    reader.at += 4 + CONNECTION_BYTES;
  }
  return { ids, names };
}

/** `svchost.exe` of the UTF-16 path at `at`. */
function processName(bytes: Uint8Array, at: number, length: number): string {
  const path = new TextDecoder("utf-16le").decode(bytes.subarray(at, at + length)).split("\0")[0]!;
  return path.slice(path.lastIndexOf("\\") + 1);
}
