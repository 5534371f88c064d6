import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ID_PATTERN, newId } from "../../api/ids.ts";
import { isUsable, mintKey, parseKey } from "../../api/keys.ts";
import { settingFlags } from "../../api/setting-docs.ts";
import { readDataKey, readSettings, SettingsError, unknownVariables } from "../../api/settings.ts";

const problemsOf = (flags: Record<string, string>, environment: Record<string, string> = {}): string => {
  try {
    readSettings(flags, environment);
    return "";
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
};

describe("settings", () => {
  it("are taken from flags before variables before what is standard", () => {
    expect(readSettings({}, {}).port).toBe(8080);
    expect(readSettings({}, { CASEBOOK_PORT: "81" }).port).toBe(81);
    expect(readSettings({ port: "82" }, { CASEBOOK_PORT: "81" }).port).toBe(82);
    expect(readSettings({}, { CASEBOOK_PORT: "" }).port).toBe(8080);
  });

  it("read sizes, times and lists as people write them", () => {
    const settings = readSettings(
      { "max-bundle-bytes": "1.5GiB", retention: "never", "idle-timeout": "1500ms", "allowed-hosts": "a.example, b.example," },
      {},
    );
    expect(settings).toMatchObject({
      bundleBytes: 1_610_612_736,
      retention: null,
      idleTimeout: 1500,
      allowedHosts: ["a.example", "b.example"],
    });
    expect(readSettings({ retention: "12h" }, {}).retention).toBe(43_200_000);
    expect(readSettings({}, {}).jobsAtOnce).toBeGreaterThanOrEqual(1);
  });

  it("that cannot be read are all told, with where they were given and what is expected", () => {
    expect(problemsOf({ port: "x", retention: "5 days", anonymous: "yes" }, { CASEBOOK_MAX_UPLOADS: "-1" }).split("\n")).toEqual([
      '--port cannot be "x": expected a whole number from 0',
      '--anonymous cannot be "yes": expected one of loopback, on, off',
      '--retention cannot be "5 days": expected a time such as 30s, 15m, 12h or 30d, or never',
      'CASEBOOK_MAX_UPLOADS cannot be "-1": expected a whole number from 1',
    ]);
    expect(problemsOf({ port: "65536" })).toContain("65535");
    expect(problemsOf({ retention: "0d" })).toContain("--retention");
  });

  it("that name origins and networks are held to be some", () => {
    const good = {
      "allowed-origins": "https://kb.example.org,http://[2001:db8::1]:8080",
      "trusted-proxies": "192.0.2.7, 10.0.0.0/8,2001:db8::/32",
    };
    expect(problemsOf(good)).toBe("");
    for (const origin of ["kb.example.org", "https://kb.example.org/", "https://kb.example.org/x", "*", "https://*.example"])
      expect(problemsOf({ "allowed-origins": origin }), origin).toContain("--allowed-origins");
    for (const proxy of ["proxy", "10.0.0.0/33", "10.0.0.0/", "300.1.1.1", "10.0.0.0/8/8"])
      expect(problemsOf({ "trusted-proxies": proxy }), proxy).toContain("--trusted-proxies");
  });

  it("that contradict each other are told", () => {
    expect(problemsOf({}, { CASEBOOK_DATABASE_URL: "postgres://x" })).toContain("CASEBOOK_S3_BUCKET");
    expect(problemsOf({ "s3-bucket": "x" })).toContain("CASEBOOK_DATABASE_URL");
    expect(problemsOf({ "data-key-file": "x" }, { CASEBOOK_DATA_KEY: "y" })).toContain("cannot both");
  });

  it("that are secret have no flag, and are not repeated where they are wrong", () => {
    for (const name of ["data-key", "database-url", "s3-secret-key"]) expect(settingFlags("serve")).not.toHaveProperty(name);
    expect(() => readDataKey({ dataKey: "hunter2", dataKeyFile: null })).toThrow(/^(?!.*hunter2).*32 bytes/);
  });

  it("that are misspelt are noticed", () => {
    expect(unknownVariables({ CASEBOOK_PROT: "1", CASEBOOK_PORT: "1", CASEBOOK_URL: "x", PATH: "x" }, ["CASEBOOK_URL"])).toEqual([
      "CASEBOOK_PROT",
    ]);
  });

  it("read a key for data, from a variable or a file", () => {
    const key = Buffer.alloc(32, 7);
    const folder = mkdtempSync(join(tmpdir(), "casebook-key-"));
    try {
      writeFileSync(join(folder, "key"), `${key.toString("base64")}\n`);
      expect(readDataKey({ dataKey: null, dataKeyFile: join(folder, "key") })).toEqual(key);
      expect(readDataKey({ dataKey: key.toString("base64"), dataKeyFile: null })).toEqual(key);
      expect(readDataKey({ dataKey: null, dataKeyFile: null })).toBeNull();
      expect(() => readDataKey({ dataKey: null, dataKeyFile: join(folder, "none") })).toThrow(SettingsError);
      for (const wrong of ["", "x", Buffer.alloc(31).toString("base64"), `${key.toString("base64")}!`])
        expect(() => readDataKey({ dataKey: wrong, dataKeyFile: null })).toThrow(SettingsError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("keys", () => {
  const request = { tenant: "acme", label: "ci", scopes: ["submit"], expiresAt: null } as const;

  it("are known again by their hash, and only whole", () => {
    const { key, text } = mintKey(request, 1_000);
    expect(parseKey(text)).toEqual({ id: key.id, hash: key.hash });
    expect(key.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(text).not.toContain(key.hash);
    for (const wrong of ["", text.slice(1), text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`, text.toUpperCase()])
      expect(parseKey(wrong)).toBeNull();
  });

  it("are all different", () => {
    const texts = Array.from({ length: 200 }, () => mintKey(request, 1_000).text);
    expect(new Set(texts.map((text) => text.split("_")[2])).size).toBe(200);
  });

  it("open until they are revoked or their time is over", () => {
    const { key } = mintKey({ ...request, expiresAt: 2_000 }, 1_000);
    expect([isUsable(key, 1_999), isUsable(key, 2_000), isUsable({ ...key, revokedAt: 1_500 }, 1_600)]).toEqual([true, false, false]);
  });
});

describe("ids", () => {
  it("sort by the time they were made at", () => {
    const ids = [1, 999, 1_700_000_000_000, 1_700_000_000_001, 2 ** 47].map(newId);
    expect(ids).toEqual([...ids].sort());
    for (const id of ids) expect(id).toMatch(new RegExp(ID_PATTERN));
  });

  it("are all different at one time", () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newId(7))).size).toBe(1_000);
  });
});
