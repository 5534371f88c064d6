import { u16, u32, u64 } from "../bytes/endian.ts";
import { compileFragment, type EventTemplate, type Leaf, type Part, type Place } from "./binxml-template.ts";
import { DEFINITION_HEADER, type InstanceHeader, instanceHeader, isInstance, pastHeader } from "./binxml-tokens.ts";
import { arrayTexts, BinXmlType, smallInteger, valueText } from "./binxml-value.ts";

/** One event as its BinXML holds it; null where it does not say. */
export interface DecodedEvent {
  provider: string | null;
  eventId: number | null;
  level: number | null;
  keywords: bigint | null;
  /** FILETIME: 100 ns ticks since 1601-01-01 UTC. */
  time: bigint | null;
  recordId: number | null;
  channel: string | null;
  computer: string | null;
  /** Rendered message; only forwarded events carry one. */
  message: string | null;
  /** Insertion strings in order. */
  data: string[] | null;
  /** What could not be read of it, in words; null if it was read whole. */
  damage: string | null;
}

/** Insertion strings kept of one event. */
export const MAX_DATA = 200;
/** Characters kept of one event's insertion strings. */
const MAX_TEXT = 128 * 1024;
/** Fragments within fragments; Windows nests two. */
const MAX_NESTING = 8;
/** Elements looked at for one event: a template may name the same fragment any number of times. */
const MAX_STEPS = 1000;
/** Bytes of template definitions read per chunk, in chunks: without overlap they fit into one, and each is read for at most two places. */
const DEFINITION_BUDGET = 4;

/** Values of one template instance: where each lies in the chunk, how long it is, and its type. */
interface Instance {
  count: number;
  at: Int32Array;
  size: Int32Array;
  type: Uint8Array;
}

const NO_VALUES: Instance = { count: 0, at: new Int32Array(), size: new Int32Array(), type: new Uint8Array() };

/**
 * Decodes the events of one chunk of an event log (MS-EVEN6 section 2.2.12). Offsets of names and template definitions count from the
 * chunk's first byte; a definition is read once and then only filled in.
 */
export class EventDecoder {
  private readonly bytes: Uint8Array;
  private readonly templates: Readonly<Record<Place, Map<number, EventTemplate>>> = { root: new Map(), data: new Map() };
  private readonly instances: Instance[] = [];
  private budget: number;
  private steps = 0;
  private size = 0;
  private event = emptyEvent();

  constructor(chunk: Uint8Array) {
    this.bytes = chunk;
    this.budget = DEFINITION_BUDGET * Math.max(chunk.length, 1 << 16);
  }

  /** The event whose BinXML lies from `at` to `end`. Never throws. */
  decode(at: number, end: number): DecodedEvent {
    this.event = emptyEvent();
    [this.steps, this.size] = [0, 0];
    this.fragment(at, Math.min(end, this.bytes.length), "root", 0);
    return this.event;
  }

  private damaged(why: string): void {
    this.event.damage ??= why;
  }

  private fragment(at: number, end: number, place: Place, depth: number): void {
    const start = pastHeader(this.bytes, at, end);
    if (depth > MAX_NESTING) this.damaged("fragments are nested too deep");
    else if (start < end && isInstance(this.bytes, start)) this.instance(start, end, place, depth);
    else if (start < end) {
      this.steps += (end - start) >> 5;
      this.fill(compileFragment(this.bytes, start, end, false, place), NO_VALUES, depth);
    }
  }

  private instance(at: number, end: number, place: Place, depth: number): void {
    const header = instanceHeader(this.bytes, at, end);
    const template = header && this.template(header, place);
    if (template) this.fill(template, this.values(header.values, end, depth), depth);
    else this.damaged(header ? "a template's definition is not in the chunk" : "a template instance is cut off");
  }

  private template({ id, definition }: InstanceHeader, place: Place): EventTemplate | null {
    const { bytes } = this;
    const start = definition + DEFINITION_HEADER;
    // In a torn copy a record may refer to a definition that another page has overwritten.
    if (start > bytes.length || u32(bytes, definition + 4, false) !== id) return null;
    const known = this.templates[place].get(definition);
    if (known) return known;
    const size = u32(bytes, definition + 20, false);
    if (start + size > bytes.length || size > this.budget) return null;
    this.budget -= size;
    const template = compileFragment(bytes, start, start + size, true, place);
    this.templates[place].set(definition, template);
    return template;
  }

  /** Reads the descriptors of an instance's values: number, then size and type of each, then the values one after the other. */
  private values(from: number, end: number, depth: number): Instance {
    const { bytes } = this;
    this.instances[depth] ??= { count: 0, at: new Int32Array(32), size: new Int32Array(32), type: new Uint8Array(32) };
    const instance = this.instances[depth];
    instance.count = 0;
    const count = u32(bytes, from, false);
    if (count > (end - from - 4) >> 2) {
      this.damaged("more values than fit into the record");
      return instance;
    }
    if (count > instance.at.length)
      Object.assign(instance, { at: new Int32Array(2 * count), size: new Int32Array(2 * count), type: new Uint8Array(2 * count) });
    this.steps += count >> 5;
    let at = from + 4 + 4 * count;
    for (let k = 0, descriptor = from + 4; k < count; k++, descriptor += 4) {
      const size = u16(bytes, descriptor, false);
      if (at + size > end) {
        this.damaged("a value is cut off");
        break;
      }
      instance.at[k] = at;
      instance.size[k] = size;
      instance.type[k] = bytes[descriptor + 2]!;
      instance.count = k + 1;
      at += size;
    }
    return instance;
  }

