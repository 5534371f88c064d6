/** The least a reader of a capture can do: walk the record headers of a pcap file and count. Prints the number of packets. */
import { openSync, readSync } from "node:fs";

const fd = openSync(process.argv[2]!, "r");
const chunk = Buffer.alloc(1 << 20);
let [held, skip, packets] = [0, 24, 0];
for (;;) {
  const count = readSync(fd, chunk, held, chunk.length - held, null);
  if (count === 0) break;
  const end = held + count;
  let at = Math.min(skip, end);
  skip -= at;
  while (skip === 0 && at + 16 <= end) {
    packets++;
    const length = 16 + chunk.readUInt32LE(at + 8);
    if (at + length > end) skip = at + length - end;
    at = Math.min(at + length, end);
  }
  chunk.copy(chunk, 0, at, end);
  held = end - at;
}
console.log(packets);
