import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openLogger, readableLine } from "../../api/logger.ts";
import { casebook } from "../support/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-operating-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("casebook worker", () => {
  const shared = {
    CASEBOOK_DATABASE_URL: "postgres://casebook:hunter2@127.0.0.1:1/casebook",
    CASEBOOK_S3_BUCKET: "casebook",
    CASEBOOK_DATA: folder,
  };
  it.each([
    ["a database", {}, [], /needs CASEBOOK_DATABASE_URL/],
    ["a bucket", { CASEBOOK_DATABASE_URL: shared.CASEBOOK_DATABASE_URL }, [], /CASEBOOK_DATABASE_URL needs CASEBOOK_S3_BUCKET/],
    ["a database that answers", shared, [], /cannot be used: ECONNREFUSED.*see CASEBOOK_DATABASE_URL/],
    ["a lease the queue can keep", { ...shared, CASEBOOK_LEASE: "2s" }, [], /--lease cannot be below 10s/],
    ["a job to run", { ...shared, CASEBOOK_JOBS: "0" }, [], /--jobs 0 would do nothing/],
    ["a port there can be", shared, ["--metrics-port", "70000"], /--metrics-port cannot be above 65535/],
    ["a key of 32 bytes", shared, ["--data-key-file", join(folder, "no-key")], /no-key cannot be read/],
  ])("says in one sentence that it needs %s", async (_, env, args, says) => {
    const { code, out, err } = await casebook(["worker", ...args], { env });
    expect(err).toMatch(says);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err).not.toContain("hunter2");
    expect([code, out]).toEqual([2, ""]);
  });

  it("points out a variable that nobody knows", async () => {
    const { err } = await casebook(["worker"], { env: { CASEBOOK_DATABAS_URL: "x" } });
    expect(err).toContain("CASEBOOK_DATABAS_URL means nothing and is ignored; did you mean CASEBOOK_DATABASE_URL?");
  });
});

it("casebook serve --jobs 0 is refused where nobody else could run the jobs", async () => {
  const { code, out, err } = await casebook(["serve", "--jobs", "0"], { env: { CASEBOOK_DATA: join(folder, "idle") } });
  expect(err).toMatch(/^casebook: with --jobs 0 nobody would ever run a job: .*CASEBOOK_DATABASE_URL.*\n$/);
  expect([code, out]).toEqual([2, ""]);
});

describe("casebook keys", () => {
  it.each([
    [["keys", "create", " "], /the label needs/],
    [["keys", "create", "me", "--tenant", "Not Me"], /--tenant cannot be "Not Me"/],
    [["keys", "create", "me", "--scopes", "read,write"], /--scopes cannot hold "write"/],
    [["keys", "create", "me", "--expires", "tomorrow"], /--expires cannot be "tomorrow"/],
    [["keys", "revoke", "nobody"], /there is no data of a server/],
    [["keys"], /keys needs one of create, list, revoke/],
  ])("%j is refused with what would do", async (args, says) => {
    const { code, err } = await casebook(args, { env: { CASEBOOK_DATA: folder } });
    expect(err).toMatch(says);
    expect(code).toBe(2);
  });

  it("lists what keys may do and whether they are good, but never a key", async () => {
    const env = { CASEBOOK_DATA: join(folder, "keys") };
    const made = await casebook(["keys", "create", "the \u001b[2Jbuild server", "--tenant", "support", "--scopes", "admin"], { env });
    const other = await casebook(["keys", "create", "a visitor", "--expires", "1ms"], { env });
    const id = (key: string) => key.split("_")[1]!;
    await casebook(["keys", "revoke", id(made.out)], { env });
    const { out } = await casebook(["keys", "list"], { env });
    expect(out).toMatch(new RegExp(`^${id(made.out)} +support +revoked \\d{4}-\\d\\d-\\d\\d +`, "m"));
    expect(out).toMatch(new RegExp(`^${id(other.out)} +main +expired \\d{4}-\\d\\d-\\d\\d +a visitor \\(submit, read`, "m"));
    expect(out).not.toContain("\u001b");
    for (const { out: key } of [made, other]) expect(out).not.toContain(key.trim().split("_")[2]);
    expect((await casebook(["keys", "list", "--tenant", "nobody"], { env })).err).toContain("There are no keys");
  });
});

describe("the log", () => {
  it("is JSON for machines and one short line for a person", () => {
    const written: string[] = [];
    for (const readable of [false, true]) {
      const log = openLogger({ logLevel: "info" }, (text) => written.push(text), readable);
      log.debug({}, "not worth telling");
      log.info({ method: "POST", route: "/v1/bundles", status: 202, seconds: 0.0123, tenant: "acme" }, "answered");
    }
    expect(written).toHaveLength(2);
    expect(JSON.parse(written[0]!)).toMatchObject({ msg: "answered", level: 30, status: 202 });
    expect(written[1]).toMatch(/^\d\d:\d\d:\d\d info {3}answered {2}POST \/v1\/bundles {2}202 {2}0.0123 s {2}tenant=acme\n$/);
  });

  it("says what an error was, and passes on what is no entry", () => {
    const line = (entry: object) => readableLine(JSON.stringify({ level: 50, time: 0, ...entry }));
    expect(line({ msg: "failed", err: { type: "Error", message: "no route to host" } })).toMatch(/error {2}failed {2}no route to host\n$/);
    expect(readableLine("something else\n")).toBe("something else\n");
  });
});
