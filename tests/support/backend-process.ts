/** Opens a backend twice at once in a process of its own: `node backend-process.ts <address as JSON>`. Fails where it cannot be opened or written. */
import { type BackendAddress, openBackend } from "./open-backend.ts";

const address = JSON.parse(process.argv[2]!) as BackendAddress;
const opened = await Promise.all([openBackend(address), openBackend(address)]);
for (const { store, queue, close } of opened) {
  await store.ping();
  await queue.waiting();
  await close();
}
