import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "../../api/metrics.ts";
import { readSettings, type Settings, settingDeclarations } from "../../api/settings.ts";
import { buildClient } from "../../cli/client-build.ts";
import { projectRoot } from "../support/bundles.ts";
import { openPageSession, type PageSession, patternOf, type Runnable, runnablesOf } from "../support/page-session.ts";

const READY = /^Ctrl-C stops it\.$/m;
const run = promisify(execFile);
const text = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const variables = new Set(Object.values(settingDeclarations).map(({ variable }) => variable));

describe.each(["docs/operations.md", "docs/api.md"])("%s, followed from its beginning", (page) => {
  const runnables = runnablesOf(page);
  let session: PageSession;
  beforeAll(async () => {
    session = await openPageSession();
    cpSync(join(projectRoot, "tests/cases/rdp-listener-gone/article/bundle"), join(session.folder, "outage"), { recursive: true });
    cpSync(join(projectRoot, "rules/rds/rdp-listener-gone.yaml"), join(session.folder, "my-rule.yaml"));
    if (runnables.some(({ kind }) => kind === "ts")) await installClient(session.folder);
  });
  afterAll(() => session.close());

  it.each(runnables)("$kind: $text", { timeout: 60_000 }, async (runnable: Runnable) => {
    if (/^npx casebook serve\b/.test(runnable.text)) {
      expect(await session.runOn(runnable, READY)).toMatch(patternOf(runnable.shown));
      return;
    }
    const { code, out, err } = await session.run(runnable);
    expect(code, err).toBe(0);
    if (runnable.kind === "console") expect(out).toMatch(patternOf(runnable.shown));
    else for (const said of runnable.shown) expect(out).toContain(said);
  });
});

/** What `npm install` of the project puts where programs find it. */
async function installClient(folder: string): Promise<void> {
  const place = join(folder, "node_modules/casebook");
  mkdirSync(place, { recursive: true });
  cpSync(join(projectRoot, "package.json"), join(place, "package.json"));
  await buildClient(projectRoot, join(place, "dist"));
}

