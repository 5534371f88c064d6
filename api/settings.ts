import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import {
  type Command,
  choice,
  count,
  duration,
  durationOrNever,
  NETWORKS,
  ORIGINS,
  type Setting,
  size,
  text,
  Unreadable,
  words,
} from "./setting.ts";

const SERVE: readonly Command[] = ["serve"];
const WORKER: readonly Command[] = ["worker"];

/**
 * Everything an operator may set of `casebook serve` and `casebook worker`: the help, the table in `docs/operations.md` and the
 * validation derive from this one declaration. A flag goes before its variable, a variable before the standard.
 */
export const settingDeclarations = {
  host: text("HOST", "ADDRESS", "host", "127.0.0.1", "Address to listen on; 0.0.0.0 or :: for all", SERVE),
  port: count("PORT", 0, "port", "8080", "Port to listen on; 0 for any that is free", SERVE),
  anonymous: choice(
    "ANONYMOUS",
    ["loopback", "on", "off"],
    "anonymous",
    "loopback",
    "Whether requests without a key may do everything as the tenant local: where the server listens on loopback only, always, or never",
    SERVE,
  ),
  allowedHosts: words(
    "ALLOWED_HOSTS",
    "NAMES",
    null,
    "allowed-hosts",
    null,
    "Further names by which anonymous requests may address the server",
    SERVE,
  ),
  allowedOrigins: words(
    "ALLOWED_ORIGINS",
    "ORIGINS",
    ORIGINS,
    "allowed-origins",
    null,
    "Origins whose pages may use the API from a browser, https://kb.example.org",
    SERVE,
  ),
  trustedProxies: words(
    "TRUSTED_PROXIES",
    "ADDRESSES",
    NETWORKS,
    "trusted-proxies",
    null,
    "Proxies whose X-Forwarded-For is believed, as addresses or networks",
    SERVE,
  ),
  metrics: choice(
    "METRICS",
    ["loopback", "key", "open", "off"],
    "metrics",
    "loopback",
    "Who may read /metrics: requests from loopback, keys with the scope admin, everybody, nobody",
  ),
  metricsPort: count("METRICS_PORT", 0, "metrics-port", null, "Port for /metrics and /health of a worker; none if not given", WORKER),
  metricsHost: text("METRICS_HOST", "ADDRESS", "metrics-host", "127.0.0.1", "Address to listen on for that", WORKER),
  data: text("DATA", "DIR", "data", "./casebook-data", "Folder of the embedded database and of uploaded files"),
  databaseUrl: text(
    "DATABASE_URL",
    "URL",
    null,
    null,
    "PostgreSQL to use in place of the embedded database; object storage is needed with it",
  ),
  s3Bucket: text("S3_BUCKET", "NAME", "s3-bucket", null, "Bucket for uploads and reports, with a PostgreSQL database"),
  s3Endpoint: text("S3_ENDPOINT", "URL", "s3-endpoint", null, "Address of the object storage; Amazon's if not given"),
  s3Region: text("S3_REGION", "NAME", "s3-region", "us-east-1", "Region of the bucket"),
  s3Prefix: text("S3_PREFIX", "TEXT", "s3-prefix", "", "What every object's key begins with"),
  s3AccessKey: text("S3_ACCESS_KEY", "ID", null, null, "Access key of the object storage; the usual AWS sources if not given"),
  s3SecretKey: text("S3_SECRET_KEY", "SECRET", null, null, "Its secret"),
  dataKey: text("DATA_KEY", "KEY", null, null, "Key that seals uploads and reports at rest: 32 bytes, base64"),
  dataKeyFile: text("DATA_KEY_FILE", "FILE", "data-key-file", null, "File that holds the key that seals uploads and reports"),
  rules: text("RULES", "DIR", "rules", null, "Folder of rules to use in place of those that come with Casebook"),
  retention: durationOrNever("RETENTION", "retention", "30d", "How long bundles and reports are kept; never to keep them", SERVE),
  auditRetention: durationOrNever(
    "AUDIT_RETENTION",
    "audit-retention",
    "365d",
    "How long the audit log says who did what; never to keep it for ever",
    SERVE,
  ),
  bundleBytes: size("MAX_BUNDLE_BYTES", "max-bundle-bytes", "2GiB", "Largest bundle that is accepted", SERVE),
  bundleFiles: count("MAX_BUNDLE_FILES", 1, "max-bundle-files", "1000", "Most files of one bundle", SERVE),
  tenantBytes: size("TENANT_BYTES", "tenant-bytes", "100GiB", "Bytes of bundles that one tenant may keep", SERVE),
  tenantJobs: count("TENANT_JOBS", 1, "tenant-jobs", "5000", "Jobs of one tenant that may wait or run", SERVE),
  queuedJobs: count("MAX_QUEUED", 1, "max-queued", "20000", "Jobs that may wait, of all tenants; beyond, new ones are turned away", SERVE),
  uploads: count("MAX_UPLOADS", 1, "max-uploads", "200", "Uploads that may go on at once; beyond, new ones are turned away", SERVE),
  tenantUploads: count("TENANT_UPLOADS", 1, "tenant-uploads", "100", "Of these uploads, those of one tenant", SERVE),
  followers: count("MAX_FOLLOWERS", 1, "max-followers", "1000", "Connections that may follow jobs at once", SERVE),
  tenantFollowers: count("TENANT_FOLLOWERS", 1, "tenant-followers", "500", "Of these connections, those of one tenant", SERVE),
  requestRate: count(
    "REQUEST_RATE",
    0,
    "request-rate",
    "3000",
    "Requests a minute of one key, or of one address without a key; 0 for no limit",
    SERVE,
  ),
  uploadRate: count(
    "UPLOAD_RATE",
    0,
    "upload-rate",
    "600",
    "Submissions, reruns and rule checks a minute of one key, or of one address without a key; 0 for no limit",
    SERVE,
  ),
  idleTimeout: duration("IDLE_TIMEOUT", "idle-timeout", "30s", "How long a connection may send nothing in the middle of a request", SERVE),
  jobsAtOnce: count(
    "JOBS",
    0,
    "jobs",
    null,
    "Bundles analysed at once; one less than there are processors if not given; 0 for a server that leaves all to workers",
  ),
  jobTime: duration("JOB_TIME", "job-time", "15m", "Longest time for one analysis"),
  jobMemory: size("JOB_MEMORY", "job-memory", "2GiB", "Most memory for the objects of one analysis, and as much again for its tables"),
  unpackedBytes: size(
    "MAX_UNPACKED_BYTES",
    "max-unpacked-bytes",
    "64GiB",
    "Most bytes that the archives of one bundle may hold, nested ones included",
  ),
  unpackedFiles: count("MAX_UNPACKED_FILES", 1, "max-unpacked-files", "10000", "Most files that the archives of one bundle may hold"),
  lease: duration(
    "LEASE",
    "lease",
    "30s",
    "How long after the last sign of life of a worker its jobs are given to another; the same for all processes on one database",
  ),
  shutdownTime: duration(
    "SHUTDOWN_TIME",
    "shutdown-time",
    "30s",
    "How long running requests and jobs may take to end when the process is told to stop",
  ),
  logLevel: choice("LOG_LEVEL", ["fatal", "error", "warn", "info", "debug", "trace", "silent"], "log-level", "info", "How much is logged"),
} satisfies Readonly<Record<string, Setting<unknown>>>;

