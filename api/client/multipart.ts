/** A file to submit: its path inside the bundle and its bytes. */
export interface Upload {
  readonly path: string;
  readonly content: Blob;
}

/** A multipart body (RFC 7578) that is read as it is sent, so that files of any size take little memory and progress can be told. */
export interface MultipartBody {
  readonly contentType: string;
  /** Bytes of the whole body. */
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/** Writes files as one multipart body; `sent` is told how many bytes of the files have been taken so far. */
export function multipartBody(files: readonly Upload[], boundary: string, sent?: (bytes: number) => void): MultipartBody {
  const encoder = new TextEncoder();
  const parts = files.map((file) => ({ head: encoder.encode(partHead(file.path, boundary)), content: file.content }));
  const tail = encoder.encode(`--${boundary}--\r\n`);
  const size = parts.reduce((sum, { head, content }) => sum + head.length + content.size + 2, tail.length);
  return { contentType: `multipart/form-data; boundary=${boundary}`, size, stream: streamOf(pieces(parts, tail, sent)) };
}

async function* pieces(parts: readonly { head: Uint8Array; content: Blob }[], tail: Uint8Array, sent?: (bytes: number) => void) {
  let total = 0;
  for (const { head, content } of parts) {
    yield head;
    for await (const chunk of chunksOf(content.stream())) {
      total += chunk.length;
      sent?.(total);
      yield chunk;
    }
    yield CRLF;
  }
  yield tail;
}

const CRLF = new Uint8Array([13, 10]);

/** A path in a quoted parameter: what RFC 7578 section 2 and the HTML standard escape, nothing else. */
function partHead(path: string, boundary: string): string {
  const name = path.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
}

/** Reads a stream where streams cannot be iterated, as in some browsers. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}

function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await source.return(undefined);
    },
  });
}
