import type { ByteSource } from "../bytes/byte-source.ts";
import type { Inflater } from "./inflater.ts";

/** A stored entry whose CRC-32 is compared once it was read from its beginning to its end, in whatever steps. */
export function checkedSource(
  source: ByteSource,
  crc: number,
  { crc32 }: Pick<Inflater, "crc32">,
  problem: (kind: "checksum") => void,
): ByteSource {
  let [checked, sum] = [0, 0];
  return {
    size: source.size,
    sequential: source.sequential,
    async read(target, position) {
      const count = await source.read(target, position);
      if (position <= checked && position + count > checked) {
        sum = crc32(target.subarray(checked - position, count), sum);
        checked = position + count;
        if (checked === source.size && sum !== crc) problem("checksum");
      }
      return count;
    },
    close: () => source.close(),
  };
}
