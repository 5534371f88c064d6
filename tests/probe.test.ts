import { execFileSync, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "typebox/value";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { probeLineSchema } from "../cli/probe/evidence-schema.ts";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { casebook } from "./support/terminal.ts";

/** Servers are on the loopback interface, which is all a test may speak to. */
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) console.warn("tests/probe.test.ts: probes of TLS servers are skipped, openssl is not installed to make certificates");

const folder = mkdtempSync(join(tmpdir(), "casebook-probe-"));
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  out: string;
  steps: Record<string, unknown>[];
  /** `name passed`, `connect failed refused`. */
  course: string[];
}

async function probe(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const { code, out } = await casebook(["probe", ...args, "--json"], { env });
  const lines = out
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) expect([...Value.Errors(probeLineSchema, line)]).toEqual([]);
  const steps = lines.filter(({ record }) => record === "step");
  const course = steps.map(({ step, outcome, reason }) => [step, outcome, reason].filter((part) => part !== undefined).join(" "));
  return { code, out, steps, course };
}

/** A key and a certificate of its own for these names. */
function certificateFor(names: readonly string[]): { key: string; cert: string; file: string } {
  const [key, file] = [join(folder, `${names[0]}.key`), join(folder, `${names[0]}.pem`)];
  const alternative = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3"];
  execFileSync("openssl", [...args, "-keyout", key, "-out", file, "-subj", `/CN=${names[0]}`, "-addext", alternative], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(file, "utf8"), file };
}