type Declarations = typeof settingDeclarations;
type Read<S> = S extends Setting<infer T> ? T : never;
/** Names of settings that have a value though nobody gave one. */
type Optional =
  | "allowedHosts"
  | "allowedOrigins"
  | "trustedProxies"
  | "metricsPort"
  | "databaseUrl"
  | "s3Bucket"
  | "s3Endpoint"
  | "s3AccessKey"
  | "s3SecretKey"
  | "dataKey"
  | "dataKeyFile"
  | "rules";

/** Sizes in bytes, times in milliseconds; what was not given and has no standard is null. */
export type Settings = {
  readonly [Name in keyof Declarations]: Name extends Optional ? Read<Declarations[Name]> | null : Read<Declarations[Name]>;
};

/** Settings that cannot be used; the message names each, where it was given and what is expected. */
export class SettingsError extends Error {}

/** Reads flags (without dashes) over environment variables over what is standard. */
export function readSettings(flags: Readonly<Record<string, string>>, environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const entries = Object.entries<Setting<unknown>>(settingDeclarations).map(([name, declaration]) => {
    const { variable, flag, standard } = declaration;
    const flagged = flag === null ? undefined : flags[flag];
    const set = environment[variable];
    const given = flagged ?? (set === "" ? undefined : set) ?? standard;
    if (given === null) return [name, null] as const;
    try {
      return [name, declaration.read(given)] as const;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const place = flagged === undefined ? variable : `--${flag}`;
      problems.push(`${place} cannot be ${flag === null ? "what it is" : JSON.stringify(given)}: expected ${error.message}`);
      return [name, null] as const;
    }
  });
  // Keys and readers are those of the declarations, which the compiler cannot follow through `Object.entries`.
  const read = Object.fromEntries(entries) as unknown as Settings;
  const settings = { ...read, jobsAtOnce: read.jobsAtOnce ?? Math.max(1, availableParallelism() - 1) };
  if (problems.length === 0) problems.push(...contradictions(settings));
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return settings;
}

