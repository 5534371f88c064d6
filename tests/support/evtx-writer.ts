import { crc32 } from "../../engine/containers/crc32.ts";
import { BinXmlWriter, type Embedded, fileTimeOf, type TypedValue, value, type XmlNode } from "./binxml-writer.ts";

/** One event to write. */
export interface EvtxEvent {
  readonly id: number;
  readonly provider: string;
  readonly channel: string;
  readonly computer: string;
  /** ISO 8601 in UTC. */
  readonly time: string;
  /** 2 is error, 4 information. */
  readonly level?: number;
  readonly keywords?: bigint;
  /** EventRecordID; one more than the event's before if left out. */
  readonly recordId?: number;
  /** Insertion strings, `[name, value]` or a value without a name. */
  readonly data?: readonly (TypedValue | readonly [name: string, value: TypedValue])[];
  /** Bytes behind the insertion strings. */
  readonly binary?: TypedValue;
  /** Instead of `data`: the element below UserData. */
  readonly userData?: XmlNode;
  /** A forwarded event's message. */
  readonly message?: string;
}

export interface EvtxOptions {
  /** Records of one chunk; as many as fit if left out. */
  readonly perChunk?: number;
  /** The log as it is while the service has it open. */
  readonly dirty?: boolean;
}

const CHUNK = 0x10000;
const XMLNS = "http://schemas.microsoft.com/win/2004/08/events/event";

/** A Windows event log (.evtx) of these events, as the event log service lays it out. */
export function evtxFile(
  events: readonly EvtxEvent[],
  { perChunk = Number.POSITIVE_INFINITY, dirty = false }: EvtxOptions = {},
): Uint8Array {
  const chunks: Uint8Array[] = [];
  let recordId = 0;
  const numbered = events.map((event) => {
    recordId = event.recordId ?? recordId + 1;
    return { ...event, recordId };
  });
  for (let next = 0; next < numbered.length; ) {
    const { chunk, count } = writeChunk(numbered.slice(next, next + Math.min(perChunk, numbered.length)), next + 1);
    chunks.push(chunk);
    next += count;
  }
  const file = new Uint8Array(0x1000 + CHUNK * chunks.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("ElfFile\0"));
  view.setBigUint64(16, BigInt(Math.max(0, chunks.length - 1)), true);
  view.setBigUint64(24, BigInt(events.length + 1), true);
  view.setUint32(32, 128, true);
  for (const [at, number] of [
    [36, 1],
    [38, 3],
    [40, 0x1000],
    [42, chunks.length],
  ] as const)
    view.setUint16(at, number, true);
  view.setUint32(120, dirty ? 1 : 0, true);
  view.setUint32(124, crc32(file.subarray(0, 120)), true);
  for (const [k, chunk] of chunks.entries()) file.set(chunk, 0x1000 + CHUNK * k);
  return file;
}

function writeChunk(events: readonly EvtxEvent[], firstNumber: number): { chunk: Uint8Array; count: number } {
  // Room behind the chunk's end: what does not fit any more is taken back.
  const bytes = new Uint8Array(2 * CHUNK);
  const writer = new BinXmlWriter(bytes, 512);
  const view = new DataView(bytes.buffer);
  let [count, last, tables] = [0, 512, bytes.slice(128, 512)];
  for (const event of events) {
    const start = writer.at;
    writeRecord(writer, event, firstNumber + count);
    if (writer.at > CHUNK) {
      bytes.fill(0, start, writer.at);
      bytes.set(tables, 128);
      writer.at = start;
      break;
    }
    tables = bytes.slice(128, 512);
    last = start;
    count++;
  }
  if (count === 0) throw new Error("an event does not fit into a chunk");
  bytes.set(new TextEncoder().encode("ElfChnk\0"));
  for (const [at, number] of [
    [8, firstNumber],
    [16, firstNumber + count - 1],
    [24, firstNumber],
    [32, firstNumber + count - 1],
  ] as const)
    view.setBigUint64(at, BigInt(number), true);
  view.setUint32(40, 128, true);
  view.setUint32(44, last, true);
  view.setUint32(48, writer.at, true);
  sealChunk(bytes.subarray(0, CHUNK));
  return { chunk: bytes.slice(0, CHUNK), count };
}

/** Sets the checksums of a chunk to what its bytes give. */
export function sealChunk(chunk: Uint8Array): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  view.setUint32(52, crc32(chunk.subarray(512, view.getUint32(48, true))), true);
  view.setUint32(124, crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), true);
}

function writeRecord(writer: BinXmlWriter, event: EvtxEvent, number: number): void {
  const start = writer.at;
  writer.u32(0x00002a2a);
  writer.u32(0);
  writer.u64(BigInt(number));
  writer.u64(fileTimeOf(event.time));
  writer.fragment(eventNode(event));
  // Records begin at multiples of eight bytes.
  writer.at += (8 - ((writer.at + 4) % 8)) % 8;
  const size = writer.at + 4 - start;
  writer.u32(size);
  new DataView(writer.bytes.buffer).setUint32(start + 4, size, true);
}

function eventNode(event: EvtxEvent): XmlNode {
  const { id, provider, channel, computer, time, level = 4, keywords = 0x8080000000000000n, recordId = 0, message } = event;
  const leaf = (name: string, content: string | TypedValue): XmlNode => ({ name, content: [content] });
  const system: XmlNode = {
    name: "System",
    content: [
      { name: "Provider", attributes: [["Name", provider]] },
      { name: "EventID", attributes: [["Qualifiers", value.uint16(0)]], content: [value.uint16(id)] },
      leaf("Version", value.uint8(0)),
      leaf("Level", value.uint8(level)),
      leaf("Task", value.uint16(0)),
      leaf("Opcode", value.uint8(0)),
      leaf("Keywords", value.hexInt64(keywords)),
      { name: "TimeCreated", attributes: [["SystemTime", value.fileTime(time)]] },
      leaf("EventRecordID", value.uint64(BigInt(recordId))),
      { name: "Correlation" },
      {
        name: "Execution",
        attributes: [
          ["ProcessID", value.uint32(500)],
          ["ThreadID", value.uint32(3120)],
        ],
      },
      leaf("Channel", channel),
      leaf("Computer", value.string(computer)),
      { name: "Security", attributes: [["UserID", value.none()]] },
    ],
  };
  const rendering: XmlNode[] =
    message === undefined
      ? []
      : [
          {
            name: "RenderingInfo",
            attributes: [["Culture", "en-US"]],
            content: [leaf("Message", value.string(message)), leaf("Level", value.string("Error"))],
          },
        ];
  return { name: "Event", attributes: [["xmlns", XMLNS]], content: [system, ...bodyOf(event), ...rendering] };
}

function bodyOf({ data, binary, userData }: EvtxEvent): Embedded[] {
  if (userData) return [{ fragment: { name: "UserData", content: [userData] } }];
  if (!data) return [];
  const content = data.map(
    (one): XmlNode =>
      "type" in one ? { name: "Data", content: [one] } : { name: "Data", attributes: [["Name", one[0]]], content: [one[1]] },
  );
  return [{ fragment: { name: "EventData", content: [...content, ...(binary ? [{ name: "Binary", content: [binary] }] : [])] } }];
}
