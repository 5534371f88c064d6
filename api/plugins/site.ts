import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { matchesTag, preferred } from "../negotiation.ts";
import { SiteFiles } from "../site-files.ts";

/** Workers take the policy of their own file, those started from memory that of their page; pages have a stricter one in themselves. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** Names that change with the content: `search-3F2A91BC.js` as esbuild gives them, `documents-0-40495a957f91.json` as the search index. */
const HASHED = /-(?:[0-9A-Z]{8}|[0-9a-f]{12})\.[a-z0-9]+$/;
const FOR_EVER = "public, max-age=31536000, immutable";

/** Answers where the site has no such page, to who wants to see one; false where it does not. */
export type LostPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | null>;

/** Serves the built site at `/`, compressed where that is worth it; the page that tells it where the API is. */
export async function serveSite(app: FastifyInstance, folder: string): Promise<LostPage> {
  const files = await SiteFiles.open(folder);
  const config = { rateLimit: false } as const;
  app.get("/config.json", { config, schema: { hide: true } }, async (_request, reply) =>
    reply.headers({ "content-security-policy": POLICY, "cache-control": "no-cache" }).send({ api: "/v1" }),
  );
  app.get<{ Params: { "*": string } }>("/*", { config, schema: { hide: true } }, async (request, reply) => {
    const found = files.find(request.params["*"]);
    if (found === null) return reply.callNotFound();
    // Relative, so that it leads nowhere else whatever the path is.
    if ("folder" in found) return reply.redirect(`${encodeURIComponent(request.params["*"].split("/").at(-1)!)}/`, 301);
    return sendFile(request, reply, files, found.file);
  });
  return async (request, reply) => {
    const page = files.find("404.html");
    const wanted = preferred(request.headers.accept, ["application/problem+json", "text/html"]) === "text/html";
    if (page === null || "folder" in page || !wanted) return null;
    return sendFile(request, reply.code(404), files, page.file);
  };
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, files: SiteFiles, path: string): Promise<FastifyReply> {
  const { type, tag, content, gzipped } = await files.read(path);
  const zip = gzipped !== null && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(request.headers["accept-encoding"] ?? ""));
  const ownTag = zip ? `${tag.slice(0, -1)}-gz"` : tag;
  reply.headers({
    "content-type": type,
    "content-security-policy": POLICY,
    "cache-control": HASHED.test(path) ? FOR_EVER : "no-cache",
    etag: ownTag,
    ...(gzipped === null ? {} : { vary: "Accept-Encoding" }),
  });
  if (reply.statusCode === 200 && matchesTag(request.headers["if-none-match"], ownTag)) return reply.code(304).send(null);
  return zip ? reply.header("content-encoding", "gzip").send(gzipped) : reply.send(content);
}
