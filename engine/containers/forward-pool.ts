import type { ByteSource } from "../bytes/byte-source.ts";

/**
 * Opens a source that can only be read forward, for several readers one after the other: who wants to begin behind where the
 * last one stopped goes on from there, and nothing is inflated twice. Readers at the same time each have their own.
 */
export function forwardPool(open: () => Promise<ByteSource>): (from: number) => Promise<ByteSource> {
  let idle: { source: ByteSource; position: number } | null = null;
  return async (from) => {
    const resumed = idle !== null && idle.position <= from ? idle : null;
    if (resumed) idle = null;
    const source = resumed?.source ?? (await open());
    let [position, closed] = [resumed?.position ?? 0, false];
    return {
      size: source.size,
      sequential: true,
      async read(target, at) {
        const count = await source.read(target, at);
        position = at + count;
        return count;
      },
      async close() {
        if (closed) return;
        closed = true;
        // Closed, it holds no file open; an inflating source goes on where it was when it is read again.
        await source.close();
        idle = { source, position };
      },
    };
  };
}
