import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { value } from "../support/binxml-writer.ts";
import { type EvtxEvent, evtxFile } from "../support/evtx-writer.ts";
import { measure, median, type Run } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const data = join(import.meta.dirname, "data");
const EVENTS = 200_000;
const KINDS = [
  [7036, "Service Control Manager"],
  [4624, "Microsoft-Windows-Security-Auditing"],
  [35, "Microsoft-Windows-Time-Service"],
  [8004, "Microsoft-Windows-AppLocker"],
] as const;

/** Events of four kinds whose texts mostly differ, as those of a busy log do. */
function generateLog(): string {
  const path = join(data, "events.evtx");
  mkdirSync(data, { recursive: true });
  const events = Array.from({ length: EVENTS }, (_, n): EvtxEvent => {
    const [id, provider] = KINDS[n % KINDS.length]!;
    return {
      id,
      provider,
      channel: "System",
      computer: "SERVER1.contoso.example",
      time: new Date(1_357_462_480_000 + 977 * n).toISOString(),
      data: [
        ["param1", value.string(`service number ${n % 50}`)],
        ["param2", value.uint32(n)],
        ["sid", value.sid("S-1-5-21-1004336348-1177238915-682003330-512")],
        ["logon", value.hexInt64(0x3e7n)],
        ["guid", value.guid("54849625-5478-4994-a5ba-3e3b0328c30d")],
      ],
    };
  });
  writeFileSync(path, evtxFile(events));
  return path;
}

/** The whole job over a log of 200,000 events beside `evtxexport -f xml`, in turn: CPU and peak memory. */
export async function benchEventLogs(runs: number): Promise<void> {
  const path = generateLog();
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round <= runs; round++) {
    const casebook = await measure([process.execPath, join(root, "dist/main.js"), "match", path, "--format", "json"]);
    if (casebook.status !== 0 || !casebook.stdout.includes(`"events": ${EVENTS}`)) throw new Error("casebook did not read every event");
    const peer = await measure(["evtxexport", "-f", "xml", path]);
    if (peer.status !== 0 || !peer.stdout.includes("<EventRecordID>")) throw new Error("evtxexport is not installed, or gave up");
    if (round === 0) continue;
    ours.push(casebook);
    theirs.push(peer);
  }
  const cpu = (list: readonly Run[]) => median(list.map((run) => run.cpu)).toFixed(2);
  const peak = (list: readonly Run[]) => median(list.map((run) => run.peakMiB)).toFixed(0);
  const ratios = theirs.map((run, k) => run.cpu / ours[k]!.cpu);
  console.log(`\n${EVENTS.toLocaleString("en")} events; medians of ${runs} runs`);
  console.log(`casebook match      ${cpu(ours)} CPU s, peak ${peak(ours)} MiB`);
  console.log(`evtxexport -f xml   ${cpu(theirs)} CPU s, peak ${peak(theirs)} MiB, ${median(ratios).toFixed(1)} times the CPU`);
}
