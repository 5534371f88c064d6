import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { BundleFile } from "../engine/bytes/byte-source.ts";
import { diagnoseFiles, memoryFile, shippedBundles, verdictsOf, warningsOf } from "./support/bundles.ts";

const bundles = shippedBundles("cases");
const articles = [...bundles.keys()].filter((name) => name.endsWith("/article"));

async function rewritten(name: string, change: (text: string) => string): Promise<BundleFile[]> {
  const files = bundles.get(name)!.map(async (file) => {
    const bytes = new Uint8Array(file.size ?? 0);
    await (await file.open()).read(bytes, 0);
    return file.path.endsWith(".txt") ? memoryFile(file.path, change(new TextDecoder().decode(bytes))) : memoryFile(file.path, bytes);
  });
  return Promise.all(files);
}

const eachLine = (change: (line: string) => string) => (text: string) => text.split("\n").map(change).join("\n");

describe.each([
  ["quoted in a mail", eachLine((line) => `> ${line}`)],
  ["quoted twice, with CRLF", (text: string) => eachLine((line) => `>> ${line}`)(text).replaceAll("\n", "\r\n")],
  ["quoted with bars", eachLine((line) => `| ${line}`)],
  ["copied out of a page's source", (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
  ["in a fence of Markdown", (text: string) => `Case notes\n\nWe collected this:\n\n\`\`\`text\n${text}\`\`\`\n\nPlease advise.\n`],
  ["in lines of their own, two by two", (text: string) => text.replaceAll("\n", "\n\n")],
])("the articles' texts %s", (_, change) => {
  it.each(articles)("%s still matches", async (name) => {
    const verdicts = verdictsOf((await diagnoseFiles(await rewritten(name, change))).report);
    const { also = [] } = parse(readFileSync(`tests/cases/${name}/expect.yaml`, "utf8")) as { also?: string[] };
    expect(
      Object.keys(verdicts)
        .filter((id) => verdicts[id] === "matched")
        .sort(),
    ).toEqual([name.split("/")[0]!, ...also].sort());
  });
});

it("a packet list of which no row tells its ports rules nothing out", async () => {
  const files = await rewritten("tcp-delayed-ack-nagle-stall/article", (text) => text.replaceAll(" > ", " ?? "));
  const { report } = await diagnoseFiles(files);
  expect(verdictsOf(report)["tcp-delayed-ack-nagle-stall"]).toBe("inconclusive");
  expect(warningsOf(report, "windows-server.txt")).toEqual(["wireshark-list.unplaced-row"]);
});

it("anomalies of a text in several formats are cited by frame and by line, each as its format counts", async () => {
  const packets = [
    "No. Time Source Destination Protocol Info",
    "700 0.1 192.0.2.1 192.0.2.2 TCP 50000 > nosuchservice [SYN] Seq=0 Win=8192 Len=0 MSS=1460",
  ];
  const sockets = [
    "  Proto  Local Address  Foreign Address  State",
    "  TCP    192.0.2.1:x:   0.0.0.0:0   LISTENING",
    "  TCP    192.0.2.1:80   0.0.0.0:0   LISTENING",
  ];
  const { tables } = await diagnoseFiles([memoryFile("pasted.txt", [...packets, "", ...sockets].join("\n"))]);
  const table = tables.get("anomalies")!;
  const cited = Array.from({ length: table.length }, (_, row) => [
    table.reader("name")(row),
    table.citation(row)?.unit,
    table.citation(row)?.at,
  ]);
  expect(cited).toContainEqual(["wireshark-list.unknown-service", "frame", 700]);
  expect(cited).toContainEqual(["netstat.unreadable-entry", "line", 5]);
});
