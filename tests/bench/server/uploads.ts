import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { cpuSeconds, keptConnections, residentMiB, spread, table, timed, uploadFile } from "./load.ts";

const KINDS = ["bare", "careful", "casebook"] as const;
const NAMES: Readonly<Record<Kind, string>> = {
  bare: "bare Fastify",
  careful: "bare, hashed and on the disk",
  casebook: "casebook",
};
type Kind = (typeof KINDS)[number];

interface Contender {
  readonly kind: Kind;
  readonly process: ChildProcess;
  readonly address: string;
}

interface Load {
  readonly name: string;
  readonly bytes: number;
  readonly uploads: number;
  readonly atOnce: number;
}

const LOADS: readonly Load[] = [
  { name: "4.8 kB, 16 at once", bytes: 4_800, uploads: 400, atOnce: 16 },
  { name: "64 MiB, 2 at once", bytes: 64 << 20, uploads: 6, atOnce: 2 },
];
const MANY = { uploads: 100, bytes: 10 << 20 };

const agent = keptConnections();

/** Uploads beside a bare upload server, in turn; then a hundred at once to a fresh one of each. */
export async function benchUploads(runs: number): Promise<void> {
  const contenders = await Promise.all(KINDS.map(start));
  try {
    for (const load of LOADS) await compare(load, contenders, runs);
  } finally {
    for (const { process } of contenders) process.stdin!.end();
  }
  await manyAtOnce();
}

async function compare(load: Load, contenders: readonly Contender[], runs: number): Promise<void> {
  const figures = new Map(contenders.map(({ kind }) => [kind, { seconds: [] as number[], cpu: [] as number[] }]));
  for (let round = 0; round <= runs; round++)
    for (const contender of contenders) {
      const { seconds, cpu } = await measured(load, contender);
      if (round === 0) continue;
      figures.get(contender.kind)!.seconds.push(seconds);
      figures.get(contender.kind)!.cpu.push(cpu);
    }
  const bare = figures.get("bare")!;
  const megabytes = (load.bytes * load.uploads) / 1e6;
  console.log(`\nuploads of ${load.name}: ${load.uploads} a run, ${runs} alternating runs after one warm-up; median (least-most)`);
  table([
    ["", "uploads/s", "MB/s", "server's CPU ms each", "time to bare"],
    ...[...figures].map(([kind, { seconds, cpu }]) => [
      NAMES[kind],
      spread(
        seconds.map((s) => load.uploads / s),
        1,
      ),
      spread(
        seconds.map((s) => megabytes / s),
        1,
      ),
      spread(
        cpu.map((s) => (s / load.uploads) * 1000),
        2,
      ),
      spread(
        seconds.map((s, run) => s / bare.seconds[run]!),
        2,
      ),
    ]),
  ]);
}

async function measured(load: Load, { address, process }: Contender) {
  const before = cpuSeconds(process.pid!);
  const ids = new Set<string>();
  const content = randomBytes(load.bytes);
  const seconds = await timed(load.uploads, load.atOnce, async () => {
    ids.add(await accepted(address, content));
  });
  const cpu = cpuSeconds(process.pid!) - before;
  if (ids.size !== load.uploads) throw new Error(`${load.uploads} uploads made ${ids.size} bundles`);
  for (const id of ids) {
    const { status } = await fetch(`${address}/v1/bundles/${id}`, { method: "DELETE" });
    if (status !== 204) throw new Error(`deleting was answered with ${status}`);
  }
  return { seconds, cpu };
}

/** Uploads content that nobody has sent before and holds the answer against it. */
async function accepted(address: string, content: Uint8Array): Promise<string> {
  const { status, body } = await uploadFile(agent, `${address}/v1/bundles`, "capture.bin", [randomBytes(16), content]);
  const answer = JSON.parse(body) as { id: string; bytes?: number; bundle?: string; existing?: boolean };
  const whole = answer.bundle === undefined ? answer.bytes === content.length + 16 : answer.existing === false;
  if (status !== 202 || !whole) throw new Error(`an upload was answered with ${status}: ${body}`);
  return answer.bundle ?? answer.id;
}

async function manyAtOnce(): Promise<void> {
  const rows: string[][] = [];
  for (const kind of ["bare", "casebook"] as const) {
    const contender = await start(kind);
    const { pid } = contender.process;
    await accepted(contender.address, randomBytes(1000));
    const before = residentMiB(pid!).now;
    const content = randomBytes(MANY.bytes);
    const seconds = await timed(MANY.uploads, MANY.uploads, async () => void (await accepted(contender.address, content)));
    const { peak } = residentMiB(pid!);
    rows.push([NAMES[kind], before.toFixed(0), peak.toFixed(0), (peak - before).toFixed(0), seconds.toFixed(1)]);
    contender.process.stdin!.end();
    await once(contender.process, "exit");
  }
  console.log(`\nmemory of the server while ${MANY.uploads} uploads of ${MANY.bytes >> 20} MiB go on at once, MiB`);
  table([["", "before", "peak", "more", "seconds"], ...rows]);
}

async function start(kind: Kind): Promise<Contender> {
  const process = spawn(globalThis.process.execPath, [join(import.meta.dirname, "upload-server.ts"), kind], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(process.stdout, "data")) as [Buffer];
  return { kind, process, address: line.toString().trim() };
}
