import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../engine/report/report.ts";
import { diagnoseFiles, memoryFile, projectRoot } from "./support/bundles.ts";

/** Real files from public sources, kept beside the project and never part of it. */
const CORPORA = join(projectRoot, "../shared/corpora");
const present = existsSync(join(CORPORA, "MANIFEST.tsv"));
if (!present) console.info("tests/corpora.test.ts: skipped, there is no folder ../shared/corpora");

/** What other programs made of a file: capinfos, evtxexport, and counts of rows. */
interface Truth {
  readonly capinfos?: { readonly file_type: string; readonly packets: number; readonly first: string };
  readonly tcp_rows?: number;
  readonly udp_rows?: number;
  readonly event_elements?: number;
}

function truths(): Map<string, Truth> {
  const rows = readFileSync(join(CORPORA, "MANIFEST.tsv"), "utf8").trimEnd().split("\n").slice(1);
  return new Map(
    rows.map((row) => {
      const columns = row.split("\t");
      return [columns[0]!, JSON.parse(columns[6] || "{}") as Truth];
    }),
  );
}

function paths(folder: string): string[] {
  const entries = readdirSync(join(CORPORA, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(CORPORA, join(entry.parentPath, entry.name)).replaceAll("\\", "/")).sort();
}

async function read(path: string): Promise<Report> {
  return (await diagnoseFiles([memoryFile(path.split("/").at(-1)!, new Uint8Array(readFileSync(join(CORPORA, path))))])).report;
}

/** First packet of each capture, as capinfos writes it: UTC, without trailing zeros here. */
async function firstPacket(path: string): Promise<string | null> {
  const file = memoryFile(path.split("/").at(-1)!, new Uint8Array(readFileSync(join(CORPORA, path))));
  const time = (await diagnoseFiles([file])).tables.get("captures")!.value(0, "start");
  if (typeof time !== "bigint") return null;
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, "0")}`.replace(/\.?0+$/, "");
}

describe.skipIf(!present)("real captures", () => {
  const captures = present ? [...truths()].filter(([, truth]) => truth.capinfos) : [];

  it("all have as many packets as capinfos counts, in the format it names", async () => {
    const differing: object[] = [];
    for (const [path, { capinfos }] of captures) {
      const [source] = (await read(path)).bundle.sources;
      const expected = { format: capinfos!.file_type.split(/[\s,]/)[0], packets: capinfos!.packets };
      if (source!.format !== expected.format || source!.packets !== expected.packets) differing.push({ path, expected, source });
    }
    expect(captures.length).toBeGreaterThan(0);
    expect(differing).toEqual([]);
  });

  it("begin when capinfos says they do", async () => {
    const some = captures.filter(([, { capinfos }], index) => index % 6 === 0 && /^\d{4}-/.test(capinfos!.first));
    for (const [path, { capinfos }] of some) expect(await firstPacket(path), path).toBe(capinfos!.first.replace(/\.?0+$/, ""));
  });
});

describe.skipIf(!present)("real texts", () => {
  const known = present ? [...truths()] : [];

  it("have the socket rows that were counted in them", async () => {
    const listings = known.filter(([, truth]) => truth.tcp_rows !== undefined);
    for (const [path, { tcp_rows = 0, udp_rows = 0 }] of listings) {
      const [source] = (await read(path)).bundle.sources;
      expect(source!.rows.sockets ?? 0, path).toBe(tcp_rows + udp_rows);
      expect(source!.format, path).toBe(tcp_rows + udp_rows > 0 ? "netstat" : "unrecognised");
    }
  });

  it("have one event for each Event element", async () => {
    for (const [path, { event_elements }] of known.filter(([, truth]) => truth.event_elements !== undefined))
      expect((await read(path)).bundle.sources[0]!.rows.events, path).toBe(event_elements);
  });

  it("have one event for each complete list of its fields", async () => {
    for (const path of present ? paths("text/event_text") : []) {
      const ids = readFileSync(join(CORPORA, path), "utf8").match(/(?:^|\s)Event ID:\s+\d+\s/g)?.length ?? 0;
      expect((await read(path)).bundle.sources[0]!.rows.events ?? 0, path).toBe(ids);
    }
  });

  it.each(["netmon_summary", "wireshark_export"])("of the kind %s are read as captures", async (folder) => {
    // Detail trees are another export; they have no rows.
    const lists = present ? paths(`text/${folder}`).filter((path) => !path.includes(".details.")) : [];
    for (const path of lists) expect((await read(path)).bundle.sources[0]!.packets, path).toBeGreaterThan(0);
  });
});

describe.skipIf(!present)("every real file", () => {
  it("goes through without a fault, and only formats nobody claims to read stay unrecognised", async () => {
    const claimed = /\.(?:pcap|pcapng|cap|zip)$/;
    const unrecognised: string[] = [];
    const all = present ? paths(".").filter((path) => path !== "MANIFEST.tsv") : [];
    for (const path of all) {
      const { bundle, findings } = await read(path);
      expect(
        findings.filter(({ verdict }) => verdict === "error"),
        path,
      ).toEqual([]);
      expect(
        bundle.sources.flatMap(({ warnings }) => warnings.map(({ code }) => code)),
        path,
      ).not.toContain("source.unreadable");
      if (bundle.sources[0]!.format === "unrecognised") unrecognised.push(path);
    }
    expect(unrecognised.filter((path) => claimed.test(path))).toEqual([]);
  });
});