  private fill(template: EventTemplate, values: Instance, depth: number): void {
    if (template.damage !== null) this.damaged(template.damage);
    if (depth === 0) this.fillSystem(template, values);
    this.event.data ??= [];
    const { data } = this.event;
    for (const leaf of template.leaves) {
      if (data.length >= MAX_DATA) return;
      if (++this.steps > MAX_STEPS) {
        this.damaged("more elements than an event has");
        return;
      }
      if (leaf.needs < 0 || !isNull(values, leaf.needs)) this.leaf(leaf, values, data, depth);
    }
  }

  private leaf({ parts, loose }: Leaf, values: Instance, data: string[], depth: number): void {
    const [part] = parts;
    if (parts.length !== 1 || typeof part !== "number") this.put(data, this.text(parts, values));
    else if (part < values.count) this.substitute(data, part, values, loose, depth);
    else if (!loose) this.put(data, "");
  }

  private substitute(data: string[], part: number, values: Instance, loose: boolean, depth: number): void {
    const [type, at, size] = [values.type[part]!, values.at[part]!, values.size[part]!];
    if (type === BinXmlType.binXml) this.fragment(at, at + size, "data", depth + 1);
    else if (loose) return;
    else if (type & BinXmlType.array)
      for (const text of arrayTexts(this.bytes, type & ~BinXmlType.array, at, size, MAX_DATA - data.length)) this.put(data, text);
    else this.put(data, valueText(this.bytes, type, at, size));
  }

  private put(data: string[], text: string): void {
    this.size += text.length;
    if (this.size <= MAX_TEXT) data.push(text.trim());
    else this.damaged(`more than ${MAX_TEXT} characters`);
  }

  private text(parts: readonly Part[], values: Instance): string {
    let text = "";
    for (const part of parts) {
      if (typeof part === "string") text += part;
      else if (part < values.count && text.length <= MAX_TEXT) {
        const [type, at, size] = [values.type[part]!, values.at[part]!, values.size[part]!];
        text +=
          type & BinXmlType.array
            ? arrayTexts(this.bytes, type & ~BinXmlType.array, at, size, MAX_DATA).join(",")
            : valueText(this.bytes, type, at, size);
      }
    }
    return text;
  }

  private fillSystem({ system, message }: EventTemplate, values: Instance): void {
    const { event } = this;
    event.provider = this.field(system.provider, values);
    event.channel = this.field(system.channel, values);
    event.computer = this.field(system.computer, values);
    event.message = this.field(message ?? undefined, values);
    event.eventId = this.number(system.eventId, values);
    event.level = this.number(system.level, values);
    event.recordId = this.number(system.recordId, values);
    event.keywords = this.long(system.keywords, values);
    event.time = this.fileTime(system.time, values);
  }

  private field(parts: readonly Part[] | undefined, values: Instance): string | null {
    if (!parts) return null;
    return this.text(parts, values).trim() || null;
  }

  /** Where one value is all there is, its number in the instance; -1 otherwise. */
  private only(parts: readonly Part[] | undefined, values: Instance): number {
    return parts?.length === 1 && typeof parts[0] === "number" && parts[0] < values.count ? parts[0] : -1;
  }

  private number(parts: readonly Part[] | undefined, values: Instance): number | null {
    const only = this.only(parts, values);
    if (only >= 0) {
      const value = smallInteger(this.bytes, values.type[only]!, values.at[only]!, values.size[only]!);
      if (value !== null) return value;
    }
    const text = this.field(parts, values);
    return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  private long(parts: readonly Part[] | undefined, values: Instance): bigint | null {
    const only = this.only(parts, values);
    if (only >= 0 && values.size[only] === 8) return u64(this.bytes, values.at[only]!, false);
    const text = this.field(parts, values);
    return text !== null && /^(?:0x[\da-f]{1,16}|\d{1,19})$/i.test(text) ? BigInt(text) : null;
  }

  private fileTime(parts: readonly Part[] | undefined, values: Instance): bigint | null {
    const only = this.only(parts, values);
    if (only < 0 || values.type[only] !== BinXmlType.fileTime || values.size[only] !== 8) return null;
    return u64(this.bytes, values.at[only]!, false) || null;
  }
}

function isNull(values: Instance, part: number): boolean {
  return part >= values.count || values.size[part] === 0 || values.type[part] === BinXmlType.null;
}

function emptyEvent(): DecodedEvent {
  return {
    provider: null,
    eventId: null,
    level: null,
    keywords: null,
    time: null,
    recordId: null,
    channel: null,
    computer: null,
    message: null,
    data: null,
    damage: null,
  };
}
