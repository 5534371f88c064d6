import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";

/** Where Debian and others keep the servers of each version. */
const SERVERS = "/usr/lib/postgresql";

/** Folder of `initdb` and `postgres`, the newest there is; null where PostgreSQL is not installed. */
const binaries = findBinaries();
/** The server refuses to run as root; there it needs somebody to run as. */
const owner = process.getuid?.() === 0 ? accountOf("postgres") : null;

/** Why no PostgreSQL can be started here; null where one can. */
export const withoutPostgres =
  binaries === null
    ? "PostgreSQL is not installed"
    : process.getuid?.() === 0 && owner === null
      ? "PostgreSQL cannot run as root and there is no user postgres"
      : null;

/** Says in one line that a test file's checks on PostgreSQL are skipped, where they are. */
export function tellWithoutPostgres(what: string): void {
  if (withoutPostgres !== null) console.warn(`${what} on PostgreSQL: skipped, ${withoutPostgres}`);
}

export interface TestPostgres {
  /** URL of a fresh, empty database. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** A PostgreSQL server of our own on a free port of loopback, its data in a temporary folder. */
export async function startPostgres(): Promise<TestPostgres> {
  if (binaries === null) throw new Error("PostgreSQL is not installed");
  const folder = mkdtempSync(join(tmpdir(), "casebook-postgres-"));
  const data = join(folder, "data");
  if (owner) {
    chownSync(folder, owner.uid, owner.gid);
    chmodSync(folder, 0o700);
  }
  const as = { ...owner, cwd: folder, env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" } };
  execFileSync(join(binaries, "initdb"), ["-D", data, "-U", "casebook", "-A", "trust", "-E", "UTF8", "--no-sync"], {
    ...as,
    stdio: "ignore",
  });
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_connections: 200,
    track_activity_query_size: 16_384,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(binaries, "postgres"), ["-D", data, ...flags], { ...as, stdio: "ignore" });
  const url = (name: string) => `postgres://casebook@127.0.0.1:${port}/${name}`;
  await answering(url("postgres"), server);

  let databases = 0;
  return {
    async database() {
      const name = `casebook_${++databases}`;
      await administer(url("postgres"), `CREATE DATABASE ${name}`);
      return url(name);
    },
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      // Ends at once, without waiting for connections; the data is thrown away.
      server.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findBinaries(): string | null {
  const versions = listing(SERVERS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(SERVERS, version, "bin"));
  const places = [...versions, ...(process.env.PATH ?? "").split(delimiter)];
  return places.find((place) => runnable(join(place, "initdb")) && runnable(join(place, "postgres"))) ?? null;
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function accountOf(user: string): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with status ${server.exitCode} before it answered`);
    try {
      return await administer(url, "SELECT 1");
    } catch {
      await pause(50);
    }
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
