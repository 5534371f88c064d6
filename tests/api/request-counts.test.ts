import { expect, it, vi } from "vitest";
import { RequestCounts } from "../../api/plugins/request-counts.ts";
import { startApi } from "../support/api-server.ts";

it("requests are counted for a minute from the first, each who asks alone", () => {
  let now = 5_000;
  const counts = new RequestCounts(60_000, 10, () => now);
  expect(counts.read("a")).toEqual({ current: 0, ttl: 0 });
  expect(counts.add("a")).toEqual({ current: 1, ttl: 60_000 });
  now += 59_999;
  expect(counts.add("a")).toEqual({ current: 2, ttl: 1 });
  expect(counts.add("b").current).toBe(1);
  expect(counts.read("a").current).toBe(2);
  now += 1;
  expect(counts.read("a").current).toBe(0);
  expect(counts.add("a")).toEqual({ current: 1, ttl: 60_000 });
});

it("of more than may be counted, those longest unseen are forgotten", () => {
  const counts = new RequestCounts(60_000, 2, () => 0);
  for (const who of ["a", "b", "a", "c"]) counts.add(who);
  expect(["a", "b", "c"].map((who) => counts.read(who).current)).toEqual([2, 0, 1]);
});

it.each([
  ["forward", 3_600_000],
  ["back", -3_600_000],
])("limits hold when the machine's clock jumps %s by an hour, and no longer than without", async (_, jump) => {
  const server = await startApi({ settings: { requestRate: 2 } });
  try {
    for (let times = 0; times < 2; times++) expect((await server.call("GET", "/v1/cases")).status).toBe(200);
    const { now } = Date;
    vi.spyOn(Date, "now").mockImplementation(() => now.call(Date) + jump);
    const { status, headers } = await server.call("GET", "/v1/cases");
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(60);
  } finally {
    vi.restoreAllMocks();
    await server.close();
  }
});