it("the programs of docs/api.md are typed as the client says", { timeout: 60_000 }, async () => {
  const session = await openPageSession();
  try {
    await installClient(session.folder);
    const types = join(projectRoot, "node_modules/@types");
    const options = { strict: true, noEmit: true, module: "nodenext", target: "es2024", typeRoots: [types], types: ["node"] };
    writeFileSync(join(session.folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(session.folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
    const programs = runnablesOf("docs/api.md").filter(({ kind }) => kind === "ts");
    for (const [index, program] of programs.entries()) writeFileSync(join(session.folder, `program-${index}.ts`), program.text);
    const checked = await run(join(projectRoot, "node_modules/.bin/tsc"), ["-p", session.folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(checked.stdout).toBe("");
  } finally {
    session.close();
  }
});

it("an older Casebook refuses a newer schema with a sentence, as docs/operations.md says", async () => {
  const session = await openPageSession();
  try {
    await session.run({ kind: "console", text: "npx casebook keys create one --data data", shown: [] });
    const database = new DatabaseSync(join(session.folder, "data/casebook.db"));
    database.exec("INSERT INTO schema_version (version, at) VALUES (1000, 1)");
    database.close();
    const { code, err } = await session.run({ kind: "console", text: "npx casebook serve --data data", shown: [] });
    expect(code).toBe(2);
    expect(err).toMatch(
      /^casebook: the database has schema version 1000 and this Casebook knows \d+: upgrade Casebook, or restore a backup\n$/,
    );
  } finally {
    session.close();
  }
});

describe("docs/operations.md", () => {
  const page = text("docs/operations.md");

  it("names only variables, flags and metrics that there are", async () => {
    for (const [name] of page.matchAll(/\bCASEBOOK_[A-Z0-9_]*[A-Z0-9]/g))
      expect(
        [...variables].filter((variable) => variable.startsWith(name)),
        name,
      ).not.toEqual([]);
    const flags = Object.values(settingDeclarations).flatMap(({ flag }) => (flag === null ? [] : [`--${flag}`]));
    for (const [, flag] of page.matchAll(/`(--[a-z-]+)[^`]*`/g)) expect([...flags, "--tenant"], flag).toContain(flag);
    const { registry } = createMetrics({ store: { countJobs: async () => ({}) }, queue: { waiting: async () => 0 } } as never);
    const exposed = await registry.metrics();
    const named = [...page.matchAll(/\b((?:casebook|nodejs|process)_[a-z0-9]+_[a-z0-9_]+|casebook_jobs|casebook_uploads)\b/g)];
    expect(named.length).toBeGreaterThan(7);
    for (const [name] of named)
      if (name !== "casebook_queue`, ") expect(`${exposed} casebook_queue `).toContain(name.replace(/_count$/, ""));
  });

  it("tells the standards that hold", () => {
    const standard = (name: keyof Settings) => settingDeclarations[name].standard;
    expect(page).toContain("`--lease` (30 s)");
    expect(standard("lease")).toBe("30s");
    expect(page).toContain("`--job-memory` (2 GiB)");
    expect(standard("jobMemory")).toBe("2GiB");
    expect(page).toContain("`--retention` (30 d)");
    expect(standard("retention")).toBe("30d");
    expect(page).toContain("`--audit-retention` (365 d");
    expect(standard("auditRetention")).toBe("365d");
    expect(page).toContain("`--max-uploads` (200 a process)");
    expect(standard("uploads")).toBe("200");
    expect(page).toContain("`--max-queued` (20,000 jobs)");
    expect(standard("queuedJobs")).toBe("20000");
  });
});

it("docs/api.md names every kind of problem there is, and no other", () => {
  const sources = globSync("api/**/*.ts", { cwd: projectRoot }).map(text).join("\n");
  const there = new Set([...sources.matchAll(/new Problem\(\s*\d{3},\s*"([a-z-]+)"/g)].map(([, kind]) => kind!));
  const rows = text("docs/api.md").match(/^\| \d{3}.*$/gm)!;
  const told = new Set(rows.flatMap((row) => [...row.split("|")[2]!.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind!)));
  expect([...told].sort()).toEqual([...there].sort());
});

describe("docs/deploy", () => {
  const file = (name: string) => text(`docs/deploy/${name}`);
  /** Assignments of `CASEBOOK_` variables in an environment file or a unit, those behind a comment sign too. */
  const assigned = (content: string) =>
    Object.fromEntries([...content.matchAll(/^(?:#|Environment=)?(CASEBOOK_\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));

  it("compose.yaml starts servers and workers with settings that can be read", () => {
    const compose = parse(file("compose.yaml"), { merge: true }) as {
      services: Record<string, { environment?: Record<string, string>; command?: string[]; volumes?: string[]; depends_on?: object }>;
      volumes: object;
      secrets: object;
    };
    const { services, volumes } = compose;
    for (const name of ["server", "worker"]) {
      const { environment = {}, command = [] } = services[name]!;
      expect(command).toEqual([name === "server" ? "serve" : "worker"]);
      for (const variable of Object.keys(environment)) expect(variables).toContain(variable);
      const settings = readSettings({}, environment);
      expect(settings.databaseUrl).not.toBeNull();
      expect(settings.anonymous).toBe(name === "server" ? "off" : "loopback");
    }
    for (const { depends_on = [], volumes: mounts = [] } of Object.values(services)) {
      const needed = Array.isArray(depends_on) ? (depends_on as string[]) : Object.keys(depends_on);
      for (const other of needed) expect(Object.keys(services)).toContain(other);
      for (const [source = ""] of mounts.map((mount) => mount.split(":")))
        if (source.startsWith("./")) expect([...readdirSync(join(projectRoot, "docs/deploy")), "tls"]).toContain(source.slice(2));
        else expect(Object.keys(volumes)).toContain(source);
    }
    expect(compose.secrets).toEqual({ data_key: { file: "./data.key" } });
  });

  it("the image holds what a package of the project holds, and what rules are tried on", () => {
    const lines = [...file("Dockerfile").matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(" "));
    const copied = lines.map((path) => path.replace("/build/", ""));
    for (const path of copied.filter((path) => path !== "dist")) expect(existsSync(join(projectRoot, path)), path).toBe(true);
    const { files } = JSON.parse(text("package.json")) as { files: string[] };
    expect(copied).toEqual(
      expect.arrayContaining([...files.filter((path) => path !== "docs"), "package.json", "node_modules", "tests/cases"]),
    );
  });

  it("units and their environment set what there is, to what can be read", () => {
    const environment = assigned(file("casebook.env"));
    for (const unit of ["casebook.service", "casebook-worker@.service"]) {
      const all = { ...assigned(file(unit)), ...environment };
      for (const variable of Object.keys(all)) expect(variables).toContain(variable);
      expect(readSettings({}, all).jobsAtOnce).toBe(1);
      expect(file(unit)).toMatch(/^ExecStart=\S+ \S+\/dist\/main\.js (serve|worker)$/m);
    }
  });

  it("units are what systemd understands", async () => {
    const session = await openPageSession();
    try {
      const paths = [];
      for (const [unit, name] of [
        ["casebook.service", "casebook.service"],
        ["casebook-worker@.service", "casebook-worker@1.service"],
      ] as const) {
        // What is run need not be installed here.
        writeFileSync(join(session.folder, name), file(unit).replace("/usr/bin/node", process.execPath));
        paths.push(join(session.folder, name));
      }
      const verified = await run("systemd-analyze", ["verify", "--man=no", ...paths]).catch(
        (error: NodeJS.ErrnoException & { stderr: string }) => {
          if (error.code !== "ENOENT") throw new Error(error.stderr);
          console.warn("units of systemd: skipped, systemd-analyze is not installed");
          return { stderr: "" };
        },
      );
      expect(verified.stderr.split("\n").filter((line) => line.includes("casebook"))).toEqual([]);
    } finally {
      session.close();
    }
  });

  it("the proxy lets through what the server takes", () => {
    const nginx = file("nginx.conf");
    const [, most] = /client_max_body_size (\d+)m;/.exec(nginx)!;
    const { bundleBytes, jobTime } = readSettings({}, {});
    expect(Number(most) * 2 ** 20).toBeGreaterThan(bundleBytes + (1 << 20));
    const [, minutes] = /proxy_read_timeout (\d+)m;/.exec(nginx)!;
    expect(Number(minutes) * 60_000).toBeGreaterThan(jobTime);
    for (const off of ["proxy_buffering", "proxy_request_buffering"]) expect(nginx).toContain(`${off} off;`);
    expect(nginx.match(/\{/g)!.length).toBe(nginx.match(/\}/g)!.length);
  });

  it("the bucket's rule is one that S3 knows", () => {
    const { Rules } = JSON.parse(file("s3-lifecycle.json")) as { Rules: { Status: string; AbortIncompleteMultipartUpload: unknown }[] };
    expect(Rules).toMatchObject([{ Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }]);
  });
});
