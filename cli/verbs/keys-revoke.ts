import { Failure } from "../failure.ts";
import { STORE_OPTIONS } from "../store-options.ts";
import { EXIT } from "../terminal.ts";
import { quote, type Verb } from "../verb.ts";

export const keysRevoke: Verb = {
  name: "keys revoke",
  usage: "<id>",
  arity: [1, 1],
  about: "Ends a key of the API for good",
  details: "The next request with it is refused, also by a server that is running.",
  options: STORE_OPTIONS,
  examples: ["casebook keys revoke 01kb1zqv3m4n5p6r7s8t9v0w1x"],
  async run(invocation, terminal) {
    const { withStore } = await import("../key-store.ts");
    const id = invocation.positionals[0]!;
    const now = Date.now();
    await withStore(invocation, terminal, { create: false }, async (store) => {
      const key = (await store.keys(null)).find((one) => one.id === id);
      if (!key || !(await store.revokeKey(id, now)))
        throw new Failure(key ? `key ${quote(id)} is revoked already` : `there is no key ${quote(id)}`, "casebook keys list shows all");
      await store.audit({ at: now, tenant: key.tenant, actor: "command-line", action: "key.revoke", subject: id, requestId: null });
    });
    terminal.complain(`Key ${id} is revoked\n`);
    return EXIT.done;
  },
};
