import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import type { Update } from "../../engine/rules/knowledge-schema.ts";
import { buildSeries, compareVersions, type Standing, updatesBehind } from "../../engine/rules/updates-behind.ts";

const { updates } = (await loadCatalogue()).references;

function update(id: string, released: string, version?: string): Update {
  const build = version === undefined ? { product: "thing" } : { product: "thing", version };
  const url = "https://example.org";
  return { id, title: id, kind: "cumulative_update", products: ["thing"], released, builds: [build], url, source: "", as_of: "2020-01-31" };
}

const standing = (product: string, installed: string, from: readonly Update[] = updates) =>
  updatesBehind(from, product, installed) as Standing;
const ids = (builds: Standing["missing"]) => builds.map((build) => build.update.id);

describe("the cumulative updates of the founding list", () => {
  it("are all there, in order", () => {
    const count = (product: string) => buildSeries(updates, product).length;
    expect(count("lync-2010")).toBe(13);
    expect(count("lync-server-2010")).toBe(11);
    expect(count("lync-2013")).toBe(5);
    expect(count("lync-server-2013")).toBe(4);
    for (const product of ["lync-2010", "lync-server-2010", "lync-server-2013"]) {
      const dates = buildSeries(updates, product).map((build) => build.update.released);
      expect(dates).toEqual([...dates].sort());
    }
  });

  it("say of an exact build which update it is and which follow", () => {
    const { at, exact, missing, newest, ahead, asOf } = standing("lync-2010", "4.0.7577.4356");
    expect(at?.update).toMatchObject({ id: "KB2737155", released: "2012-10" });
    expect(exact).toBe(true);
    expect(ids(missing)).toEqual(["KB2791382", "KB2815347", "KB2842627", "KB2884632", "KB2912208"]);
    expect(newest.update.id).toBe("KB2912208");
    expect(ahead).toBe(false);
    expect(asOf).toBe("2014-02-27");
  });

  it("read the build out of a User-Agent", () => {
    const { at, installed } = standing("lync-2010", "UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)");
    expect([installed, at?.update.id]).toEqual(["4.0.7577.4356", "KB2737155"]);
  });

  it("say of a build between two which one it is past", () => {
    const { at, exact, missing } = standing("lync-server-2013", "5.0.8308.500");
    expect([at?.update.id, exact]).toEqual(["KB2819565", false]);
    expect(ids(missing)).toEqual(["KB2881684", "KB2905048"]);
  });

  it("say of a build older than the oldest that it lacks all", () => {
    const { at, missing, undecided } = standing("lync-2013", "15.0.4420.1017");
    expect([at, missing.length, undecided.length]).toEqual([null, 5, 0]);
  });

  it("say of the newest that nothing is missing, and of a newer one that it is ahead of the list", () => {
    expect(standing("lync-server-2010", "4.0.7577.225")).toMatchObject({ exact: true, ahead: false, missing: [] });
    expect(standing("lync-server-2010", "4.0.7577.230")).toMatchObject({ exact: false, ahead: true, missing: [] });
  });

  it("do not guess whether a build holds the update whose build nobody names", () => {
    const before = standing("lync-server-2010", "4.0.7577.100");
    expect([before.at, ids(before.undecided), before.missing.length]).toEqual([null, ["KB2467775"], 10]);
    expect(standing("lync-server-2010", "4.0.7577.137").undecided).toEqual([]);
  });
});

describe("a version that says nothing", () => {
  it.each(["", "lync", "4", "4.", "4..0", ".4.0", "1.2.3.4.5.6.7", "4.0.7577.4356.", "-", "９.９"])("%j is told apart", (text) => {
    const result = updatesBehind(updates, "lync-2010", text);
    if (text === "4.0.7577.4356.") expect(result).toMatchObject({ exact: true });
    else expect(result).toEqual({ problem: expect.stringContaining("is not a version") });
  });

  it("of another product is not compared", () => {
    expect(updatesBehind(updates, "lync-2010", "15.0.4569.1503")).toEqual({
      problem: expect.stringContaining("is not a build of lync-2010"),
    });
    expect(updatesBehind(updates, "lync-2099", "4.0.1.2")).toEqual({ problem: expect.stringContaining("no series") });
  });
});

describe("a series", () => {
  it("goes by number, not by text, and keeps an unversioned update in its place by date", () => {
    const series = [update("KB10003", "2020-03", "1.10"), update("KB10001", "2020-01", "1.9"), update("KB10002", "2020-02-10")];
    expect(buildSeries(series, "thing").map((build) => build.update.id)).toEqual(["KB10001", "KB10002", "KB10003"]);
    expect(ids(standing("thing", "1.9", series).missing)).toEqual(["KB10002", "KB10003"]);
    expect(ids(standing("thing", "1.9.5", series).undecided)).toEqual(["KB10002"]);
  });

  it("compares versions as a total order in which trailing zeros mean nothing", () => {
    const version = fc.array(fc.nat(20_000), { minLength: 2, maxLength: 4 }).map((numbers) => numbers.join("."));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        expect(compareVersions(a, `${a}.0`)).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("counts every newer build as missing and no other", () => {
    const builds = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(builds, fc.nat(520), (numbers, installed) => {
        const series = numbers.map((number, index) => update(`KB${10_000 + index}`, "2020-01", `7.0.${number}`));
        const result = standing("thing", `7.0.${installed}`, series);
        expect(result.missing).toHaveLength(numbers.filter((number) => number > installed).length);
        expect(result.exact).toBe(numbers.includes(installed));
        expect(result.ahead).toBe(numbers.every((number) => number < installed));
      }),
    );
  });
});
