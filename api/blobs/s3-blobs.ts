import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { orStorageFull } from "../storage-full.ts";
import { type Blobs, keyParts, NoSuchBlob } from "./blobs.ts";
import { openSpool } from "./spool.ts";

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Address of an S3-compatible store; Amazon's if not given. */
  readonly endpoint?: string | null;
  /** The bucket in the path of addresses, not in the host's name: what most stores other than Amazon's want. Standard with an endpoint. */
  readonly pathStyle?: boolean;
  /** What every object's key begins with. */
  readonly prefix?: string;
  /** The usual sources of AWS credentials where these are not given. */
  readonly accessKeyId?: string | null;
  readonly secretAccessKey?: string | null;
}

export interface S3Blobs extends Blobs {
  close(): void;
}

/** Bytes of one part of an upload, the least S3 takes. A write holds two or three of them in memory. */
const PART = 5 * 1024 * 1024;
/** Objects deleted at a time. */
const DELETED_AT_ONCE = 16;
/** Connections at a time: uploads, downloads and those who read reports. */
const MOST_SOCKETS = 512;

/** Blobs in an S3-compatible store; `local` puts them into files in a folder. An object is visible when all its parts are there. */
export async function s3Blobs(options: S3Options, folder: string): Promise<S3Blobs> {
  const { bucket: Bucket, prefix = "" } = options;
  const spool = await openSpool(folder);
  const client = s3Client(options);
  const objectOf = (key: string) => {
    keyParts(key);
    return { Bucket, Key: `${prefix}${key}` };
  };
  const get = async (key: string): Promise<Readable> => {
    try {
      const { Body } = await client.send(new GetObjectCommand(objectOf(key)));
      if (Body instanceof Readable) return Body;
    } catch (error) {
      if ((error as Error).name !== "NoSuchKey") throw error;
      throw new NoSuchBlob(`there is no blob ${key}`);
    }
    throw new Error(`the object store answered without content for ${key}`);
  };

  return {
    async write(key, content) {
      const object = objectOf(key);
      let size = 0;
      let failure: { readonly error: unknown } | null = null;
      const counted = async function* () {
        try {
          for await (const chunk of content) {
            size += chunk.length;
            yield chunk;
          }
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      const Body = Readable.from(counted(), { objectMode: true, highWaterMark: 1 });
      try {
        // Aborts the parts that are there where it fails.
        await new Upload({ client, params: { ...object, Body }, partSize: PART, queueSize: 1 }).done();
        return size;
      } catch (error) {
        // Whoever sends the content wants to know what became of that, also where the parts could not be aborted.
        throw orStorageFull(failure === null ? error : (failure as { error: unknown }).error, `bucket ${Bucket}`);
      } finally {
        Body.destroy();
      }
    },
    async *read(key) {
      yield* await get(key);
    },
    async local(key) {
      const body = await get(key);
      const path = spool.freshPath();
      const release = () => rm(path, { force: true });
      try {
        await pipeline(body, createWriteStream(path, { flags: "wx", mode: 0o600 }));
        return { path, release };
      } catch (error) {
        await release();
        throw orStorageFull(error, folder);
      }
    },
    async delete(keys) {
      // One by one: stores differ in the checksums they want of a request that names many.
      for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
        const some = keys.slice(at, at + DELETED_AT_ONCE).map(objectOf);
        await Promise.all(some.map((object) => client.send(new DeleteObjectCommand(object))));
      }
    },
    async *list(before) {
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken }));
        for (const { Key, LastModified } of page.Contents ?? []) {
          const key = Key!.slice(prefix.length);
          if (LastModified && LastModified.getTime() < before && isKey(key)) yield key;
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },
    async ping() {
      const object = objectOf(`ping/${randomUUID()}`);
      try {
        await client.send(new PutObjectCommand({ ...object, Body: "ping" }));
        await client.send(new DeleteObjectCommand(object));
      } catch (error) {
        throw orStorageFull(error, `bucket ${Bucket}`);
      }
    },
    close: () => client.destroy(),
  };
}

function s3Client({ region, endpoint, pathStyle, accessKeyId, secretAccessKey }: S3Options): S3Client {
  const agent = { maxSockets: MOST_SOCKETS, keepAlive: true };
  return new S3Client({
    region,
    ...(endpoint ? { endpoint, forcePathStyle: pathStyle ?? true } : { forcePathStyle: pathStyle ?? false }),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // Stores other than Amazon's do not all know the newer checksums in trailers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000, httpAgent: agent, httpsAgent: agent },
  });
}

/** Others may keep objects of their own in the bucket. */
function isKey(key: string): boolean {
  try {
    keyParts(key);
    return true;
  } catch {
    return false;
  }
}
