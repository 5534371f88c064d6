/**
 * The data of server-sent events (WHATWG HTML, section 9.2) as they arrive, for a stream that `EventSource` cannot ask for because it
 * sends no key. `heard` is called for everything that arrives, comments too.
 */
export async function* eventData(stream: ReadableStream<Uint8Array>, heard: () => void = () => {}): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      heard();
      // An end of line may be cut in two: a carriage return waits for what follows it.
      const text = rest + decoder.decode(piece.value, { stream: true });
      const blocks = text.replace(/\r\n|\r(?!$)/g, "\n").split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = dataOf(block);
        if (data !== null) yield data;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function dataOf(block: string): string | null {
  const lines = block.split("\n").flatMap((line) => /^data:? ?(.*)$/.exec(line)?.[1] ?? []);
  return lines.length > 0 ? lines.join("\n") : null;
}
