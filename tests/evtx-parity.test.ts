import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventXml } from "../engine/formats/event-xml.ts";
import { evtx } from "../engine/formats/evtx.ts";
import { projectRoot } from "./support/bundles.ts";
import { type Collected, collectBinary, collectText } from "./support/collect.ts";

/** Real logs from public sources, kept beside the project and never part of it. */
const FOLDER = join(projectRoot, "../shared/corpora");
const exporter = spawnSync("evtxexport", ["-V"]).status === 0;
const present = exporter && existsSync(join(FOLDER, "MANIFEST.tsv")) && existsSync(join(FOLDER, "evtx"));
if (!present) console.info("tests/evtx-parity.test.ts: skipped, it needs evtxexport and the logs of ../shared/corpora/evtx");

interface Truth {
  readonly evtxinfo_records: string;
  readonly event_ids: Readonly<Record<string, number>>;
}

const truths = new Map(
  present
    ? readFileSync(join(FOLDER, "MANIFEST.tsv"), "utf8")
        .trimEnd()
        .split("\n")
        .map((row) => row.split("\t"))
        .filter(([path]) => path!.startsWith("evtx/"))
        .map((columns) => [columns[0]!.slice("evtx/".length), JSON.parse(columns[6]!) as Truth] as const)
    : [],
);
const logs = present ? readdirSync(join(FOLDER, "evtx")).sort() : [];

const COLUMNS = ["time", "host", "channel", "provider", "event_id", "level", "record_id", "data"] as const;

/** Both write empty elements, hexadecimal digits, fractions of a second and line ends their own way, and only one repeats an element for each text of a list. */
function plainData(values: readonly string[]): string {
  return values
    .join("|")
    .replace(/\b0x0*(?=[\da-f])/gi, "0x")
    .replace(/(\.\d+?)0*Z/g, "$1Z")
    .replace(/[\s|]+/g, " ")
    .trim();
}

function plain(row: Collected["rows"][number]): Record<string, unknown> {
  return Object.fromEntries(
    COLUMNS.map((column) => [column, column === "data" ? plainData((row.values.data as string[] | null) ?? []) : row.values[column]]),
  );
}

async function both(name: string): Promise<{ ours: Collected; theirs: Collected; gaveUp: boolean }> {
  const path = join(FOLDER, "evtx", name);
  const { stdout, status } = spawnSync("evtxexport", ["-f", "xml", path], { encoding: "utf8", maxBuffer: 1 << 28 });
  return {
    ours: await collectBinary(evtx, new Uint8Array(readFileSync(path))),
    theirs: collectText(eventXml, stdout),
    gaveUp: status !== 0,
  };
}

describe.skipIf(!present)("a real event log", () => {
  it.each(logs)("%s has the events that evtxexport finds in it", async (name) => {
    const { ours, theirs } = await both(name);
    const records = Number(truths.get(name)!.evtxinfo_records);
    const torn = ours.anomalies.some(({ name: anomaly }) => /bad-|truncated/.test(anomaly));
    // Where a copy is torn, more can be read than evtxinfo counts.
    if (torn) expect(ours.rows.length).toBeGreaterThanOrEqual(records);
    else expect([ours.rows.length, ours.anomalies.map((one) => one.name).filter((one) => one !== "evtx.dirty")]).toEqual([records, []]);
    const unlike: object[] = [];
    const byNumber = Map.groupBy(ours.rows, ({ values }) => values.record_id);
    for (const row of theirs.rows) {
      const wanted = plain(row);
      const same = byNumber
        .get(row.values.record_id)
        ?.map(plain)
        .some((one) => COLUMNS.every((column) => equal(one[column], wanted[column])));
      if (!same) unlike.push({ wanted, got: byNumber.get(row.values.record_id)?.map(plain) });
    }
    expect(unlike).toEqual([]);
  });
});

function equal(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.join() === b.join());
}
