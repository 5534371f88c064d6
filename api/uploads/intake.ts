import { createHash } from "node:crypto";
import type { Blobs } from "../blobs/blobs.ts";
import { newId } from "../ids.ts";
import { Problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import type { StoredFile } from "../store/store.ts";
import { filePath } from "./file-path.ts";

export interface IntakeOptions {
  readonly blobs: Blobs;
  readonly limits: Pick<Settings, "bundleBytes" | "bundleFiles">;
  /** Told of bytes as they come in. */
  received(bytes: number): void;
}

/** Takes the files of one upload, one after the other, each hashed on its way to its blob; nothing is held in memory. */
export class Intake {
  readonly files: StoredFile[] = [];
  bytes = 0;
  private readonly options: IntakeOptions;
  private readonly paths = new Set<string>();

  constructor(options: IntakeOptions) {
    this.options = options;
  }

  /** Throws a `Problem` for what may not be, and what the blobs throw. */
  async take(givenPath: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { blobs, limits } = this.options;
    const path = filePath(givenPath);
    if (this.paths.has(path))
      throw new Problem(400, "bad-upload", "Two files of the upload have the same path.", {
        whatToDo: "Give each file a path of its own.",
      });
    if (this.files.length >= limits.bundleFiles) throw tooManyFiles(limits.bundleFiles);
    this.paths.add(path);
    const hash = createHash("sha256");
    const before = this.bytes;
    const blob = `upload/${newId()}`;
    await blobs.write(
      blob,
      this.watched(content, (chunk) => hash.update(chunk)),
    );
    this.files.push({ path, bytes: this.bytes - before, sha256: hash.digest("hex"), blob });
  }

  /** Deletes what was taken. */
  async discard(): Promise<void> {
    await this.options.blobs.delete(this.files.map(({ blob }) => blob));
  }

  private async *watched(content: AsyncIterable<Uint8Array>, each: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
    const { limits, received } = this.options;
    try {
      for await (const chunk of content) {
        this.bytes += chunk.length;
        if (this.bytes > limits.bundleBytes) throw tooLarge(limits.bundleBytes);
        received(chunk.length);
        each(chunk);
        yield chunk;
      }
    } catch (error) {
      throw error instanceof Problem ? error : brokenOff(error);
    }
  }
}

export function tooLarge(limit: number): Problem {
  return new Problem(413, "too-large", `The bundle is larger than the ${limit} bytes that are taken here.`, {
    whatToDo: "Leave out what does not belong to the fault, filter or shorten captures, or have the limit raised (--max-bundle-bytes).",
  });
}

export function tooManyFiles(limit: number): Problem {
  return new Problem(413, "too-large", `The bundle has more than the ${limit} files that are taken here.`, {
    whatToDo: "Put them into a zip or tar.gz archive and submit that.",
  });
}

export function brokenOff(cause: unknown): Problem {
  return new Problem(400, "bad-upload", "The upload broke off before its end.", { whatToDo: "Nothing was kept. Submit it again.", cause });
}
