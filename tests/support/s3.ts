import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import type { S3Options } from "../../api/blobs/s3-blobs.ts";

export interface TestS3 {
  /** How to reach the one bucket there is. */
  readonly options: S3Options;
  /** Where the server keeps its objects. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** An S3 endpoint on loopback with one bucket, its objects in a temporary folder. */
export async function startS3(): Promise<TestS3> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-s3-"));
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: folder,
    configureBuckets: [{ name: "casebook", configs: [] }],
  });
  const { port }: AddressInfo = await server.run();
  return {
    // The key and secret that s3rver knows.
    options: {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "casebook",
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
    },
    folder,
    async stop() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
