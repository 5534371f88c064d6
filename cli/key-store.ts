import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openBackend } from "../api/open-backend.ts";
import type { Store } from "../api/store/store.ts";
import { Failure } from "./failure.ts";
import { serverSettings, starting } from "./server-settings.ts";
import { STORE_OPTIONS } from "./store-options.ts";
import type { Terminal } from "./terminal.ts";
import type { Invocation } from "./verb.ts";

export interface StoreAccess {
  /** Whether a data folder is made where there is none. */
  readonly create: boolean;
}

/** Opens the store that the settings name, beside a server that may be running, and closes it again. */
export async function withStore<T>(
  invocation: Invocation,
  terminal: Terminal,
  { create }: StoreAccess,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const values = Object.fromEntries(Object.entries(invocation.values).filter(([name]) => name in STORE_OPTIONS));
  const settings = serverSettings({ ...invocation, values }, terminal);
  const folder = resolve(settings.data);
  if (settings.databaseUrl === null && !create && !(await stat(join(folder, "casebook.db")).catch(() => null)))
    throw new Failure(
      `there is no data of a server in ${folder}`,
      "Name its folder with --data, or its database with CASEBOOK_DATABASE_URL",
    );
  const backend = await starting(() => openBackend(settings, { own: false, dataKey: null, onError: () => {} }));
  try {
    return await use(backend.store);
  } finally {
    await backend.close();
  }
}
