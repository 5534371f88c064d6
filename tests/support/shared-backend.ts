import { startPostgres } from "./postgres.ts";
import { startS3 } from "./s3.ts";

export interface SharedBackend {
  /** Settings of a server or worker that keeps everything there, and what it must keep to itself in `folder`. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** An empty database and an empty bucket that any number of processes may share. */
export async function startSharedBackend(folder: string): Promise<SharedBackend> {
  const [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
  return {
    environment: {
      CASEBOOK_DATABASE_URL: await postgres.database(),
      CASEBOOK_S3_ENDPOINT: s3.options.endpoint!,
      CASEBOOK_S3_BUCKET: s3.options.bucket,
      CASEBOOK_S3_ACCESS_KEY: s3.options.accessKeyId!,
      CASEBOOK_S3_SECRET_KEY: s3.options.secretAccessKey!,
      CASEBOOK_DATA: folder,
    },
    async stop() {
      await s3.stop();
      await postgres.stop();
    },
  };
}
