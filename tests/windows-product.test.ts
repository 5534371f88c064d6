import { describe, expect, it } from "vitest";
import { resolveHosts } from "../engine/derive/hosts.ts";
import { productOf, servicePackOf } from "../engine/formats/windows-product.ts";
import { hosts } from "../engine/tables/host-tables.ts";
import { Table } from "../engine/tables/table.ts";

describe("the name of a Windows", () => {
  it.each([
    ["Microsoft Windows Server 2008 R2 Enterprise ", "windows-server-2008-r2"],
    ["Microsoft® Windows Server® 2008 Standard without Hyper-V™", "windows-server-2008"],
    ["Microsoftr Windows Serverr 2008 Standard ", "windows-server-2008"],
    ["Microsoft(R) Windows(R) Server 2003, Standard Edition", "windows-server-2003"],
    ["Microsoft(R) Windows(R) Server 2003 R2 Enterprise x64 Edition", "windows-server-2003"],
    ["Windows Storage Server 2012 R2 Standard", "windows-server-2012-r2"],
    ["Microsoft Hyper-V Server 2016", "windows-server-2016"],
    ["Windows Small Business Server 2011 Standard", "windows-server-2008-r2"],
    ["Microsoft® Windows Vista™ Business", "windows-vista"],
    ["Microsoft Windows XP Professional", "windows-xp"],
    ["Microsoft Windows 7 旗舰版", "windows-7"],
    ["Майкрософт Windows 8.1 Профессиональная", "windows-8.1"],
    ["Microsoft Windows 10 Pro", "windows-10"],
    ["Microsoft Windows 11 Entreprise", "windows-11"],
    ["Microsoft Windows 2000 Server", "windows-2000"],
    ["Microsoft SQL Server", null],
    ["Ubuntu 22.04", null],
  ])("%s is %s", (name, product) => expect(productOf(name)).toBe(product));

  it.each([
    ["6.0.6002", "", 2],
    ["6.1.7600", "N/A Build 7600", 0],
    ["5.2.3790", "Service Pack 2", 2],
    ["5.2.3790", "", null],
    ["10.0.17134", "", 0],
  ])("%s %s has service pack %s", (version, text, number) => expect(servicePackOf(version, text)).toBe(number));
});

describe("a version without a name", () => {
  const nameless = { names: [], addresses: [], version: "6.1.7601" };
  const rowsOf = (...sources: Parameters<typeof resolveHosts>[1][number]["facts"][]) => {
    const table = new Table(hosts, [
      resolveHosts(
        [],
        sources.map((facts, source) => ({ source, facts })),
      ).part(),
    ]);
    return Array.from({ length: table.length }, (_, row) => [table.value(row, "host"), table.value(row, "version")]);
  };

  it("is a machine of its own where the bundle names none", () => expect(rowsOf([nameless], [nameless])).toEqual([[null, "6.1.7601"]]));
  it("is that of the only machine", () => expect(rowsOf([nameless], [{ names: ["A"], addresses: [] }])).toEqual([[["A"], "6.1.7601"]]));
  it("is not that of the only machine where that has another", () =>
    expect(rowsOf([nameless], [{ names: ["A"], addresses: [], version: "5.2.3790" }])).toEqual([
      [["A"], "5.2.3790"],
      [null, "6.1.7601"],
    ]));
  it("is that of the machine its own source names", () =>
    expect(rowsOf([nameless, { names: ["A"], addresses: [] }], [{ names: ["B"], addresses: [] }])).toEqual([
      [["A"], "6.1.7601"],
      [["B"], null],
    ]));
  it("is nobody's where there are several machines", () =>
    expect(rowsOf([nameless], [{ names: ["A"], addresses: [] }], [{ names: ["B"], addresses: [] }])).toEqual([
      [["A"], null],
      [["B"], null],
      [null, "6.1.7601"],
    ]));
});
