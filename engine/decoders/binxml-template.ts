import { u16, u32 } from "../bytes/endian.ts";
import { MORE, Token } from "./binxml-tokens.ts";
import { BinXmlType, utf16Text } from "./binxml-value.ts";

/** A literal text, or the number of the substitution whose value stands there. */
export type Part = string | number;

/** Text of one element below the event's System element, or a place where another fragment may stand. */
export interface Leaf {
  readonly parts: readonly Part[];
  /** Stands beside elements or outside of them all: only a fragment counts there, text does not. */
  readonly loose: boolean;
  /** Substitution without which the element is not there; -1 for none. */
  readonly needs: number;
}

/** Columns of an event that stand in its System element. */
export type SystemField = "provider" | "eventId" | "level" | "keywords" | "time" | "recordId" | "channel" | "computer";

/** What of a template, or of a fragment without one, an event is made of. */
export interface EventTemplate {
  readonly system: Partial<Record<SystemField, readonly Part[]>>;
  /** The rendered message, which only forwarded events carry. */
  readonly message: readonly Part[] | null;
  /** Insertion strings in order. */
  readonly leaves: readonly Leaf[];
  /** Where the XML could not be read on, in words; null if it was read whole. */
  readonly damage: string | null;
}

/** Which elements a fragment begins below. */
export type Place = "root" | "data";

/** Elements within elements; events have less than ten. */
const MAX_DEPTH = 64;
/** Characters of a name; XML has no limit, Windows' longest are below a hundred. */
const MAX_NAME = 1024;
const NO_DEPENDENCY = 0xffff;

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const FIELD_OF: Readonly<Record<string, SystemField>> = {
  EventID: "eventId",
  Level: "level",
  Keywords: "keywords",
  EventRecordID: "recordId",
  Channel: "channel",
  Computer: "computer",
};
/** Text of the element itself is no insertion string in these. */
const CONTAINERS = new Set(["EventData", "UserData"]);

type Zone = "root" | "event" | "system" | "rendering" | "data";

interface OpenElement {
  readonly name: string;
  readonly zone: Zone;
  readonly needs: number;
  parts: Part[];
  parent: boolean;
}

/**
 * Reads elements of BinXML (MS-EVEN6 section 2.2.12) in `bytes`, a whole chunk, from `at` to `end`. Only elements within a template's
 * definition carry a dependency identifier. Never throws; what was understood before damage is kept.
 */
export function compileFragment(bytes: Uint8Array, at: number, end: number, definition: boolean, place: Place): EventTemplate {
  const compiler = new Compiler(bytes, at, Math.min(end, bytes.length), definition, place);
  return compiler.run();
}

class Compiler {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly definition: boolean;
  private readonly place: Place;
  private at: number;
  private readonly open: OpenElement[] = [];
  /** Parts of the attribute whose value is being read; null between attributes. */
  private attribute: Part[] | null = null;
  private readonly system: Partial<Record<SystemField, readonly Part[]>> = {};
  private message: readonly Part[] | null = null;
  private readonly leaves: Leaf[] = [];
  private damage: string | null = null;

