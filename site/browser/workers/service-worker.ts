/**
 * Keeps the site usable without a network once the page that matches was opened: its shell, the engine and what it knows from the
 * start, every other page once it was visited. Never touches requests that are not this site's own: other methods, other places of
 * the same host, the server's API. A new version takes over when the last page of the old one is closed.
 */

/** What the build says in the script that loads this one. */
interface Contents {
  /** Digest of everything on the site. */
  readonly version: string;
  /** Paths below the site's own to keep from the start. */
  readonly kept: readonly string[];
  /** Folders and files of the site by their first part; what else lies below it is somebody else's. */
  readonly own: readonly string[];
}

const scope = self as unknown as ServiceWorkerGlobalScope & { readonly casebook: Contents };
const { version, kept, own } = scope.casebook;
const home = new URL(scope.registration.scope);
/** Several sites of one host share its storage. */
const family = `casebook ${home.pathname} `;
const cacheName = family + version;
const ownParts = new Set(own);
/** How long a network may take to answer where there is something kept, in milliseconds. */
const PATIENCE_MS = 5000;

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const address = new URL(url);
  if (method !== "GET" || address.origin !== home.origin || !address.pathname.startsWith(home.pathname)) return;
  const path = address.pathname.slice(home.pathname.length);
  if (!ownParts.has(path.split("/")[0]!)) return;
  // A name that changes with the content needs no second look.
  event.respondWith(path.startsWith("assets/") ? keptFirst(event.request) : networkFirst(event));
});

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll(kept.map((path) => new Request(new URL(path, home), { cache: "no-cache" })));
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(family) && name !== cacheName).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function keptFirst(request: Request): Promise<Response> {
  return (await lookUp(request)) ?? load(request);
}

async function networkFirst(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const loading = load(request);
  // The network may win later, for the next time.
  event.waitUntil(loading.catch(() => {}));
  const known = await lookUp(request);
  if (known === undefined) return loading.catch(() => unreachable(request));
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE_MS, known));
  return Promise.race([loading.catch(() => known), late]);
}

async function load(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (response.ok && response.type === "basic") {
    const cache = await caches.open(cacheName);
    await cache.put(withoutQuery(request.url), response.clone());
  }
  return response;
}

async function lookUp(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(cacheName);
  return cache.match(withoutQuery(request.url));
}

/** Queries are read by the pages' scripts only. */
function withoutQuery(url: string): string {
  const address = new URL(url);
  address.search = "";
  address.hash = "";
  return address.href;
}

function unreachable(request: Request): Response {
  if (request.mode !== "navigate") return Response.error();
  return new Response("There is no network, and this page has not been opened before.", {
    status: 503,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
