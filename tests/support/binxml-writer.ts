/** A value that stands in an event's XML: its BinXML type (MS-EVEN6 section 2.2.12) and its bytes. */
export interface TypedValue {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** An element of an event: text that belongs to the template, values that are filled in, fragments of their own. */
export interface XmlNode {
  readonly name: string;
  readonly attributes?: readonly (readonly [name: string, content: string | TypedValue])[];
  readonly content?: readonly (string | TypedValue | XmlNode | Embedded)[];
  /** Number of the value without which the element is not there. */
  readonly needs?: number;
}

/** A fragment with a template of its own. */
export interface Embedded {
  readonly fragment: XmlNode;
}

const BINXML = 0x21;

export const utf16 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(2 * text.length);
  for (let k = 0; k < text.length; k++) new DataView(bytes.buffer).setUint16(2 * k, text.charCodeAt(k), true);
  return bytes;
};

const number = (type: number, size: number, value: number | bigint): TypedValue => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return { type, bytes: bytes.slice(0, size) };
};

/** Values by their Windows types. */
export const value = {
  none: (): TypedValue => ({ type: 0, bytes: new Uint8Array() }),
  string: (text: string): TypedValue => ({ type: 0x01, bytes: utf16(text) }),
  ansi: (text: string): TypedValue => ({ type: 0x02, bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)) }),
  int8: (n: number) => number(0x03, 1, n),
  uint8: (n: number) => number(0x04, 1, n),
  int16: (n: number) => number(0x05, 2, n),
  uint16: (n: number) => number(0x06, 2, n),
  int32: (n: number) => number(0x07, 4, n),
  uint32: (n: number) => number(0x08, 4, n),
  int64: (n: bigint) => number(0x09, 8, n),
  uint64: (n: bigint) => number(0x0a, 8, n),
  double(n: number): TypedValue {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, n, true);
    return { type: 0x0c, bytes };
  },
  boolean: (is: boolean) => number(0x0d, 4, is ? 1 : 0),
  binary: (...bytes: number[]): TypedValue => ({ type: 0x0e, bytes: Uint8Array.from(bytes) }),
  /** Of the text `54849625-5478-4994-a5ba-3e3b0328c30d`. */
  guid(text: string): TypedValue {
    const hex = Uint8Array.from(text.replaceAll("-", "").match(/../g)!, (pair) => Number.parseInt(pair, 16));
    return { type: 0x0f, bytes: Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (k) => hex[k]!) };
  },
  fileTime: (iso: string) => number(0x11, 8, fileTimeOf(iso)),
  systemTime(...fields: number[]): TypedValue {
    return { type: 0x12, bytes: new Uint8Array(Uint16Array.from(fields).buffer) };
  },
  /** Of `S-1-5-…` with at least one sub-authority. */
  sid(text: string): TypedValue {
    const [, revision, authority, ...parts] = text.split("-").map((part) => Number(part));
    const bytes = new Uint8Array(8 + 4 * parts.length);
    bytes.set([revision!, parts.length, 0, 0, 0, 0, 0, authority!]);
    for (const [k, part] of parts.entries()) new DataView(bytes.buffer).setUint32(8 + 4 * k, part, true);
    return { type: 0x13, bytes };
  },
  hexInt32: (n: number) => number(0x14, 4, n),
  hexInt64: (n: bigint) => number(0x15, 8, n),
  /** Several values of one type; texts are ended by a NUL each. */
  array(values: readonly TypedValue[]): TypedValue {
    const parts = values.flatMap(({ type, bytes }) => (type === 0x01 ? [...bytes, 0, 0] : [...bytes]));
    return { type: 0x80 | values[0]!.type, bytes: Uint8Array.from(parts) };
  },
};

/** FILETIME of an ISO 8601 time in UTC with up to seven digits of a second. */
export function fileTimeOf(iso: string): bigint {
  const [, second, fraction = ""] = /^([^.Z]+)(?:\.(\d{1,7}))?Z$/.exec(iso)!;
  return BigInt(Date.parse(`${second}Z`)) * 10_000n + BigInt(fraction.padEnd(7, "0")) + 116_444_736_000_000_000n;
}

/** The bytes of one chunk while it grows, with the names and templates it already holds. */
export class BinXmlWriter {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;
  private readonly names = new Map<string, number>();
  private readonly templates = new Map<string, number>();

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  u8(n: number): void {
    this.bytes[this.at++] = n;
  }

  u16(n: number): void {
    this.view.setUint16(this.at, n, true);
    this.at += 2;
  }

  u32(n: number): void {
    this.view.setUint32(this.at, n, true);
    this.at += 4;
  }