function contradictions(settings: Settings): string[] {
  const { databaseUrl, s3Bucket, s3AccessKey, s3SecretKey, dataKey, dataKeyFile, port, metricsPort } = settings;
  return [
    ...(port > 65_535 ? ["--port cannot be above 65535"] : []),
    ...((metricsPort ?? 0) > 65_535 ? ["--metrics-port cannot be above 65535"] : []),
    ...(databaseUrl !== null && s3Bucket === null
      ? ["CASEBOOK_DATABASE_URL needs CASEBOOK_S3_BUCKET: files of many machines lie in object storage"]
      : []),
    ...(databaseUrl === null && s3Bucket !== null
      ? ["CASEBOOK_S3_BUCKET needs CASEBOOK_DATABASE_URL: the embedded database belongs to one machine"]
      : []),
    // What pg-boss takes.
    ...(databaseUrl !== null && settings.lease < 10_000 ? ["--lease cannot be below 10s with a PostgreSQL database"] : []),
    ...((s3AccessKey === null) !== (s3SecretKey === null) ? ["CASEBOOK_S3_ACCESS_KEY and CASEBOOK_S3_SECRET_KEY belong together"] : []),
    ...(dataKey !== null && dataKeyFile !== null ? ["CASEBOOK_DATA_KEY and --data-key-file cannot both be given"] : []),
  ];
}

/** The key that seals blobs, 32 bytes, or null where none is configured; throws `SettingsError` for one that is no such key. */
export function readDataKey({ dataKey, dataKeyFile }: Pick<Settings, "dataKey" | "dataKeyFile">): Uint8Array | null {
  const place = dataKeyFile === null ? "CASEBOOK_DATA_KEY" : dataKeyFile;
  const given = dataKeyFile === null ? dataKey : readKeyFile(dataKeyFile);
  if (given === null) return null;
  const key = Buffer.from(given.trim(), "base64");
  if (key.length !== 32 || key.toString("base64").replace(/=+$/, "") !== given.trim().replace(/=+$/, ""))
    throw new SettingsError(`${place} does not hold 32 bytes in base64; make a key with: openssl rand -base64 32`);
  return key;
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new SettingsError(`the key file ${path} cannot be read`);
  }
}

/** Variables that begin with `CASEBOOK_` and mean nothing here: most likely misspelt. `others` are those of other commands. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>, others: readonly string[]): string[] {
  const known = new Set([...others, ...Object.values<Setting<unknown>>(settingDeclarations).map(({ variable }) => variable)]);
  return Object.keys(environment).filter((name) => name.startsWith("CASEBOOK_") && !known.has(name));
}
