import { describe, expect, it } from "vitest";
import type { TextFormat } from "../engine/formats/format.ts";
import { formats } from "../engine/formats/index.ts";
import { collector } from "./support/collect.ts";
import { claimants, feed, fixtures, read, title } from "./support/format-fixtures.ts";

/** Cells as a fixture writes them: no nulls, times as ISO 8601 with the digits they need. */
function plain(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cells = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(cells.map(([column, value]) => [column, typeof value === "bigint" ? isoTime(value) : value]));
}

function isoTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

describe("every fixture", () => {
  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))(
    "%s says where it comes from and is small",
    (_, { bytes, expected }) => {
      expect(expected.origin).toMatch(/\w/);
      expect(bytes.length).toBeLessThanOrEqual(50 * 1024);
    },
  );

  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))(
    "%s is claimed by its own format and no other",
    async (_, { id, bytes }) => {
      expect(await claimants(bytes)).toEqual([id]);
    },
  );

  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))("%s gives its rows", async (_, { id, bytes, expected }) => {
    const seen = await read(formats.find((format) => format.id === id)!, bytes, expected.hints);
    expect(seen.rows.map(({ table, at, values }) => ({ table, at, ...plain(values) }))).toEqual(expected.rows ?? []);
    expect(seen.anomalies.map(({ name, at }) => ({ name, at }))).toEqual(expected.anomalies ?? []);
    if (expected.coverage) expect(seen.coverage.map(plain)).toEqual(expected.coverage);
    if (expected.hosts) expect(seen.hosts).toEqual(expected.hosts);
    if (expected.packets !== undefined) expect(seen.packets.length).toBe(expected.packets);
    if (expected.utc !== undefined) expect(seen.utc).toBe(expected.utc);
  });
});

const textFormats = formats.filter((format): format is TextFormat => format.kind === "text");

describe("every text format", () => {
  it.each(textFormats.map((format) => [format.id, format] as const))("%s has a fixture", (id) => {
    expect(fixtures.map((fixture) => fixture.id)).toContain(id);
  });

  it("passes over prose in silence", () => {
    const prose = [
      "The server listens on TCP port 3389 and UDP 3478: clients connect, then the session drops.",
      "At 8:54:40 AM on 1/6/2013 the Remote Desktop Services service terminated unexpectedly.",
      "Source: the vendor's page, Date: 1/6/2013, Level: high. See https://support.contoso.com:443/kb for details.",
      "TCP: the Transmission Control Protocol    UDP: the User Datagram Protocol",
      "Message: please reply. Id: 7. SIP/2.0 504 Server time-out was what the user saw.",
    ];
    for (const format of textFormats) {
      expect(format.detect(prose), format.id).toBe(false);
      const collected = collector();
      feed(format, prose, collected);
      expect([...collected.rows, ...collected.anomalies, ...collected.packets], format.id).toEqual([]);
    }
  });
});
