#!/usr/bin/env node
/** The `casebook` command. This file must run on any Node, if only to say that it is too old: everything else is loaded after the check. */

/** Same as `engines` in package.json: type stripping, `node:sqlite` and `Map.groupBy` are there from here on. */
const OLDEST_NODE = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `casebook: needs Node ${OLDEST_NODE.join(".")} or newer, this is ${process.versions.node}. Inside the project, npm scripts and npx bring their own.\n`,
  );
  process.exitCode = 2;
} else {
  // Asked for here, since an old Node has no such export. The next start finds its code compiled; a cache that cannot be written costs nothing.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache?.();
  const { QUICK_VERBS } = await import("./quick-verbs.ts");
  const { runOnProcess } = await (QUICK_VERBS.includes(process.argv[2] ?? "") ? import("./quick.ts") : import("./process-terminal.ts"));
  await runOnProcess();
}
