import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Bytes of files kept in memory; beyond, those longest unused go. */
const KEPT = 64 << 20;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".xml": "application/xml; charset=utf-8",
  ".atom": "application/atom+xml; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** A file of the site, ready to be sent. */
export interface SiteFile {
  readonly type: string;
  /** Strong entity tag of its content as it is. */
  readonly tag: string;
  readonly content: Buffer;
  /** The content compressed; null where that does not pay. */
  readonly gzipped: Buffer | null;
}

/** What a path of the site leads to. */
export type SitePath = { readonly file: string } | { readonly folder: true } | null;

/** The files of a built site. Only what is there when it is opened is ever given, so no path can lead out of it. */
export class SiteFiles {
  private readonly root: string;
  private readonly paths: ReadonlySet<string>;
  private readonly kept = new Map<string, SiteFile>();
  private bytes = 0;

  private constructor(root: string, paths: ReadonlySet<string>) {
    this.root = root;
    this.paths = paths;
  }

  static async open(root: string): Promise<SiteFiles> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
    return new SiteFiles(root, new Set(files.map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))));
  }

  /** A path without leading slash: a file, a folder that lacks its slash, or nothing. */
  find(path: string): SitePath {
    if (path === "" || path.endsWith("/")) return this.paths.has(`${path}index.html`) ? { file: `${path}index.html` } : null;
    if (this.paths.has(path)) return { file: path };
    return this.paths.has(`${path}/index.html`) ? { folder: true } : null;
  }

  /** Reads a file that `find` gave, or has it still. */
  async read(file: string): Promise<SiteFile> {
    const { mtimeMs } = await stat(join(this.root, file));
    const key = `${file} ${mtimeMs}`;
    const known = this.kept.get(key);
    if (known) this.drop(key);
    const read = known ?? (await load(join(this.root, file)));
    this.kept.set(key, read);
    this.bytes += sizeOf(read);
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= KEPT) break;
      this.drop(oldest);
    }
    return read;
  }

  private drop(key: string): void {
    const dropped = this.kept.get(key);
    if (!dropped) return;
    this.kept.delete(key);
    this.bytes -= sizeOf(dropped);
  }
}

async function load(path: string): Promise<SiteFile> {
  const content = await readFile(path);
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const gzipped = type.includes("charset") ? await compress(content) : null;
  const tag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 24)}"`;
  return { type, tag, content, gzipped: gzipped && gzipped.length < content.length ? gzipped : null };
}

function sizeOf({ content, gzipped }: SiteFile): number {
  return content.length + (gzipped?.length ?? 0);
}
