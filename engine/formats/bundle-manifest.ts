import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { type BundleFile, memorySource } from "../bytes/byte-source.ts";
import { detectEncoding, readLines } from "../bytes/text.ts";
import { parseIsoTime, parseUtcOffset } from "../bytes/time.ts";
import { readAt } from "../containers/random-access.ts";
import type { HostFact, SourceHints } from "./format.ts";
import { ManifestNodes, type ManifestWarning } from "./manifest-nodes.ts";
import { compilePattern, matchesPattern, type SourcePattern } from "./source-pattern.ts";

/** Bytes of `bundle.yaml` beyond which it is not read. */
const MAX_BYTES = 64 * 1024;
const MAX_FILTER_CHARACTERS = 4096;
/** Patterns beyond which the rest is not read; each is tried on each file. */
const MAX_PATTERNS = 1000;
const MAX_PATTERN_CHARACTERS = 1024;
/** It may lie in an archive with one folder, no deeper: what does belongs to something else. */
const MANIFEST_PATH = /^(?:[^/]+\/){0,2}bundle\.ya?ml$/i;
/** Offsets in use reach from -12:00 to +14:00. */
const MAX_OFFSET_MINUTES = 14 * 60;

/** What `bundle.yaml` says; docs/bundle.md describes it for people. */
export interface BundleManifest {
  /** Where it was found; null where the bundle has none. */
  readonly path: string | null;
  readonly sources: readonly { readonly pattern: SourcePattern; readonly hints: SourceHints }[];
  readonly hosts: readonly HostFact[];
  readonly warnings: readonly ManifestWarning[];
}

const SOURCE_KEYS = ["host", "side", "time_zone", "time", "date", "date_order", "filter"];
const HOST_KEYS = ["name", "names", "addresses", "product", "version"];
/** A day, and perhaps the time of day at which a list begins. */
const DAY = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?$/;
const NONE: BundleManifest = { path: null, sources: [], hosts: [], warnings: [] };

/** Reads the bundle's `bundle.yaml`: the one least deep in folders and archives. Rejects never; a bundle without one has an empty manifest. */
export async function readManifest(files: readonly BundleFile[]): Promise<BundleManifest> {
  const [found, ...others] = files
    .filter((file) => MANIFEST_PATH.test(file.path))
    .sort((a, b) => a.path.split("/").length - b.path.split("/").length || (a.path < b.path ? -1 : 1));
  if (!found) return NONE;
  const whole = (code: string, text: string, path = found.path): ManifestWarning => ({
    path,
    code: `bundle-manifest.${code}`,
    text,
    at: 0,
    count: 1,
  });
  const text = await readText(found).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (typeof text !== "string") return { ...NONE, path: found.path, warnings: [whole("unreadable", `cannot be read: ${text.message}`)] };
  const manifest = parseManifest(text, found.path);
  const paths = files.filter((file) => file !== found).map((file) => inManifestFolder(manifest, file.path));
  const idle = manifest.sources.filter(({ pattern }) => !paths.some((path) => path !== null && matchesPattern(pattern, path)));
  return {
    ...manifest,
    warnings: [
      ...manifest.warnings,
      ...idle.map(({ pattern }) => whole("no-such-source", `speaks of "${pattern.join("/")}", but no file of the bundle matches it`)),
      ...others.map((other) => whole("not-used", `is not used: the bundle is described by ${found.path}`, other.path)),
    ],
  };
}

