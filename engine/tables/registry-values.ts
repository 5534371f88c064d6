import { declareTable } from "./table.ts";

/** Names of registry value types by number, winnt.h. */
export const REGISTRY_TYPES = [
  "REG_NONE",
  "REG_SZ",
  "REG_EXPAND_SZ",
  "REG_BINARY",
  "REG_DWORD",
  "REG_DWORD_BIG_ENDIAN",
  "REG_LINK",
  "REG_MULTI_SZ",
  "REG_RESOURCE_LIST",
  "REG_FULL_RESOURCE_DESCRIPTOR",
  "REG_RESOURCE_REQUIREMENTS_LIST",
  "REG_QWORD",
] as const;

export const registryValues = declareTable({
  name: "registry_values",
  shownBy: "registry export",
  about: "One value of a Windows registry: from a .reg file, `reg query` or PowerShell's `Get-ItemProperty`.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine whose registry it is; null if nothing tells" },
    key: {
      type: "text",
      about:
        "Its key, `HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters`: the hive in short, ControlSet001 and its like written as CurrentControlSet",
    },
    value: { type: "text", about: "Its name; `@` for the key's default value" },
    type: { type: "enum", values: REGISTRY_TYPES, about: "Its type; null where it is not shown (PowerShell), or is none of these" },
    number: {
      type: "integer",
      about: "Data of a REG_DWORD or REG_QWORD, and digits where the type is not shown; null for other types and beyond 2^53",
    },
    list: { type: "texts", about: "Entries of a REG_MULTI_SZ, at most 1000; null for other types and for an empty list" },
    text: {
      type: "text",
      about: "The data as text: a number in decimal, list entries with a comma between them, bytes in hex; at most 1024 characters",
    },
    control_set: { type: "integer", about: "Number of the control set where the key names one, ControlSet002; null for CurrentControlSet" },
  },
});
