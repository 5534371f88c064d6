/** Interfaces whose endpoints are asked for every day, by UUID; names as Wireshark and Microsoft's protocol documents have them. */
const INTERFACES: Readonly<Record<string, string>> = {
  "a4f1db00-ca47-1067-b31f-00dd010662da": "MAPI",
  "f5cc5a18-4264-101a-8c59-08002b2f8426": "NSPI",
  "1544f5e0-613c-11d1-93df-00c04fd7bd09": "RFR",
  "e3514235-4b06-11d1-ab04-00c04fc2dcd2": "DRSUAPI",
  "12345678-1234-abcd-ef00-01234567cffb": "RPC_NETLOGON",
  "12345778-1234-abcd-ef00-0123456789ab": "LSARPC",
  "12345778-1234-abcd-ef00-0123456789ac": "SAMR",
  "91ae6020-9e3c-11cf-8d7c-00aa00c091be": "ICPR",
  "367abb81-9844-35f1-ad32-98f038001003": "SVCCTL",
};

/** The usual name of an interface, or null. */
export function interfaceName(uuid: string | null): string | null {
  return uuid === null ? null : (INTERFACES[uuid] ?? null);
}
