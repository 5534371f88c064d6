import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".atom": "application/atom+xml",
  ".xml": "application/xml",
  ".webmanifest": "application/manifest+json",
  ".yaml": "application/yaml",
  ".zip": "application/zip",
};
const COMPRESSED = /^text\/|json|xml|yaml|javascript/;

/** Milliseconds, of which a browser paints several frames. */
const BETWEEN_PIECES = 40;

export interface StaticServerOptions {
  /** The path it is published under, so that a link that leaves it shows; `/` unless told. */
  readonly base?: string;
  /** Cuts pages into pieces that arrive one after the other, as on a slow network: a browser shows each before the next is there. */
  readonly stutter?: ((page: string) => Iterable<string>) | null;
}

export interface StaticServer {
  /** Address of the site's first page, with slash at the end. */
  readonly url: string;
  /** Method and path of every request so far, in order. */
  readonly requests: { readonly method: string; readonly path: string; readonly bytes: number }[];
  /** Ends it, as a network that fails; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves a folder on loopback as any host of static files would: `index.html` of folders, `404.html`, types by extension, gzip.
 */
export async function serveStatic(folder: string, { base = "/", stutter = null }: StaticServerOptions = {}): Promise<StaticServer> {
  const requests: { method: string; path: string; bytes: number }[] = [];
  const server = createServer((request, response) => {
    answer(folder, base, stutter, request, response).then(
      (bytes) => requests.push({ method: request.method ?? "", path: request.url ?? "", bytes }),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    requests,
    close() {
      if (!server.listening) return Promise.resolve();
      server.closeAllConnections();
      return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    },
  };
}

async function answer(
  folder: string,
  base: string,
  stutter: StaticServerOptions["stutter"],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const inside = pathname.startsWith(base) ? normalize(decodeURIComponent(pathname.slice(base.length))) : null;
  const found = inside === null || inside.startsWith("..") ? null : await fileAt(folder, inside, pathname.endsWith("/"));
  if (found === "folder") {
    response.writeHead(301, { location: `${pathname}/` }).end();
    return 0;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405).end();
    return 0;
  }
  const file = found ?? join(folder, "404.html");
  const content = await readFile(file).catch(() => Buffer.from("not found"));
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  if (stutter && file.endsWith(".html")) {
    response.writeHead(200, { "content-type": type });
    for (const piece of stutter(content.toString())) {
      response.write(piece);
      await setTimeout(BETWEEN_PIECES);
    }
    response.end();
    return content.length;
  }
  const gzip = COMPRESSED.test(type) && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = gzip ? gzipSync(content) : content;
  response.writeHead(found === null ? 404 : 200, {
    "content-type": type,
    "content-length": body.length,
    "cache-control": "no-cache",
    ...(gzip ? { "content-encoding": "gzip" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  return body.length;
}

/** The file behind a path, "folder" for one that lacks its slash, null where there is nothing. */
async function fileAt(folder: string, inside: string, slash: boolean): Promise<string | "folder" | null> {
  const path = join(folder, inside.split("/").join(sep));
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile()) return slash ? null : path;
  if (!stats?.isDirectory()) return null;
  if (!slash) return "folder";
  const index = join(path, "index.html");
  return (await stat(index).catch(() => null)) ? index : null;
}
