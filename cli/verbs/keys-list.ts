import { printable } from "../../engine/report/printable.ts";
import { layoutRow } from "../../engine/report/text-layout.ts";
import { STORE_OPTIONS } from "../store-options.ts";
import { EXIT, textWidthOf } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const keysList: Verb = {
  name: "keys list",
  usage: "",
  arity: [0, 0],
  about: "Lists the keys of the API with what they may do and whether they are still good",
  options: {
    tenant: { value: "NAME", about: "Keys of one tenant only" },
    json: { about: "Write JSON" },
    ...STORE_OPTIONS,
  },
  examples: ["casebook keys list", "casebook keys list --tenant support --json"],
  async run(invocation, terminal) {
    const { withStore } = await import("../key-store.ts");
    const keys = await withStore(invocation, terminal, { create: false }, (store) => store.keys(invocation.values.tenant ?? null));
    const date = (time: number | null) => (time === null ? null : new Date(time).toISOString());
    if (invocation.switches.has("json")) {
      const listed = keys.map(({ id, tenant, label, scopes, createdAt, expiresAt, revokedAt }) => ({
        ...{ id, tenant, label, scopes },
        ...{ created_at: date(createdAt), expires_at: date(expiresAt), revoked_at: date(revokedAt) },
      }));
      await terminal.write(`${JSON.stringify(listed, null, 2)}\n`);
      return EXIT.done;
    }
    const now = Date.now();
    for (const { id, tenant, label, scopes, createdAt, expiresAt, revokedAt } of keys) {
      const state =
        revokedAt !== null
          ? `revoked ${date(revokedAt)!.slice(0, 10)}`
          : expiresAt === null
            ? "good"
            : `${expiresAt <= now ? "expired" : "good until"} ${date(expiresAt)!.slice(0, 10)}`;
      const cells = [
        { text: id, width: 26 },
        { text: tenant, width: 12 },
        { text: state, width: 20 },
        {
          text: `${printable(label)} (${scopes.join(", ")}; made ${date(createdAt)!.slice(0, 10)})`,
          width: Math.max(20, textWidthOf(terminal) - 66),
        },
      ];
      await terminal.write(`${layoutRow(0, cells).join("\n")}\n`);
    }
    if (keys.length === 0) terminal.complain("There are no keys; casebook keys create makes one\n");
    return EXIT.done;
  },
};
