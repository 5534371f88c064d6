import { readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import * as tls from "node:tls";
import { packageVersion } from "../../engine/node/package-root.ts";
import { printable } from "../../engine/report/printable.ts";
import { Failure } from "../failure.ts";
import { fileProblem, writeOutput } from "../output.ts";
import { EXIT, type Terminal } from "../terminal.ts";
import { type Invocation, quote, wholeNumber } from "../verb.ts";
import { DEFAULT_TIMEOUT } from "./options.ts";
import { evidenceLine, type ProbeContext, type ProbeStep } from "./step.ts";

/** Seconds one step may take at most. */
const MAX_TIMEOUT = 300;

/** Runs probes one after the other, and writes what they find. */
export async function runProbes(
  { values, switches }: Invocation,
  terminal: Terminal,
  probes: readonly ((context: ProbeContext) => Promise<void>)[],
): Promise<number> {
  const seconds = wholeNumber("timeout", values.timeout ?? String(DEFAULT_TIMEOUT), 1);
  if (seconds > MAX_TIMEOUT) throw new Failure(`--timeout cannot be ${seconds}`, `Use at most ${MAX_TIMEOUT} seconds`);
  const steps: ProbeStep[] = [];
  const context: ProbeContext = {
    timeout: seconds * 1000,
    roots: await trustedRoots(values.ca),
    signal: terminal.signal,
    report(step) {
      steps.push(step);
      if (terminal.interactive) terminal.complain(`${line(step)}\n`);
    },
  };
  const start = { time: new Date().toISOString(), host: hostname(), addresses: ownAddresses(), version: await packageVersion() };
  for (const probe of probes) {
    terminal.signal.throwIfAborted();
    await probe(context);
  }
  const evidence = [
    evidenceLine("start", start),
    ...steps.map((step) => evidenceLine("step", step)),
    evidenceLine("end", { time: new Date().toISOString(), steps: steps.length }),
  ];
  if (values.out !== undefined) await writeOutput(evidence, values.out, terminal);
  if (switches.has("json")) await writeOutput(evidence, undefined, terminal);
  else await writeOutput([summary(steps)], undefined, terminal);
  return steps.some(isFault) ? EXIT.found : EXIT.done;
}

/** The roots Node.js brings, those of the system where it can read them, and those in the file; undefined where nothing is added. */
async function trustedRoots(file: string | undefined): Promise<readonly string[] | undefined> {
  const system = "getCACertificates" in tls ? tls.getCACertificates("system") : [];
  if (file === undefined) return system.length > 0 ? [...tls.rootCertificates, ...system] : undefined;
  try {
    const own = await readFile(file, "utf8");
    if (!own.includes("-----BEGIN CERTIFICATE-----")) throw new Failure(`${quote(file)} holds no certificate`, "--ca takes a PEM file");
    return [...tls.rootCertificates, ...system, own];
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`cannot read ${quote(file)}: ${fileProblem(error)}`, "--ca takes a PEM file");
  }
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:")).map(({ address }) => address);
}

/** Of the usual places of Autodiscover one is enough, so only its outcome counts. */
function isFault({ kind, step, outcome }: ProbeStep): boolean {
  return outcome === "failed" && (kind !== "autodiscover" || step === "autodiscover");
}

/** Every step in a line, by target. */
function summary(steps: readonly ProbeStep[]): string {
  const lines: string[] = [];
  for (const [target, own] of Map.groupBy(steps, ({ kind, target }) => `${kind} ${target}`))
    lines.push(printable(target), ...own.map((step) => `  ${line(step)}`), "");
  const failed = steps.filter(isFault).length;
  lines.push(`${steps.length} steps, ${failed === 0 ? "none" : failed} failed`);
  return `${lines.join("\n")}\n`;
}

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;

function line({ name, step, outcome, reason, detail, duration }: ProbeStep): string {
  const why = [reason, detail].filter((part) => part !== undefined && part !== "").join(": ");
  return printable(
    `${MARKS[outcome]} ${name}  ${step.replaceAll("_", " ")}  ${why}${why === "" ? "" : "  "}(${Math.round(duration * 1000)} ms)`,
  );
}
