import type { Value } from "./table.ts";

/** What a name says: a product of the reference data, and which part of it. */
export interface NamedProduct {
  readonly product: string | null;
  readonly component: string | null;
}

const UNKNOWN: NamedProduct = { product: null, component: null };
/** Clients by the first number of their version. */
const CLIENTS: Readonly<Record<string, string>> = { 4: "lync-2010", 15: "lync-2013" };
const SERVERS: Readonly<Record<string, string>> = { 4: "lync-server-2010", 5: "lync-server-2013" };
/** Parts of a server whose version every cumulative update raises; others keep theirs while nothing in them changes. */
const DECISIVE = new Set(["core_components", "front_end_server", "edge_server", "front_end_server_and_edge_server", "access_edge"]);
/** Windows Installer's versions of Office 2013 before and with Service Pack 1: updates do not change them. */
const INSTALLER_VERSIONS = /^15\.0\.(?:4420\.1017|4569\.1506)$/;
const VERSION = /^\d{1,9}(?:\.\d{1,9}){3}$/;

/** An installed product or a component by its name. */
export function productOfName(name: string, version: string): NamedProduct {
  const server = /\bLync Server (2010|2013)\b(?:\s*,\s*(.{1,80}))?/i.exec(name);
  if (server) {
    const product = `lync-server-${server[1]}`;
    if (SERVERS[major(version)] !== product) return UNKNOWN;
    const component =
      server[2]
        ?.trim()
        .toLowerCase()
        .replace(/[^a-z\d]+/g, "_") ?? null;
    return { product, component };
  }
  const client = /^(?:Microsoft )?Lync (?:Basic )?(2010|2013)(?: \(\d\d.bit\))?$/i.exec(name.trim());
  if (!client || CLIENTS[major(version)] !== `lync-${client[1]}` || INSTALLER_VERSIONS.test(version)) return UNKNOWN;
  return { product: `lync-${client[1]}`, component: "client" };
}

/** A file by its name: the client's program, or the Access Edge and Front End service's. */
export function productOfFile(path: string, version: string): NamedProduct {
  const file = /[^\\/]*$/.exec(path)![0].toLowerCase();
  if (file === "communicator.exe" && major(version) === "4") return { product: "lync-2010", component: "client" };
  if (file === "lync.exe" && major(version) === "15") return { product: "lync-2013", component: "client" };
  const server = file === "rtcsrv.exe" ? SERVERS[major(version)] : undefined;
  return server === undefined ? UNKNOWN : { product: server, component: "front_end_server" };
}

/** A User-Agent or Server header: `UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)`. Null where it names no whole build. */
export function productOfAgent(agent: string): (NamedProduct & { readonly version: string }) | null {
  const client = /(?:^|\s)OC\/(\d{1,9}(?:\.\d{1,9}){3})(?![\d.])(?:\s*\(([^()]{1,60})\))?/.exec(agent);
  if (client) {
    const [, version, name = ""] = client;
    const plain = name === "" || /^(?:Microsoft Lync|Microsoft Lync 2010|Skype for Business)$/i.test(name.trim());
    const product = plain ? (CLIENTS[major(version!)] ?? null) : null;
    return { product, component: product === null ? null : "client", version: version! };
  }
  const server = /(?:^|\s)RTC\/(\d{1,9}(?:\.\d{1,9}){3})(?![\d.])/.exec(agent);
  if (!server) return null;
  const product = SERVERS[major(server[1]!)] ?? null;
  return { product, component: null, version: server[1]! };
}

/** Whether a build of that part tells how far the whole product is updated. */
export function isComparable({ product, component }: { readonly product: Value; readonly component: Value }): boolean {
  return product !== null && (component === null || component === "client" || DECISIVE.has(String(component)));
}

/** Whether a text is a version of four numbers. */
export function isBuild(text: string): boolean {
  return VERSION.test(text);
}

function major(version: string): string {
  return String(Number(version.split(".")[0]));
}
