/** Fills the small file system at the given folder and prints as JSON what then happens. */
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openEmbedded } from "../../api/backend/embedded.ts";
import { freshBlob, submit } from "./submissions.ts";

const data = process.argv[2]!;
const { store, blobs, close } = await openEmbedded({ data, own: true });
const nameOf = (error: unknown) => (error as Error).name;
const accepted: string[] = [];

async function* endless() {
  for (;;) yield Buffer.alloc(65_536);
}
const blob = await blobs.write(freshBlob(), endless()).then(() => "written", nameOf);
const draftsLeft = (await readdir(join(data, "blobs/.tmp"))).length;

// Now so that nothing of it is given back.
const filler = join(data, "filler");
accepted.push((await submit(store, "local")).job.id);
for (let size = 65_536; size >= 4096; size /= 2) {
  for (let number = 0; ; number++) {
    const full = await writeFile(`${filler}-${size}-${number}`, Buffer.alloc(size)).then(
      () => false,
      () => true,
    );
    if (full) break;
  }
}
const ping = await blobs.ping().then(() => "written", nameOf);
let accept = "accepted";
while (accept === "accepted") {
  accept = await submit(store, "local").then(({ job }) => {
    accepted.push(job.id);
    return "accepted";
  }, nameOf);
}
const kept = await store.jobsById(accepted);
for (const name of await readdir(data)) if (name.startsWith("filler")) await rm(join(data, name));
const afterRoomWasMade = await submit(store, "local").then(() => "accepted", nameOf);
await close();
const outcome = {
  blob,
  draftsLeft,
  ping,

  accept,
  acceptedBefore: kept.length,
  acceptedAmong: accepted.length,
  afterRoomWasMade,
};
process.stdout.write(JSON.stringify(outcome));
