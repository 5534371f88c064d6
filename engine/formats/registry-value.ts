import { REGISTRY_TYPES } from "../tables/registry-values.ts";
import type { Value } from "../tables/table.ts";

const MAX_TEXT = 1024;
const MAX_ENTRIES = 1000;
const MAX_ENTRY = 1024;
const HIVES: Readonly<Record<string, string>> = {
  HKEY_LOCAL_MACHINE: "HKLM",
  HKEY_CURRENT_USER: "HKCU",
  HKEY_CLASSES_ROOT: "HKCR",
  HKEY_USERS: "HKU",
  HKEY_CURRENT_CONFIG: "HKCC",
};
const KEY =
  /^(?:\\\\(?<host>[\w.-]{1,255})\\)?(?:(?:My )?Computer\\)?(?<hive>HKEY_[A-Z_]{4,20}|HKLM|HKCU|HKCR|HKU|HKCC)(?::?\\(?<path>.{0,2000}))?$/i;

/** A key as rows name it. */
export interface RegistryKey {
  /** `HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`. */
  readonly name: string;
  /** 2 of ControlSet002; null where the key is of no numbered set. */
  readonly controlSet: number | null;
  /** Machine a remote path names, `\\SRV01\HKLM\…`. */
  readonly host: string | null;
}

/** Reads a key's path as .reg files, reg.exe, regedit and PowerShell write it; null if it is none. */
export function readKey(text: string): RegistryKey | null {
  const found = text.length > 2300 ? null : KEY.exec(text.trim());
  if (!found) return null;
  const { host = null, hive, path = "" } = found.groups as { host?: string; hive: string; path?: string };
  const short = HIVES[hive.toUpperCase()] ?? hive.toUpperCase();
  if (short.startsWith("HKEY_")) return null;
  const set = /^(SYSTEM\\)ControlSet(\d{3})(?=\\|$)/i.exec(path);
  const shown = set ? `${set[1]}CurrentControlSet${path.slice(set[0].length)}` : path;
  const name = [short, ...shown.split("\\").filter((part) => part !== "")].join("\\");
  return { name, controlSet: set ? Number(set[2]) : null, host };
}

/** What a value holds, whatever wrote it down. */
export interface RegistryData {
  readonly type: string | null;
  readonly number: number | null;
  readonly list: readonly string[] | null;
  readonly text: string | null;
}

/** Data of a value that is a text. */
export function textData(type: string | null, text: string): RegistryData {
  return { type, number: null, list: null, text: text.slice(0, MAX_TEXT) };
}

export function numberData(type: string | null, number: number | bigint): RegistryData {
  const plain = Number(number);
  return { type, number: Number.isSafeInteger(plain) ? plain : null, list: null, text: String(number) };
}

export function listData(type: string | null, entries: readonly string[]): RegistryData {
  const list = entries.slice(0, MAX_ENTRIES).map((entry) => entry.slice(0, MAX_ENTRY));
  return { type, number: null, list, text: list.join(", ").slice(0, MAX_TEXT) };
}

/** Data of a value given as bytes, by the number of its type; `decode` reads texts. */
export function bytesData(typeNumber: number, bytes: Uint8Array, decode: (bytes: Uint8Array) => string): RegistryData {
  const type = REGISTRY_TYPES[typeNumber] ?? null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "REG_DWORD" && bytes.length === 4) return numberData(type, view.getUint32(0, true));
  if (type === "REG_DWORD_BIG_ENDIAN" && bytes.length === 4) return numberData(type, view.getUint32(0, false));
  if (type === "REG_QWORD" && bytes.length === 8) return numberData(type, view.getBigUint64(0, true));
  if (type === "REG_SZ" || type === "REG_EXPAND_SZ" || type === "REG_LINK") return textData(type, decode(bytes).replace(/\0.*$/s, ""));
  if (type === "REG_MULTI_SZ")
    return listData(
      type,
      decode(bytes)
        .split("\0")
        .filter((entry) => entry !== ""),
    );
  return { type, number: null, list: null, text: hexOf(bytes) };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, MAX_TEXT / 2), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The cells of a row of `registry_values`. */
export function registryRow(key: RegistryKey, value: string, data: RegistryData): Record<string, Value> {
  return { host: key.host === null ? null : [key.host], key: key.name, value, control_set: key.controlSet, ...data };
}