  constructor(bytes: Uint8Array, at: number, end: number, definition: boolean, place: Place) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.definition = definition;
    this.place = place;
  }

  run(): EventTemplate {
    while (this.at < this.end && this.token()) {}
    if (this.open.length > 0) this.damage ??= "the XML ends inside an element";
    while (this.open.length > 0) this.close();
    return { system: this.system, message: this.message, leaves: this.leaves, damage: this.damage };
  }

  private fail(why: string): false {
    this.damage = why;
    return false;
  }

  /** One token; false at the end of the fragment, or where it cannot be read on. */
  private token(): boolean {
    const token = this.bytes[this.at++]!;
    switch (token & ~MORE) {
      case Token.endOfFragment:
        return false;
      case Token.openElement:
        return this.openElement((token & MORE) !== 0);
      case Token.closeStart:
        this.attribute = null;
        return true;
      case Token.closeEmpty:
      case Token.endElement:
        if (this.open.length === 0) return this.fail("an element ends that did not begin");
        this.close();
        return true;
      case Token.attribute:
        return this.beginAttribute();
      case Token.value:
        return this.value();
      case Token.cdata:
      case Token.instructionData:
        return this.counted((token & ~MORE) === Token.cdata);
      case Token.characterReference:
        if (!this.has(2)) return false;
        this.text(String.fromCharCode(u16(this.bytes, this.at - 2, false)));
        return true;
      case Token.entityReference:
      case Token.instructionTarget:
        return this.named((token & ~MORE) === Token.entityReference);
      case Token.substitution:
      case Token.optionalSubstitution:
        return this.substitution();
      case Token.fragmentHeader:
        return this.has(3);
      default:
        return this.fail(`no such token: 0x${token.toString(16)}`);
    }
  }

  /** Steps over `count` bytes if they are there. */
  private has(count: number): boolean {
    if (this.at + count > this.end) return this.fail("the XML is cut off");
    this.at += count;
    return true;
  }

  private openElement(attributes: boolean): boolean {
    const dependency = this.definition ? 2 : 0;
    const from = this.at;
    if (!this.has(dependency + 8)) return false;
    const needs = this.definition ? u16(this.bytes, from, false) : NO_DEPENDENCY;
    const name = this.name(u32(this.bytes, from + dependency + 4, false));
    if (name === null || (attributes && !this.has(4))) return false;
    if (this.open.length >= MAX_DEPTH) return this.fail(`more than ${MAX_DEPTH} elements within each other`);
    const above = this.open.at(-1);
    if (above) {
      this.flushLoose(above);
      above.parent = true;
    }
    this.attribute = null;
    this.open.push({ name, zone: this.zone(name), needs: needs === NO_DEPENDENCY ? -1 : needs, parts: [], parent: false });
    return true;
  }

  private zone(name: string): Zone {
    const above = this.open.at(-1)?.zone ?? (this.place === "data" ? "data" : "root");
    if (above === "root") return "event";
    if (above !== "event") return above;
    return name === "System" ? "system" : name === "RenderingInfo" ? "rendering" : "data";
  }

  /** The name at an offset of the chunk; one that stands right here is stepped over. */
  private name(offset: number): string | null {
    const { bytes } = this;
    if (offset + 8 > bytes.length) return this.fail("a name lies outside of the chunk") || null;
    const count = u16(bytes, offset + 6, false);
    const size = 8 + 2 * count + 2;
    if (count > MAX_NAME || offset + size > bytes.length) return this.fail("a name is longer than the chunk") || null;
    if (offset === this.at && !this.has(size)) return null;
    return utf16Text(bytes, offset + 8, 2 * count);
  }

  private beginAttribute(): boolean {
    if (!this.has(4)) return false;
    const name = this.name(u32(this.bytes, this.at - 4, false));
    if (name === null) return false;
    const element = this.open.at(-1);
    if (!element) return this.fail("an attribute outside of an element");
    const parts: Part[] = [];
    this.attribute = parts;
    if (element.zone === "system" && element.name === "Provider" && name === "Name") this.system.provider = parts;
    if (element.zone === "system" && element.name === "TimeCreated" && name === "SystemTime") this.system.time = parts;
    return true;
  }

  private add(part: Part): void {
    (this.attribute ?? this.open.at(-1)?.parts)?.push(part);
    if (!this.attribute && this.open.length === 0 && typeof part === "number") this.leaves.push({ parts: [part], loose: true, needs: -1 });
  }

  private text(text: string): void {
    if (text !== "") this.add(text);
  }

  private value(): boolean {
    if (!this.has(3)) return false;
    if (this.bytes[this.at - 3] !== BinXmlType.string) return this.fail("a literal that is no text");
    return this.characters(true);
  }

  private counted(isText: boolean): boolean {
    return this.has(2) && this.characters(isText);
  }

  /** Characters whose number stands in the two bytes before. */
  private characters(isText: boolean): boolean {
    const [from, length] = [this.at, 2 * u16(this.bytes, this.at - 2, false)];
    if (!this.has(length)) return false;
    if (isText) this.text(utf16Text(this.bytes, from, length));
    return true;
  }

  private named(isEntity: boolean): boolean {
    if (!this.has(4)) return false;
    const name = this.name(u32(this.bytes, this.at - 4, false));
    if (name === null) return false;
    if (isEntity) this.text(ENTITIES[name] ?? "");
    return true;
  }

  private substitution(): boolean {
    if (!this.has(3)) return false;
    this.add(u16(this.bytes, this.at - 3, false));
    return true;
  }

  private close(): void {
    const element = this.open.pop()!;
    this.attribute = null;
    if (element.zone === "system") {
      const field = FIELD_OF[element.name];
      if (field) this.system[field] = element.parts;
    } else if (element.zone === "rendering") {
      if (element.name === "Message") this.message = element.parts;
    } else if (element.parent) this.flushLoose(element);
    else if (element.zone === "data" && !(element.parts.length === 0 && CONTAINERS.has(element.name)))
      this.leaves.push({ parts: element.parts, loose: false, needs: element.needs });
  }

  private flushLoose(element: OpenElement): void {
    if (element.zone !== "event" && element.zone !== "data") return;
    for (const part of element.parts) if (typeof part === "number") this.leaves.push({ parts: [part], loose: true, needs: -1 });
    element.parts = [];
  }
}
