import crypto from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import type { S3Options } from "../../api/blobs/s3-blobs.ts";

export interface TestS3 {
  /** How to reach the one bucket there is. */
  readonly options: S3Options;
  /** Where the server keeps the objects of that bucket: each in three files whose names begin with its key. */
  readonly folder: string;
  /** What was asked of it, as `PUT /casebook/uploads/x?partNumber=1`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** An S3 endpoint on loopback with one bucket, its objects in a temporary folder. */
export async function startS3(): Promise<TestS3> {
  replaceDes();
  const folder = await mkdtemp(join(tmpdir(), "casebook-s3-"));
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: folder,
    configureBuckets: [{ name: "casebook", configs: [] }],
  });
  const { port }: AddressInfo = await server.run();
  const requests: string[] = [];
  server.httpServer.on("request", ({ method, url }: IncomingMessage) => requests.push(`${method} ${url}`));
  return {
    // The key and secret that s3rver knows.
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "casebook",
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
    },
    folder: join(folder, "casebook"),
    requests,
    async stop() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * s3rver ciphers the tokens that lead from one page of a listing to the next with DES, which OpenSSL 3 has no more. Triple DES with one key
 * three times is the same.
 */
function replaceDes(): void {
  const { createCipheriv, createDecipheriv } = crypto;
  const thrice = (key: unknown) => Buffer.concat([key, key, key] as Buffer[]);
  Object.assign(crypto, {
    createCipheriv: (algorithm: string, key: Buffer, ...more: [Buffer]) =>
      algorithm === "des" ? createCipheriv("des-ede3-cbc", thrice(key), ...more) : createCipheriv(algorithm, key, ...more),
    createDecipheriv: (algorithm: string, key: Buffer, ...more: [Buffer]) =>
      algorithm === "des" ? createDecipheriv("des-ede3-cbc", thrice(key), ...more) : createDecipheriv(algorithm, key, ...more),
  });
}
