import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Value } from "../engine/tables/table.ts";
import { analyseBytes } from "./support/analysed.ts";

const CORPORA = resolve(import.meta.dirname, "../../shared/corpora");
const INDEX = join(CORPORA, "zeek-conn/INDEX.tsv");
const DIFFERENCES = join(import.meta.dirname, "zeek-differences.tsv");

if (!existsSync(INDEX)) console.warn(`connections against Zeek's: skipped, there is no ${INDEX}`);

/** The columns that are Zeek's own; addresses and ports say which connection a line is about. */
const COLUMNS = [
  "conn_state",
  "history",
  "orig_bytes",
  "resp_bytes",
  "missed_bytes",
  "orig_pkts",
  "orig_ip_bytes",
  "resp_pkts",
  "resp_ip_bytes",
];
/** What the logs call the two ends; some tests of Zeek rename fields. */
const KEY = [
  ["id.orig_h", "id_orig_h", "src", "src_ip"],
  ["id.orig_p", "id_orig_p", "src_port"],
  ["id.resp_h", "id_resp_h", "dst", "dst_ip"],
  ["id.resp_p", "id_resp_p", "dst_port"],
];

interface Connection {
  key: string;
  values: Record<string, string>;
}

/** TCP and UDP connections of a conn.log; `-` is unset. */
function zeekConnections(log: string): Connection[] {
  const lines = readFileSync(log, "utf8").split("\n").filter(Boolean);
  const fields = (lines.find((line) => line.startsWith("#fields")) ?? "#fields").split("\t").slice(1);
  const at = (names: readonly string[]) => fields.findIndex((field) => names.includes(field));
  return lines
    .filter((line) => !line.startsWith("#") && fields.length > 0)
    .map((line) => line.split("\t"))
    .filter((cells) => ["tcp", "udp"].includes(cells[at(["proto"])]!))
    .map((cells) => ({
      key: [cells[at(["proto"])], ...KEY.map((names) => cells[at(names)])].join(" "),
      values: Object.fromEntries(COLUMNS.map((column) => [column, cells[at([column])] ?? "-"])),
    }));
}

async function ourConnections(capture: string): Promise<Connection[]> {
  const analysed = await analyseBytes(new Uint8Array(readFileSync(capture)));
  const rows = (table: string, protocol: string) =>
    (analysed?.rows(table) ?? []).map((row) => ({
      key: [protocol, row.client_ip, row.client_port, row.server_ip, row.server_port].join(" "),
      values: Object.fromEntries(COLUMNS.map((column) => [column, cell(row[column])])),
    }));
  return [...rows("tcp_connections", "tcp"), ...rows("udp_flows", "udp")];
}

function cell(value: Value | undefined): string {
  return value === undefined || value === null ? "-" : String(value);
}

/** One line for each cell that differs, and for each connection only one of the two has: `log connection column ours zeek`. */
function differences(log: string, ours: Connection[], theirs: readonly Connection[]): string[] {
  const lines: string[] = [];
  const left = [...ours];
  for (const { key, values } of theirs) {
    const index = left.findIndex((candidate) => candidate.key === key);
    if (index < 0) {
      lines.push([log, key, "connection", "-", values.history].join("\t"));
      continue;
    }
    const [same] = left.splice(index, 1);
    for (const column of COLUMNS) {
      // Zeek leaves byte counts out of a connection without duration.
      if (values[column] === "-" || same!.values[column] === "-" || values[column] === same!.values[column]) continue;
      lines.push([log, key, column, same!.values[column], values[column]].join("\t"));
    }
  }
  for (const { key, values } of left) lines.push([log, key, "connection", values.history, "-"].join("\t"));
  return lines;
}

describe.runIf(existsSync(INDEX))("connections", () => {
  it("are Zeek's, in its conn.log of the same capture, but for the differences listed", { timeout: 120_000 }, async () => {
    const found: string[] = [];
    for (const line of readFileSync(INDEX, "utf8").trimEnd().split("\n").slice(1)) {
      const [log, capture] = line.split("\t") as [string, string];
      const theirs = zeekConnections(join(CORPORA, "zeek-conn", log));
      if (theirs.length > 0) found.push(...differences(log, await ourConnections(join(CORPORA, capture)), theirs));
    }
    const [, ...listed] = readFileSync(DIFFERENCES, "utf8").trimEnd().split("\n");
    expect(listed.filter((line) => line.split("\t").length !== 6 || !line.split("\t")[5])).toEqual([]);
    expect(found).toEqual(listed.map((line) => line.split("\t").slice(0, 5).join("\t")));
  });
});
