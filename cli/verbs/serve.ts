import { settingFlags } from "../../api/setting-docs.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

const DAY_MS = 86_400_000;

export const serve: Verb = {
  name: "serve",
  usage: "",
  arity: [0, 0],
  about: "Serves the API and the site: submit bundles, follow jobs, read reports",
  details:
    "Everything is kept in one folder unless CASEBOOK_DATABASE_URL names a PostgreSQL database; then any number of servers and workers share the jobs. Each flag has a variable, which it goes before. SIGINT or SIGTERM stops it once what runs has ended.",
  options: settingFlags("serve"),
  examples: ["casebook serve", "casebook serve --port 9000 --data /var/lib/casebook", "casebook serve --host 0.0.0.0 --anonymous off"],
  async run(invocation, terminal) {
    const { serverSettings, starting } = await import("../server-settings.ts");
    const settings = serverSettings(invocation, terminal);
    const [{ resolve }, { startServer }, { openLogger }, { untilToldToStop }] = await Promise.all([
      import("node:path"),
      import("../../api/server.ts"),
      import("../../api/logger.ts"),
      import("../until-told-to-stop.ts"),
    ]);
    const log = openLogger(settings, terminal.complain, terminal.interactive);
    const server = await starting(() => startServer(settings, log));
    const { address } = server;
    const kept =
      settings.retention === null ? "bundles are kept" : `bundles are kept ${Math.round((settings.retention / DAY_MS) * 10) / 10} days`;
    const lines = [
      ...(server.site
        ? [
            ["site", `${address}/`],
            ["match", `${address}/match/`],
          ]
        : []),
      ["API", `${address}/v1`],
      ["API docs", `${address}/docs`],
      ...(settings.databaseUrl === null
        ? [["data", `${resolve(settings.data)} (${kept})`]]
        : [["data", `PostgreSQL, bucket ${settings.s3Bucket} (${kept})`]]),
      ...(settings.jobsAtOnce === 0 ? [["jobs", "none are run here: casebook worker does"]] : []),
      [
        "access",
        server.anonymous
          ? "anonymous: whoever reaches this address may do everything without a key (--anonymous off asks for keys)"
          : "with a key only (casebook keys create makes one)",
      ],
    ];
    await terminal.write(
      `Casebook is ready.\n\n${lines.map(([what, where]) => `  ${what!.padEnd(9)} ${where}\n`).join("")}\nCtrl-C stops it.\n`,
    );
    await untilToldToStop(terminal);
    log.info({}, "stopping: what runs may end, new requests are refused");
    await server.stop();
    return EXIT.done;
  },
};
