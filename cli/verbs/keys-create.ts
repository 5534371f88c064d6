import { Failure } from "../failure.ts";
import { STORE_OPTIONS } from "../store-options.ts";
import { EXIT } from "../terminal.ts";
import { quote, type Verb } from "../verb.ts";

export const keysCreate: Verb = {
  name: "keys create",
  usage: "<label>",
  arity: [1, 1],
  about: "Makes a key for the API and shows it once",
  details:
    "The label says whose it is. Scopes: submit bundles and follow their jobs; read reports and the knowledge base; contribute, to try rules; admin, everything of its tenant. A tenant never sees what another has. Only a hash is stored: a lost key is revoked and another made. Works while a server runs.",
  options: {
    scopes: { value: "LIST", about: "What it may be used for, separated by commas: submit, read, contribute, admin (submit,read)" },
    tenant: { value: "NAME", about: "Whose bundles and reports it sees (main)" },
    expires: { value: "TIME", about: "How long it is good for: 12h, 90d; for ever if not given" },
    ...STORE_OPTIONS,
  },
  examples: [
    "casebook keys create build-server --scopes submit,read",
    "casebook keys create alice --tenant support --scopes admin --expires 90d",
  ],
  async run(invocation, terminal) {
    const [{ withStore }, { mintKey, TENANT_PATTERN }, { SCOPES }, { parseDuration }] = await Promise.all([
      import("../key-store.ts"),
      import("../../api/keys.ts"),
      import("../../api/store/store.ts"),
      import("../../api/setting.ts"),
    ]);
    const { values, positionals } = invocation;
    const label = positionals[0]!.trim();
    if (label === "" || label.length > 200) throw new Failure("the label needs 1 to 200 characters", "Say whose key it is");
    const tenant = values.tenant ?? "main";
    if (!new RegExp(TENANT_PATTERN).test(tenant))
      throw new Failure(`--tenant cannot be ${quote(tenant)}`, "Use up to 63 small letters, digits and dashes");
    const named = (values.scopes ?? "submit,read").split(",").map((scope) => scope.trim());
    const unknown = named.find((scope) => !SCOPES.some((known) => known === scope));
    if (unknown !== undefined) throw new Failure(`--scopes cannot hold ${quote(unknown)}`, `Use some of ${SCOPES.join(",")}`);
    const now = Date.now();
    const life = values.expires === undefined ? null : parseDuration(values.expires);
    if (values.expires !== undefined && life === null)
      throw new Failure(`--expires cannot be ${quote(values.expires)}`, "Use a time such as 12h or 90d");
    const scopes = SCOPES.filter((scope) => named.includes(scope));
    const { key, text } = mintKey({ tenant, label, scopes, expiresAt: life === null ? null : now + life }, now);
    await withStore(invocation, terminal, { create: true }, async (store) => {
      await store.addKey(key);
      await store.audit({ at: now, tenant, actor: "command-line", action: "key.create", subject: key.id, requestId: null });
    });
    terminal.complain(
      `Key ${key.id} of tenant ${tenant} may ${scopes.join(", ")}. It is shown this once; send it as "Authorization: Bearer <key>":\n`,
    );
    await terminal.write(`${text}\n`);
    return EXIT.done;
  },
};