  u64(n: bigint): void {
    this.view.setBigUint64(this.at, n, true);
    this.at += 8;
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** A fragment: header, template instance, its definition where it is the first of the chunk, and the values. */
  fragment(node: XmlNode): void {
    const values: (TypedValue | Embedded)[] = [];
    const key = shapeOf(node);
    for (const byte of [0x0f, 1, 1, 0, 0x0c, 1]) this.u8(byte);
    const id = hashOf(key);
    this.u32(id);
    const known = this.templates.get(key);
    this.u32(known ?? this.at + 4);
    collect(node, values);
    if (known === undefined) this.definition(node, key, id);
    this.values(values);
    this.u8(0);
  }

  private definition(node: XmlNode, key: string, id: number): void {
    this.templates.set(key, this.at);
    const bucket = 384 + 4 * (id % 32);
    this.u32(this.view.getUint32(bucket, true));
    this.view.setUint32(bucket, this.at - 4, true);
    this.u32(id);
    for (let k = 1; k < 4; k++) this.u32(hashOf(`${k}${key}`));
    const size = this.at;
    this.u32(0);
    for (const byte of [0x0f, 1, 1, 0]) this.u8(byte);
    this.element(node, { next: 0 });
    this.u8(0);
    this.view.setUint32(size, this.at - size - 4, true);
  }

  private element({ name, attributes = [], content = [], needs = 0xffff }: XmlNode, values: { next: number }): void {
    this.u8(attributes.length > 0 ? 0x41 : 0x01);
    this.u16(needs);
    const size = this.at;
    this.u32(0);
    this.name(name);
    if (attributes.length > 0) {
      const list = this.at;
      this.u32(0);
      for (const [k, [attribute, text]] of attributes.entries()) {
        this.u8(k < attributes.length - 1 ? 0x46 : 0x06);
        this.name(attribute);
        this.text(text, values);
      }
      this.view.setUint32(list, this.at - list - 4, true);
    }
    this.u8(content.length > 0 ? 0x02 : 0x03);
    for (const part of content) {
      if (typeof part === "object" && "name" in part) this.element(part, values);
      else this.text(part, values);
    }
    if (content.length > 0) this.u8(0x04);
    this.view.setUint32(size, this.at - size - 4, true);
  }

  private text(part: string | TypedValue | Embedded, values: { next: number }): void {
    if (typeof part === "string") {
      for (const byte of [0x05, 0x01]) this.u8(byte);
      this.u16(part.length);
      this.put(utf16(part));
    } else {
      this.u8(0x0e);
      this.u16(values.next++);
      this.u8("fragment" in part ? BINXML : part.type);
    }
  }

  private name(text: string): void {
    const known = this.names.get(text);
    this.u32(known ?? this.at + 4);
    if (known !== undefined) return;
    this.names.set(text, this.at);
    const hash = [...text].reduce((sum, character) => (Math.imul(sum, 65599) + character.charCodeAt(0)) >>> 0, 0) & 0xffff;
    const bucket = 128 + 4 * (hash % 64);
    this.u32(this.view.getUint32(bucket, true));
    this.view.setUint32(bucket, this.at - 4, true);
    this.u16(hash);
    this.u16(text.length);
    this.put(utf16(`${text}\0`));
  }

  private values(values: readonly (TypedValue | Embedded)[]): void {
    this.u32(values.length);
    const descriptors = this.at;
    this.at += 4 * values.length;
    for (const [k, one] of values.entries()) {
      const start = this.at;
      if ("fragment" in one) this.fragment(one.fragment);
      else this.put(one.bytes);
      this.view.setUint16(descriptors + 4 * k, this.at - start, true);
      this.bytes[descriptors + 4 * k + 2] = "fragment" in one ? BINXML : one.type;
    }
  }
}

/** Values of a node in the order in which its template names them. */
function collect(node: XmlNode, into: (TypedValue | Embedded)[]): void {
  for (const [, text] of node.attributes ?? []) if (typeof text !== "string") into.push(text);
  for (const part of node.content ?? []) {
    if (typeof part === "string") continue;
    if ("name" in part) collect(part, into);
    else into.push(part);
  }
}

/** What two nodes share that can share a template. */
function shapeOf(node: XmlNode): string {
  return JSON.stringify(node, (_, part: unknown) => {
    if (part === null || typeof part !== "object") return part;
    if ("bytes" in part) return { type: (part as unknown as TypedValue).type };
    return "fragment" in part ? "fragment" : part;
  });
}

function hashOf(text: string): number {
  return [...text].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) >>> 0, 7);
}
