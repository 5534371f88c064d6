/** Opens a backend in a process of its own: `node backend-process.ts <address as JSON>`. Fails where it cannot be opened or written. */
import { type BackendAddress, openBackend } from "./open-backend.ts";

const backend = await openBackend(JSON.parse(process.argv[2]!) as BackendAddress);
await backend.store.ping();
await backend.queue.waiting();
await backend.close();
