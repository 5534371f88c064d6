import type { Resolution } from "../rules/rule.ts";

/** A remedy ready to be copied. */
export interface RemedyCommand {
  /** Where it is typed, or what it is. */
  readonly what: string;
  readonly text: string;
}

/** Commands that carry a remedy out; none where its facts do not say enough. `{interface}` and its like stay for the person to fill in. */
export function remedyCommands(resolution: Resolution): RemedyCommand[] {
  if (resolution.kind === "registry") return registryCommands(resolution);
  if (resolution.kind === "firewall") return firewallCommands(resolution);
  return [];
}

function registryCommands({ key, value, type, data }: Resolution): RemedyCommand[] {
  if (typeof key !== "string" || typeof value !== "string" || typeof type !== "string" || typeof data !== "string") return [];
  const written = regFileData(type, data);
  if (written === null) return [];
  const name = `"${value.replace(/["\\]/g, "\\$&")}"`;
  return [
    { what: "Elevated command prompt", text: `reg add ${argument(key)} /v ${argument(value)} /t ${type} /d ${argument(data)} /f` },
    { what: "Registry file", text: `Windows Registry Editor Version 5.00\n\n[${longKey(key)}]\n${name}=${written}\n` },
    { what: "To see what is set", text: `reg query ${argument(key)} /v ${argument(value)}` },
  ];
}

const HIVES: Readonly<Record<string, string>> = {
  HKLM: "HKEY_LOCAL_MACHINE",
  HKCU: "HKEY_CURRENT_USER",
  HKCR: "HKEY_CLASSES_ROOT",
  HKU: "HKEY_USERS",
  HKCC: "HKEY_CURRENT_CONFIG",
};

/** Registry files know hives by their long names only. */
function longKey(key: string): string {
  const [hive = "", ...rest] = key.split("\\");
  return [HIVES[hive.toUpperCase()] ?? hive, ...rest].join("\\");
}

/**
 * Data as a registry file of version 5.00 writes it (Microsoft KB 310516): text in UTF-16, numbers little-endian. Null for data that is no
 * value of its type.
 */
function regFileData(type: string, data: string): string | null {
  const number = /^(?:\d+|0x[0-9a-f]+)$/i.test(data) ? BigInt(data) : null;
  switch (type) {
    case "REG_DWORD":
      return number === null || number >= 1n << 32n ? null : `dword:${number.toString(16).padStart(8, "0")}`;
    case "REG_QWORD":
      return number === null || number >= 1n << 64n ? null : `hex(b):${byteList(littleEndian(number))}`;
    case "REG_SZ":
      return /[\r\n]/.test(data) ? `hex(1):${byteList(utf16(`${data}\0`))}` : `"${data.replace(/["\\]/g, "\\$&")}"`;
    case "REG_EXPAND_SZ":
      return `hex(2):${byteList(utf16(`${data}\0`))}`;
    case "REG_MULTI_SZ":
      // `reg add` parts the texts of a list by \0.
      return `hex(7):${byteList(utf16(`${data.split("\\0").join("\0")}\0\0`))}`;
    case "REG_BINARY":
      return /^(?:[0-9a-f]{2})+$/i.test(data) ? `hex:${data.toLowerCase().match(/../g)!.join(",")}` : null;
    default:
      return null;
  }
}

function utf16(text: string): Uint8Array {
  return Uint8Array.from([...Array(text.length).keys()].flatMap((index) => [text.charCodeAt(index) & 0xff, text.charCodeAt(index) >> 8]));
}

function littleEndian(number: bigint): Uint8Array {
  return Uint8Array.from({ length: 8 }, (_, index) => Number((number >> BigInt(index * 8)) & 0xffn));
}

function byteList(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(",");
}

/** An argument as the C run-time library of Windows programs reads it back: in quotes where it has to be, quotes and the backslashes before them escaped. */
function argument(text: string): string {
  if (/^[\w.,:\\/-]+$/.test(text)) return text;
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}

function firewallCommands({ protocol, ports, direction }: Resolution): RemedyCommand[] {
  if (typeof protocol !== "string" || !Array.isArray(ports) || ports.length === 0) return [];
  const directions = direction === "both" ? ["inbound", "outbound"] : [String(direction)];
  const list = ports.join(",");
  const named = (way: string) => `${protocol.toUpperCase()} ${list} ${way}`;
  // What comes in is meant for a port here, what goes out for a port there.
  const end = (way: string) => (way === "inbound" ? "local" : "remote");
  const netsh = directions.map(
    (way) =>
      `netsh advfirewall firewall add rule name="${named(way)}" dir=${way === "inbound" ? "in" : "out"} action=allow protocol=${protocol.toUpperCase()} ${end(way)}port=${list}`,
  );
  const powershell = directions.map(
    (way) =>
      `New-NetFirewallRule -DisplayName '${named(way)}' -Direction ${way === "inbound" ? "Inbound" : "Outbound"} -Action Allow -Protocol ${protocol.toUpperCase()} -${way === "inbound" ? "Local" : "Remote"}Port ${list}`,
  );
  return [
    { what: "Windows Firewall, elevated command prompt", text: netsh.join("\n") },
    { what: "Windows Firewall, PowerShell since Windows 8 and Windows Server 2012", text: powershell.join("\n") },
  ];
}
