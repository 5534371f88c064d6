import type { CaseDocument, Entry, RecipeDocument, ReferenceTables } from "./catalogue.ts";
import { nameKey, readCode } from "./notation.ts";

/** How an entry answers to a notation: it is meant, or it is another face of what is meant. */
export type Relation = "itself" | "related";

/** One key an entry is filed under; `key` and `space` as in `Reading`. */
export interface Key {
  readonly key: string;
  readonly space: string;
  readonly relation: Relation;
}

/** What the exact look-up knows of one entry. */
export interface Named {
  readonly keys: readonly Key[];
  /** What it is, in a few words: `Winsock error 10060 = 0x274C`. */
  readonly is: string;
  /** Its notations for the words of the search: names, and numbers in decimal without sign. */
  readonly words: readonly string[];
}

type Row<K extends keyof ReferenceTables> = ReferenceTables[K][number];

/** HRESULT_FROM_WIN32 and HRESULT_FROM_NT, winerror.h: severity and facility 7 before a Win32 code; the N bit of an NTSTATUS. */
const WIN32_IN_HRESULT = 0x8007_0000;
const NT_BIT = 0x1000_0000;

const SPACE_NAMES: Readonly<Record<string, string>> = {
  winsock: "Winsock error",
  win32: "Win32 error",
  hresult: "HRESULT",
  ntstatus: "NTSTATUS",
};

const itself = (key: string | number, space: string): Key => ({ key: String(key), space, relation: "itself" });
const named = (name: string): Key => itself(nameKey(name), "name");

/** Keys of an error code, its other spellings, and the codes that wrap it or that it wraps. */
export function errorKeys(error: Row<"errors">): Named {
  const keys: Key[] = [];
  const values = new Set<number>();
  const labels = new Set<string>();
  const wrapped = /\(([A-Za-z_]\w+)\)$/.exec(error.name)?.[1];
  for (const spelling of [error.id, ...(error.also ?? []), error.name]) {
    const labelled = /^([a-z]+)-(\d+(?:\.\d+)?)$/i.exec(spelling);
    const value = readCode(labelled?.[2] ?? spelling);
    if (value === null) {
      keys.push(named(spelling));
      // A status with its substatus, as IIS counts them, is no number.
      if (labelled) {
        keys.push(named(`${error.space} ${labelled[2]}`));
        labels.add(`${error.space.toUpperCase()} ${labelled[2]}`);
      }
    } else if (labelled || !(error.space in SPACE_NAMES)) {
      labels.add(`${error.space.toUpperCase()} ${value}`);
      keys.push(itself(value, error.space));
    } else values.add(value);
  }
  for (const value of values) keys.push(itself(value, "code"));
  for (const value of values) for (const other of otherFaces(value)) keys.push({ key: String(other), space: "code", relation: "related" });
  if (wrapped) keys.push({ key: nameKey(wrapped), space: "name", relation: "related" });
  const [first] = values;
  const number = first === undefined ? [...labels].join(", ") : `${first} = 0x${first.toString(16).toUpperCase()}`;
  return {
    keys,
    is: first === undefined ? `${number} response` : `${SPACE_NAMES[error.space]} ${number}`,
    words: [error.name, ...(error.also ?? []).filter((spelling) => readCode(spelling) === null), ...labels, ...[...values].map(String)],
  };
}

/** The same failure in the other spaces: a Win32 code as HRESULT and back, an NTSTATUS as HRESULT and back. */
function otherFaces(value: number): number[] {
  if (value <= 0xffff) return [WIN32_IN_HRESULT + value];
  if (value - (value % 0x1_0000) === WIN32_IN_HRESULT) return [value % 0x1_0000];
  const severity = Math.floor(value / NT_BIT);
  if (severity === 0xc) return [value + NT_BIT];
  return severity === 0xd ? [value - NT_BIT] : [];
}

export function updateKeys(update: Row<"updates">): Named {
  const [, vendor, number] = /^(?:(.*)-)?KB0*(\d+)$/i.exec(update.id) ?? [null, undefined, update.id];
  const space = vendor === undefined ? "kb" : `${vendor.toLowerCase()}-kb`;
  const bulletin = update.part_of === undefined ? [] : (update.part_of.match(/\bMS\d{2}-\d{3}\b/gi) ?? []);
  const versions = versionsOf(update);
  return {
    keys: [
      itself(number!, space),
      named(update.id),
      ...bulletin.map((name): Key => ({ ...named(name), relation: "related" })),
      ...versions.map((version) => itself(version, "version")),
    ],
    is: `${update.id}, ${update.kind.replaceAll("_", " ")}`,
    words: [`${vendor ?? ""} KB ${number}`, ...bulletin, ...versions],
  };
}

/** Versions and builds an update brings, wherever its entry states them. */
function versionsOf(update: object): string[] {
  const stated = Object.entries(update).filter(([field]) => /version|build/.test(field));
  return [...new Set(stated.flatMap(([, value]) => JSON.stringify(value).match(/\d+(?:\.\d+){1,5}/g) ?? []))];
}

export function portKeys(port: Row<"ports">): Named {
  const [from, to] = port.ports.split("-");
  const keys = [itself(to === undefined ? Number(from) : `${Number(from)}-${Number(to)}`, port.protocol), named(port.id)];
  return {
    keys,
    is: `${port.protocol.toUpperCase()} port${to === undefined ? "" : "s"} ${port.ports}`,
    words: [`${port.protocol} port ${port.ports}`],
  };
}

export function registryKeys(value: Row<"registry">): Named {
  const paths = [`${value.key}\\${value.value}`, value.key];
  return {
    keys: [named(value.value), ...paths.map(named), named(value.id)],
    is: `Registry value, ${value.type}`,
    words: [value.value, value.key.replaceAll("\\", " ")],
  };
}

export function eventKeys(event: Row<"events">): Named {
  return {
    keys: [itself(event.event_id, "event"), named(event.id), named(`${event.provider} ${event.event_id}`)],
    is: `Event ${event.event_id} of ${event.provider}`,
    words: [`Event ID ${event.event_id}`, event.provider],
  };
}

export function caseKeys(one: CaseDocument): Named {
  return { keys: [named(one.id)], is: "Case", words: [] };
}

export function recipeKeys(recipe: RecipeDocument): Named {
  return { keys: [named(recipe.id)], is: "Collection recipe", words: [] };
}

/** Which of several meanings of one plain number comes first, from 0. */
export function rankOf(kind: Entry["kind"], space: string, key: string): number {
  const value = Number(key);
  const order: readonly string[] =
    value >= 100 && value < 700
      ? ["label", "port", "error", "event", "update"]
      : value >= 10_000 && value < 12_000 // Winsock, winsock2.h
        ? ["error", "event", "port", "update", "label"]
        : value <= 0xffff
          ? ["port", "event", "error", "update", "label"]
          : ["update", "error", "event", "port", "label"];
  const at = order.indexOf(kind === "error" && space !== "code" ? "label" : kind);
  return at < 0 ? order.length : at;
}
