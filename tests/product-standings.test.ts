import { describe, expect, it } from "vitest";
import { productOfAgent, productOfFile, productOfName } from "../engine/tables/product-names.ts";
import { diagnoseFiles, memoryFile } from "./support/bundles.ts";

describe("products by what names them", () => {
  it.each([
    ["UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)", "lync-2010"],
    ["UCCAPI/15.0.4551.1005 OC/15.0.4551.1005 (Microsoft Lync)", "lync-2013"],
    ["UCCAPI/16.0.4266.1003 OC/16.0.4266.1003 (Skype for Business)", null],
    ["UCCAPI/4.0.7577.253 OC/4.0.7577.253 (Microsoft Lync 2010 Attendant)", null],
  ])("%s", (agent, product) => expect(productOfAgent(agent)?.product).toBe(product));

  it.each([
    "RTC/4.0",
    "UCCAPI/4.0.7577.253 AOC/4.0.7577.253 (Microsoft Lync 2010 Attendee)",
    "CPE/4.0.7577.4100 OCPhone/4.0.7577.4100",
    "",
  ])("%s names no build of the client or server", (agent) => expect(productOfAgent(agent)).toBeNull());

  it.each([
    ["Microsoft Lync 2010", "4.0.7577.280", "lync-2010", "client"],
    ["Microsoft Lync 2013", "15.0.4569.1506", null, null],
    ["Microsoft Lync Server 2013, Core Components", "5.0.8308.556", "lync-server-2013", "core_components"],
    ["Microsoft Lync Server 2013, Core Components", "15.0.1.2", null, null],
    ["Microsoft Lync 2010 SDK", "4.0.7577.0", null, null],
  ])("%s %s", (name, version, product, component) => expect(productOfName(name, version)).toEqual({ product, component }));

  it("a program by its path and the first number of its version", () => {
    expect(productOfFile("C:\\x\\communicator.exe", "4.0.7577.1").product).toBe("lync-2010");
    expect(productOfFile("C:\\x\\communicator.exe", "3.5.6907.0").product).toBeNull();
    expect(productOfFile("C:\\x\\lync.exe", "16.0.1.1").product).toBeNull();
  });
});

describe("where a build stands", () => {
  const standing = async (text: string) => {
    const { tables } = await diagnoseFiles([memoryFile("list.txt", new TextEncoder().encode(text))]);
    const table = tables.get("product_versions")!;
    return Array.from({ length: table.length }, (_, row) => [
      table.value(row, "version"),
      table.value(row, "updates_behind"),
      table.value(row, "newest_kb"),
    ]);
  };

  // By the list of updates of the founding case: 216, 217, 223 and 225 come after 203.
  it("counts the updates after it", async () =>
    expect(await standing("Microsoft Lync Server 2010, Core Components   4.0.7577.203\n")).toEqual([["4.0.7577.203", 4, "KB2909888"]]));

  it("goes by the part of a server that was updated last", async () =>
    expect(await standing("Lync Server 2010, Core Components   4.0.7577.225\nLync Server 2010, Front End Server   4.0.7577.203\n")).toEqual(
      [
        ["4.0.7577.225", 0, "KB2909888"],
        ["4.0.7577.203", null, null],
      ],
    ));

  it("compares numbers, not digits", async () =>
    expect(await standing("Microsoft Lync 2010   4.0.7577.314\nMicrosoft Lync 2010   4.0.7577.10000\n")).toEqual([
      ["4.0.7577.314", 9, "KB2912208"],
      ["4.0.7577.10000", 0, "KB2912208"],
    ]));
});
