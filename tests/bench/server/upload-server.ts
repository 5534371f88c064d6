/**
 * One of the servers whose uploads are compared, on a free port; says its address and ends with its standard input.
 * `bare`: Fastify and its multipart plugin write the file. `careful`: they hash it, too, and answer once it is on the disk under its name.
 * `casebook`: the whole HTTP interface on an embedded backend, without the threads that analyse.
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import multipart from "@fastify/multipart";
import fastify from "fastify";
import { startApi } from "../../support/api-server.ts";

const [kind = ""] = process.argv.slice(2);
const started = kind === "casebook" ? await startApi() : await startBare(kind === "careful");
console.log(started.address);
process.stdin.resume().on("end", () => void started.close().then(() => process.exit()));

async function startBare(careful: boolean): Promise<{ readonly address: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-bare-"));
  const app = fastify({ bodyLimit: Number.MAX_SAFE_INTEGER });
  await app.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY } });
  let files = 0;
  app.post("/v1/bundles", async (request, reply) => {
    const part = await request.file();
    if (!part) return reply.code(400).send({});
    const id = String(++files);
    const path = join(folder, id);
    const hash = createHash("sha256");
    let bytes = 0;
    await pipeline(
      part.file,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const piece of source) {
          bytes += piece.length;
          if (careful) hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(`${path}.part`),
    );
    if (careful) await settle(`${path}.part`);
    await rename(`${path}.part`, path);
    if (careful) await settle(folder);
    return reply.code(202).send({ id, bytes, sha256: careful ? hash.digest("hex") : null });
  });
  app.delete<{ Params: { id: string } }>("/v1/bundles/:id", async (request, reply) => {
    await rm(join(folder, request.params.id), { force: true });
    return reply.code(204).send();
  });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    address,
    async close() {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function settle(path: string): Promise<void> {
  const file = await open(path, "r");
  await file.sync();
  await file.close();
}
