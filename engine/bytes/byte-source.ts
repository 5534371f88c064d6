/**
 * Where bytes come from: a file handle in Node, a `Blob` in the browser, an archive entry being inflated.
 * Everything below the doors reads through this and nothing else.
 */
export interface ByteSource {
  /** Size in bytes; null while an archive entry's true size is not known. */
  readonly size: number | null;
  /** A sequential source accepts only positions at or after the end of the previous read. */
  readonly sequential: boolean;
  /**
   * Fills `target` from `position` on. Answers how many bytes were written: fewer than asked only at the end of
   * the data, 0 past it. Rejects when the medium fails.
   */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Gives back file handles and inflaters; safe to call twice. */
  close(): Promise<void>;
}

/** A file of the bundle that can be opened any number of times: once to analyse it, once more to quote cited frames. */
export interface BundleFile {
  /** Path inside the bundle with `/`; entries of an archive as `outer.zip/inner.pcap`. */
  readonly path: string;
  /** Size in bytes, null if only inflating would tell. */
  readonly size: number | null;
  open(): Promise<ByteSource>;
}

/** A `ByteSource` over bytes in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    sequential: false,
    async read(target, position) {
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
    async close() {},
  };
}
