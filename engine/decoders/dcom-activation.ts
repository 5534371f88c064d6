import { uuidText } from "./uuid.ts";

/** Operations whose answer names where an object exporter listens, MS-DCOM section 3.1.2.5, by interface and operation number. */
export const BINDING_OPERATIONS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  // IRemoteSCMActivator
  "000001a0-0000-0000-c000-000000000046": { 3: "remote_get_class_object", 4: "remote_create_instance" },
  // IActivation
  "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57": { 0: "remote_activation" },
  // IObjectExporter
  "99fcfec4-5260-101b-bbcb-00aa0021347a": { 0: "resolve_oxid", 4: "resolve_oxid2" },
};

/** Network protocol of a string binding, MS-DCOM section 2.2.19.3: NCACN_IP_TCP. */
const NCACN_IP_TCP = 7;
/** The highest tower identifier there is. */
const MAX_TOWER_ID = 0x1f;
/** A host name or address with what stands in brackets behind it. */
const MAX_BINDING = 512;
const MAX_BINDINGS = 64;

/** A string binding over TCP: `10.102.0.230[1431]`. */
export interface TcpBinding {
  readonly host: string;
  readonly port: number;
}

/**
 * The TCP string bindings of the first DUALSTRINGARRAY (MS-DCOM section 2.2.19) in the stub of an answer that is marshalled as a conformant
 * structure: its count of entries stands in front of it, once as size and once as its own. The stub is searched rather than unmarshalled, and
 * only an array that fits in every part counts. Null if there is none; an array without TCP endpoints gives an empty list.
 */
export function tcpBindings(stub: Uint8Array): TcpBinding[] | null {
  for (let at = 0; at + 12 <= stub.length; at += 4) {
    const entries = stub[at + 4]! | (stub[at + 5]! << 8);
    if (entries < 4 || stub[at] !== stub[at + 4] || stub[at + 1] !== stub[at + 5] || stub[at + 2] !== 0 || stub[at + 3] !== 0) continue;
    const bindings = dualStringArray(stub, at + 4, entries);
    if (bindings) return bindings;
  }
  return null;
}

function dualStringArray(stub: Uint8Array, at: number, entries: number): TcpBinding[] | null {
  const word = (place: number) => stub[place]! | (stub[place + 1]! << 8);
  const security = word(at + 2);
  const start = at + 4;
  if (security < 2 || security > entries - 2 || start + 2 * entries > stub.length) return null;
  const end = start + 2 * security;
  // Both lists end with a zero.
  if (word(end - 2) !== 0 || word(start + 2 * entries - 2) !== 0) return null;
  const bindings: TcpBinding[] = [];
  let place = start;
  for (let count = 0; place < end - 2; count++) {
    const tower = word(place);
    const text = unicodeText(stub, place + 2, end - 2);
    if (tower === 0 || tower > MAX_TOWER_ID || text === null || count === MAX_BINDINGS) return null;
    place += 2 + 2 * (text.length + 1);
    const found = tower === NCACN_IP_TCP ? /^([^[\]\s]{1,255})\[(\d{1,5})\]$/.exec(text) : null;
    if (found && Number(found[2]) <= 0xffff) bindings.push({ host: found[1]!, port: Number(found[2]) });
  }
  return place === end - 2 && place > start ? bindings : null;
}

/** A null-terminated text of UTF-16LE without control characters; null if there is none before `end`. */
function unicodeText(stub: Uint8Array, at: number, end: number): string | null {
  let text = "";
  for (let place = at; place + 2 <= end && text.length < MAX_BINDING; place += 2) {
    const unit = stub[place]! | (stub[place + 1]! << 8);
    if (unit === 0) return text === "" ? null : text;
    if (unit < 0x20 || unit === 0x7f) return null;
    text += String.fromCharCode(unit);
  }
  return null;
}

/** CLSID_ActivationPropertiesIn and CLSID_InstantiationInfo, MS-DCOM section 1.9. */
const PROPERTIES_IN = "00000338-0000-0000-c000-000000000046";
const INSTANTIATION_INFO = "000001ab-0000-0000-c000-000000000046";
/** "MEOW": what an OBJREF begins with, MS-DCOM section 2.2.18.1. */
const OBJREF = [0x4d, 0x45, 0x4f, 0x57];
const MAX_PROPERTIES = 16;
/** What a structure of type serialization version 1 begins with, MS-RPCE section 2.2.6.1: version 1, little-endian, 8 octets. */
const SERIALIZED = 0x00081001;

/**
 * The class a RemoteCreateInstance or RemoteGetClassObject request activates: InstantiationInfoData (MS-DCOM section 2.2.22.2.1), found by way of
 * the activation properties' custom header. Null if the stub does not hold it in whole.
 */
export function activatedClass(stub: Uint8Array): string | null {
  const u32 = (place: number) =>
    place >= 0 && place + 4 <= stub.length ? new DataView(stub.buffer, stub.byteOffset + place, 4).getUint32(0, true) : 0xffffffff;
  for (let at = 0; at + 80 <= stub.length; at += 4) {
    // OBJREF_CUSTOM: signature, flags 4, IID, CLSID, two lengths; then size and a reserved field in front of the custom header.
    if (OBJREF.some((byte, place) => stub[at + place] !== byte) || u32(at + 4) !== 4 || uuidText(stub, at + 24) !== PROPERTIES_IN) continue;
    const header = at + 56;
    // The custom header is serialized with 16 octets of its own in front of its fields.
    const [size, count] = [u32(header + 20), u32(header + 32)];
    const list = header + 16 + 48;
    if (count > MAX_PROPERTIES || u32(list) !== count || list + 4 + 20 * count + 4 > stub.length) continue;
    // Writers differ in whether the size counts those 16 octets.
    let property = header + size + (u32(header + size) === SERIALIZED ? 0 : 16);
    for (let n = 0; n < count; n++) {
      if (u32(property) !== SERIALIZED) break;
      const serialized = property + 16;
      if (uuidText(stub, list + 4 + 16 * n) === INSTANTIATION_INFO)
        return serialized + 16 <= stub.length ? uuidText(stub, serialized) : null;
      property += u32(list + 4 + 16 * count + 4 + 4 * n);
    }
  }
  return null;
}
