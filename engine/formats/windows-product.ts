/** What printing in an OEM code page makes of a trade mark sign behind a word: nothing, `r`, `T`, `«`, `(R)` … */
const SIGN = String.raw`(?:\((?:R|TM|C)\)|[®™©]|[^\s\d,]{1,2})?`;
const SERVER = new RegExp(String.raw`\bserver${SIGN},?\s+(2000|2003|2008|2011|2012|2016|2019|2022|2025)(\s+R2)?\b`, "i");
const CLIENT = new RegExp(String.raw`\bwindows${SIGN}\s+(?:nt\s+)?(vista|xp|2000|7|8\.1|8|10|11)(?![\d.])`, "i");

/** The id by which rules name a Windows, from its name in any display language: `windows-server-2008-r2`; null if the name tells none. */
export function productOf(name: string): string | null {
  const server = SERVER.exec(name);
  if (server) {
    const year = server[1]!;
    // Small Business Server 2011 is Windows Server 2008 R2; Server 2003 R2 is Server 2003 with a second disc.
    if (year === "2011") return "windows-server-2008-r2";
    if (year === "2000") return "windows-2000";
    return `windows-server-${year}${server[2] !== undefined && year !== "2003" ? "-r2" : ""}`;
  }
  const client = CLIENT.exec(name)?.[1];
  return client === undefined ? null : `windows-${client.toLowerCase()}`;
}

/** Service pack by build, for versions whose every service pack has a build of its own (6003 is an update of 6002). */
const SERVICE_PACK_OF_BUILD: Readonly<Record<string, number>> = {
  "6.0.6000": 0,
  "6.0.6001": 1,
  "6.0.6002": 2,
  "6.0.6003": 2,
  "6.1.7600": 0,
  "6.1.7601": 1,
};
/** Written so in every display language: the value comes from the kernel. */
const SERVICE_PACK = /\bService Pack (\d{1,2})\b/i;

/** Number of the service pack a version and the text around it tell of, 0 for none; null where they do not say. */
export function servicePackOf(version: string, text: string): number | null {
  const printed = SERVICE_PACK.exec(text)?.[1];
  if (printed !== undefined) return Number(printed);
  const build = version.split(".").slice(0, 3).join(".");
  if (Object.hasOwn(SERVICE_PACK_OF_BUILD, build)) return SERVICE_PACK_OF_BUILD[build]!;
  // From Windows 8 on there are none.
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 2) ? 0 : null;
}