async function readText(file: BundleFile): Promise<string> {
  const source = await file.open();
  let bytes: Uint8Array;
  try {
    bytes = await readAt(source, 0, MAX_BYTES + 1);
  } finally {
    await source.close();
  }
  if (bytes.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
  const encoding = detectEncoding(bytes);
  if (encoding === null) throw new Error("it is not text");
  const lines: string[] = [];
  await readLines(
    memorySource(bytes),
    encoding,
    (some) => void lines.push(...some),
    async () => {},
  );
  return lines.join("\n");
}

/** Reads the text of a `bundle.yaml` at `path`. What is wrong with it becomes warnings with line and column; the rest holds. */
export function parseManifest(text: string, path: string): BundleManifest {
  const nodes = new ManifestNodes(text, path);
  const sources: { pattern: SourcePattern; hints: SourceHints }[] = [];
  const hosts: HostFact[] = [];
  if (nodes.root === null) return { path, sources, hosts, warnings: nodes.warnings };
  const pairs = nodes.pairs(nodes.root, "bundle.yaml", ["sources", "hosts"]);
  for (const { key, value } of pairs) {
    if (key === "hosts") for (const item of nodes.items(value, "hosts")) hosts.push(...readHost(nodes, item));
  }
  for (const { key, value } of pairs) {
    if (key !== "sources") continue;
    for (const source of nodes.pairs(value, "sources", null)) {
      if (sources.length === MAX_PATTERNS) {
        nodes.warn(source.keyNode, "invalid-value", `sources has more than ${MAX_PATTERNS} patterns; the rest is not read`);
        break;
      }
      const pattern = compilePattern(source.key.slice(0, MAX_PATTERN_CHARACTERS));
      if (pattern.length === 0) nodes.warn(source.keyNode, "invalid-value", `"${source.key}" names no file`);
      else sources.push({ pattern, hints: readHints(nodes, source.value, source.key, hosts) });
    }
  }
  return { path, sources, hosts, warnings: nodes.warnings };
}

function readHost(nodes: ManifestNodes, node: unknown): HostFact[] {
  const [names, addresses]: [string[], string[]] = [[], []];
  const facts: { product?: string; version?: string } = {};
  for (const { key, value } of nodes.pairs(node, "a host", HOST_KEYS)) {
    if (key === "name" || key === "names") names.push(...nodes.texts(value, "the name of a host").map((entry) => entry.text));
    else if (key === "addresses") {
      for (const entry of nodes.texts(value, "an address")) {
        if (parseIpv4(entry.text) !== null || parseIpv6(entry.text) !== null) addresses.push(entry.text);
        else nodes.warn(entry.node, "invalid-value", `"${entry.text}" is not an IP address`);
      }
    } else {
      const text = nodes.text(value, `${key} of a host`);
      if (text !== null && key === "product" && !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(text)) {
        nodes.warn(value, "invalid-value", `product "${text}" must be written as rules name it, such as windows-server-2008-r2`);
      } else if (text !== null) facts[key as "product" | "version"] = text;
    }
  }
  if (names.length + addresses.length > 0) return [{ names, addresses, ...facts }];
  nodes.warn(node, "invalid-value", "a host must have a name or an address");
  return [];
}

function readHints(nodes: ManifestNodes, node: unknown, pattern: string, hosts: readonly HostFact[]): SourceHints {
  const hints: { -readonly [key in keyof SourceHints]: SourceHints[key] } = {};
  for (const { key, value } of nodes.pairs(node, `source "${pattern}"`, SOURCE_KEYS)) {
    if (key === "host") {
      const host = nodes.texts(value, "host").map((entry) => entry.text);
      if (host.length > 0) hints.host = withFacts(host, hosts);
      continue;
    }
    const text = nodes.text(value, key);
    if (text === null) continue;
    const oneOf = <T extends string>(...allowed: readonly T[]): T | undefined => {
      const found = allowed.find((word) => word === text);
      if (!found) nodes.warn(value, "invalid-value", `${key} must be one of ${allowed.join(", ")}, not "${text}"`);
      return found;
    };
    if (key === "side") assign(hints, "side", oneOf("client", "server", "middle"));
    else if (key === "time") assign(hints, "time", oneOf("absolute", "since_start", "since_previous"));
    else if (key === "date_order") assign(hints, "dateOrder", oneOf("mdy", "dmy", "ymd"));
    else if (key === "time_zone") assign(hints, "utcOffset", readOffset(nodes, value, text));
    else if (key === "filter") hints.filter = text.slice(0, MAX_FILTER_CHARACTERS);
    else if (DAY.test(text) && parseIsoTime(text)) {
      hints.date = text.slice(0, 10);
      if (text.length > 10) hints.start = text.replace("T", " ");
    } else {
      const wanted = "a day such as 2013-01-08, or a day and a time of day such as 2013-01-08 09:18:53";
      nodes.warn(value, "invalid-value", `date must be ${wanted}, not "${text}"`);
    }
  }
  return hints;
}

function assign<K extends keyof SourceHints>(
  hints: { -readonly [key in keyof SourceHints]: SourceHints[key] },
  key: K,
  value: SourceHints[K] | undefined,
): void {
  if (value !== undefined) hints[key] = value;
}

function readOffset(nodes: ManifestNodes, node: unknown, text: string): number | undefined {
  const offset = parseUtcOffset(text);
  if (offset !== null && Math.abs(offset) <= MAX_OFFSET_MINUTES) return offset;
  const why = /[a-z]/i.test(text) ? "; names of zones are not known, because their offset depends on the day and on a database" : "";
  nodes.warn(node, "invalid-value", `time_zone must be UTC or the offset that held then, such as +02:00, not "${text}"${why}`);
  return undefined;
}

/** A host given by one name or address has all those that `hosts` states of it. */
function withFacts(host: readonly string[], hosts: readonly HostFact[]): string[] {
  const same = hosts.filter(({ names, addresses }) =>
    [...names, ...addresses].some((known) => host.some((given) => given.toLowerCase() === known.toLowerCase())),
  );
  return [...new Set([...host, ...same.flatMap(({ names, addresses }) => [...names, ...addresses])])];
}

/** What the manifest says of a file: all patterns that match it, a later one over an earlier one, key by key. */
export function hintsFor(manifest: BundleManifest, path: string): SourceHints {
  const inside = inManifestFolder(manifest, path);
  if (inside === null) return {};
  return Object.assign(
    {},
    ...manifest.sources.filter(({ pattern }) => matchesPattern(pattern, inside)).map(({ hints }) => hints),
  ) as SourceHints;
}

/** A path as the manifest's patterns see it: from the folder or archive that holds the manifest. */
function inManifestFolder(manifest: BundleManifest, path: string): string | null {
  const folder = manifest.path?.slice(0, manifest.path.lastIndexOf("/") + 1) ?? "";
  return path.startsWith(folder) ? path.slice(folder.length) : null;
}