async function httpsServer(made: { key: string; cert: string }, listener: RequestListener): Promise<number> {
  const server = createHttps(made, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** A server that takes connections and says nothing, or closes them at once. */
async function silentServer(closes: boolean): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createTcp((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (closes) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function udpServer(answer: (message: Buffer) => Buffer | null): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (message, { port, address }) => {
    const reply = answer(message);
    if (reply) socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closing.push(() => socket.close());
  return socket.address().port;
}

/** An error response with this code, RFC 8489 section 14.8, to an Allocate request only. */
function refusal(message: Buffer, code: number): Buffer | null {
  if (message.readUInt16BE(0) !== 0x0003) return null;
  const head = Buffer.from(message.subarray(0, 20));
  head.writeUInt16BE(0x0113, 0);
  head.writeUInt16BE(8, 2);
  return Buffer.concat([head, Buffer.from([0, 9, 0, 4, 0, 0, Math.floor(code / 100), code % 100])]);
}

async function closedPort(): Promise<number> {
  const port = await silentServer(true);
  closing.pop()!();
  return port;
}

async function verdicts(args: readonly string[], env: Record<string, string> = {}): Promise<Record<string, string>> {
  const file = join(folder, "evidence.jsonl");
  await casebook(["probe", ...args, "--out", file], { env });
  const { report } = await diagnosePaths([file], { all: true });
  return Object.fromEntries(report.findings.map(({ rule, verdict }) => [rule, verdict]));
}

describe("casebook probe url", () => {
  it("says at which step it ends: a name nobody knows, a refused connection, a silent or broken TLS server", async () => {
    expect((await probe(["url", "no-such-name.invalid", "--timeout", "3"])).course[0]).toMatch(
      /^name failed (?:not_found|error|timed_out)$/,
    );
    const refused = await probe(["url", `https://127.0.0.1:${await closedPort()}/`]);
    expect([refused.course, refused.code]).toEqual([["connect failed refused"], 1]);
    const silent = await probe(["url", `https://127.0.0.1:${await silentServer(false)}/`, "--timeout", "1"]);
    expect(silent.course).toEqual(["connect passed", "tls failed timed_out"]);
    const closing = await probe(["url", `https://127.0.0.1:${await silentServer(true)}/`]);
    expect(closing.course).toEqual(["connect passed", "tls failed reset"]);
  });

  it("refuses what is no URL, and credentials in one", async () => {
    for (const text of ["ftp://contoso.com", "https://user:secret@contoso.com/", "http://"]) {
      const { code, out, err } = await casebook(["probe", "url", text]);
      expect(code).toBe(2);
      expect(out + err).not.toContain("secret");
    }
  });

  describe.skipIf(!hasOpenssl)("over TLS", () => {
    let own: { key: string; cert: string; file: string };
    let other: typeof own;
    beforeAll(() => {
      own = certificateFor(["localhost"]);
      other = certificateFor(["www.example.org", "*.example.org"]);
    });

    it("passes every step of a sound server whose root is trusted", async () => {
      const port = await httpsServer(own, (_, response) => response.end("hello"));
      const { course, code } = await probe(["url", `https://localhost:${port}/`, "--ca", own.file]);
      expect(course).toEqual(
        ["name", "connect", "tls", "certificate_name", "certificate_expiry", "certificate_chain", "http"].map((step) => `${step} passed`),
      );
      expect(code).toBe(0);
      expect(
        await verdicts([
          "lync-web",
          "example.org",
          "--meet",
          `localhost:${port}`,
          "--dialin",
          "none",
          "--lyncdiscover",
          "none",
          "--ca",
          own.file,
        ]),
      ).toMatchObject({
        "lync-web-url-unreachable": "ruled_out",
      });
    });

    it("tells each fault of a certificate by itself", async () => {
      const port = await httpsServer(other, (_, response) => response.writeHead(503).end());
      const { course, steps } = await probe(["url", `https://localhost:${port}/`]);
      expect(course.slice(3)).toEqual([
        "certificate_name failed mismatch",
        "certificate_expiry passed",
        "certificate_chain failed untrusted",
        "http failed status",
      ]);
      expect(steps[3]).toMatchObject({ subject: "CN=www.example.org", names: ["www.example.org", "*.example.org"] });
      expect(
        await verdicts(["lync-web", "example.org", "--meet", `localhost:${port}`, "--dialin", "none", "--lyncdiscover", "none"]),
      ).toMatchObject({
        "lync-web-url-unreachable": "matched",
      });
    });

    it("asks Autodiscover for the external EWS URL, and calls it", async () => {
      const seen: (string | undefined)[] = [];
      const port = await httpsServer(own, (request, response) => {
        seen.push(request.headers.authorization);
        if (!request.headers.authorization) response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
        else if (request.url === "/EWS/Exchange.asmx") response.end("service");
        else
          response.end(
            `<Autodiscover><Response><Account><Protocol><Type>EXCH</Type><EwsUrl>https://inside.example/</EwsUrl></Protocol><Protocol><Type>EXPR</Type><EwsUrl>https://localhost:${port}/EWS/Exchange.asmx</EwsUrl></Protocol></Account></Response></Autodiscover>`,
          );
      });
      const args = ["ews", "user@localhost", "--autodiscover", `https://localhost:${port}/autodiscover/autodiscover.xml`, "--ca", own.file];
      const asked = await probe(args);
      expect([asked.course.at(-1), asked.code]).toEqual(["autodiscover skipped credentials_needed", 0]);
      expect(await verdicts(args)).toMatchObject({ "lync-ews-unreachable": "inconclusive" });
      const secret = { CASEBOOK_PROBE_PASSWORD: "s3cret" };
      const given = await probe([...args, "--user", "LAB\\user"], secret);
      expect(given.course.filter((step) => /^(?:autodiscover|ews) /.test(step))).toEqual(["autodiscover passed", "ews passed"]);
      expect(given.out).not.toContain("s3cret");
      expect(seen.at(-1)).toBe(`Basic ${Buffer.from("LAB\\user:s3cret").toString("base64")}`);
      expect(await verdicts([...args, "--user", "LAB\\user"], secret)).toMatchObject({ "lync-ews-unreachable": "ruled_out" });
    });

    it("knows an Autodiscover without external URL, and an EWS that fails", async () => {
      const port = await httpsServer(own, (request, response) => {
        if (request.url === "/EWS/Exchange.asmx") response.writeHead(503).end();
        else
          response.end(
            "<Autodiscover><Response><Error><Message>The e-mail address cannot be found.</Message></Error></Response></Autodiscover>",
          );
      });
      const none = await probe(["ews", "user@localhost", "--autodiscover", `https://localhost:${port}/a`, "--ca", own.file]);
      expect(none.course.at(-1)).toBe("autodiscover failed no_url");
      expect(none.steps.at(-1)).toMatchObject({ detail: "The e-mail address cannot be found." });
      const args = ["ews", "user@localhost", "--url", `https://localhost:${port}/EWS/Exchange.asmx`, "--ca", own.file];
      expect((await probe(args)).course.at(-1)).toBe("ews failed status");
      expect(await verdicts(args)).toMatchObject({ "lync-ews-unreachable": "matched" });
    });
  });
});

describe("casebook probe stun", () => {
  it("takes any answer, a refusal too, for a server that is reached", async () => {
    const port = await udpServer((message) => refusal(message, 401));
    const { course, steps, code } = await probe(["stun", `127.0.0.1:${port}`]);
    expect([course, steps[0]!.status, code]).toEqual([["stun passed"], 401, 0]);
  });

  it("tells silence from a closed port, and passes over answers to others", async () => {
    const silent = await udpServer((message) => Buffer.concat([message.subarray(0, 8), Buffer.alloc(12)]));
    expect((await probe(["stun", `127.0.0.1:${silent}`, "--timeout", "1"])).course).toEqual(["stun failed timed_out"]);
    const port = await udpServer(() => null);
    closing.pop()!();
    expect((await probe(["stun", `127.0.0.1:${port}`, "--timeout", "2"])).course).toEqual(["stun failed refused"]);
  });
});
