/** Every array buffer inside plain data, once each: a thread hands them over instead of copying them. */
export function transferables(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const waiting: unknown[] = [data];
  for (let value = waiting.pop(); waiting.length > 0 || value !== undefined; value = waiting.pop()) {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (value instanceof Map) waiting.push(...value.values());
    else if (Array.isArray(value)) {
      // Lists of plain values can be long and hold no buffers.
      for (const entry of value) if (typeof entry === "object" && entry !== null) waiting.push(entry);
    } else if (typeof value === "object" && value !== null) {
      for (const entry of Object.values(value)) if (typeof entry === "object" && entry !== null) waiting.push(entry);
    }
  }
  return [...found];
}
