import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha1Hex } from "../engine/bytes/sha1.ts";
import { nameKey, nameText, parseName } from "../engine/decoders/distinguished-name.ts";
import { keyExchangeOf } from "../engine/decoders/key-exchange.ts";
import { decodeCertificateRequest, decodeCertificates } from "../engine/decoders/tls-certificates.ts";
import { beginsTls, TlsConversation } from "../engine/decoders/tls-conversation.ts";
import { decodeClientHello, decodeServerHello } from "../engine/decoders/tls-hello.ts";
import { decodeSslv2Hello, decodeTlsRecord } from "../engine/decoders/tls-record.ts";
import { decodeX509 } from "../engine/decoders/x509.ts";
import { tlsSessionValues } from "../engine/tables/tls-session-row.ts";
import { diagnoseFiles, memoryFile, projectRoot } from "./support/bundles.ts";
import { concat, pcapFile } from "./support/capture-writer.ts";
import { certificate, noise, pem } from "./support/der-writer.ts";
import { TwoTaps } from "./support/session-script.ts";
import { type TlsSessionFields, tlsSession } from "./support/tls-script.ts";
import * as tls from "./support/tls-writer.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

const SEED = 20261123;
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
tellWithoutTshark("tests/tls.test.ts");
if (!hasOpenssl) console.warn("tests/tls.test.ts against openssl: skipped, openssl is not installed");

const CA = "CN=Contoso Issuing CA, O=Contoso, C=US";
const SERVER = certificate({
  subject: "CN=www.contoso.com, O=Contoso, C=US",
  issuer: CA,
  dnsNames: ["www.contoso.com", "contoso.com"],
  usages: ["1.3.6.1.5.5.7.3.1"],
});

type Row = Record<string, unknown>;

async function rowsOf(table: string, capture: Uint8Array): Promise<Row[]> {
  const { tables } = await diagnoseFiles([memoryFile("tls.pcap", capture)]);
  const found = tables.get(table)!;
  const rows: Row[] = Array.from({ length: found.length }, (_, row) =>
    Object.fromEntries(
      Object.keys(found.declaration.columns).flatMap((name) => (found.value(row, name) === null ? [] : [[name, found.value(row, name)]])),
    ),
  );
  return rows.sort((a, b) => Number(a.stream ?? 0) - Number(b.stream ?? 0));
}

function capture(...sessions: readonly Omit<TlsSessionFields, "client" | "server" | "start">[]): Uint8Array {
  const taps = new TwoTaps();
  for (const [n, fields] of sessions.entries())
    tlsSession(taps, { client: `192.0.2.10:${50_000 + n}`, server: "198.51.100.7:8443", start: 1 + n, ...fields });
  return pcapFile(taps.frames("client"));
}

describe("a TLS session in a capture", () => {
  it("tells names, version, suite and certificate, on any port", async () => {
    const [row] = await rowsOf("tls_sessions", capture({ chain: [SERVER], serverName: "www.contoso.com" }));
    expect(row).toMatchObject({
      client_ip: "192.0.2.10",
      client_port: 50_000,
      server_port: 8443,
      server_name: "www.contoso.com",
      offered_version: "TLS 1.2",
      version: "TLS 1.2",
      cipher_suite: "TLS_RSA_WITH_AES_128_CBC_SHA",
      key_exchange: "rsa",
      resumed: false,
      handshake: "complete",
      certificate_names: ["www.contoso.com", "contoso.com"],
      certificate_subject: "CN=www.contoso.com, O=Contoso, C=US",
      certificate_issuer: CA,
      certificate_not_before: 1_388_534_400_000_000_000n,
      client_certificate_requested: false,
      client_hello_frame: 4,
    });
  });

  it("tells key exchanges apart", async () => {
    const { rsa, dhe, ecdhe } = tls.SUITE;
    const rows = await rowsOf(
      "tls_sessions",
      capture(
        ...[rsa, dhe, ecdhe].map((suite) => ({ suite, chain: [SERVER] })),
        { version: tls.VERSION.tls13 },
        { version: tls.VERSION.tls10, chain: [SERVER] },
      ),
    );
    expect(rows.map(({ version, key_exchange, handshake }) => `${version} ${key_exchange} ${handshake}`)).toEqual([
      "TLS 1.2 rsa complete",
      "TLS 1.2 dhe complete",
      "TLS 1.2 ecdhe complete",
      "TLS 1.3 tls13 complete",
      "TLS 1.0 rsa complete",
    ]);
  });

  it("is resumed by id or by ticket", async () => {
    const rows = await rowsOf(
      "tls_sessions",
      capture(
        { chain: [SERVER], sessionId: noise(32, "id") },
        { sessionId: noise(32, "id"), resumes: true },
        { chain: [SERVER], ticket: noise(160, "ticket") },
        { ticket: noise(160, "ticket"), resumes: true },
      ),
    );
    expect(rows.map(({ resumed }) => resumed)).toEqual([false, true, false, true]);
  });

  it("fails with an alert, and of a request for a certificate tells the list", async () => {
    const authorities = ["CN=Root A, O=Contoso", "CN=Root B, DC=contoso, DC=com"];
    const [failed, asked] = await rowsOf("tls_sessions", capture({ alert: 40 }, { chain: [SERVER], authorities }));
    expect(failed).toMatchObject({ handshake: "alert", alert: "handshake_failure", alert_from: "server", alert_fatal: true });
    expect(asked).toMatchObject({
      client_certificate_requested: true,
      client_certificate_sent: false,
      ca_list_count: 2,
      ca_names: authorities,
      ca_list_at_limit: false,
    });
  });

  it("lists each certificate of a server once, with the end that sent it", async () => {
    const own = certificate({ subject: "CN=user", issuer: CA, usages: ["1.3.6.1.5.5.7.3.2"] });
    const rows = await rowsOf("certificates", capture({ chain: [SERVER] }, { chain: [SERVER], authorities: [CA], clientChain: [own] }));
    expect(rows).toMatchObject([
      {
        seen_in: "tls_server",
        host: ["198.51.100.7"],
        subject: "CN=www.contoso.com, O=Contoso, C=US",
        key_bits: 1023,
        server_authentication: true,
      },
      { seen_in: "tls_client", host: ["192.0.2.10"], subject: "CN=user", client_authentication: true, server_authentication: false },
    ]);
  });

  it("is told from its middle by what follows, and the server by its hello", () => {
    const conversation = new TlsConversation();
    const at = { frame: 7, time: null };
    conversation.data("client", tls.applicationData(300, "x"), at);
    expect(conversation.sessions.map(tlsSessionValues)).toMatchObject([{ handshake: null, version: null }]);
  });
});

describe("a hello in the form of SSL 2.0", () => {
  const hello = concat(
    Uint8Array.of(0x80, 9 + 6 + 16, 1, 3, 1, 0, 6, 0, 0, 0, 16),
    Uint8Array.of(0, 0, 0x2f, 1, 0, 0x80),
    noise(16, "challenge"),
  );
  it("tells version and suites", () => {
    expect(beginsTls(hello)).toBe(true);
    expect(decodeSslv2Hello(hello, 0, hello.length)).toEqual({ version: 0x0301, length: 33, cipherSuites: [0x2f] });
  });
});

describe("names", () => {
  const spellings = [
    "CN=Contoso Issuing CA 1, OU=PKI, O=Contoso, S=Washington, C=US",
    "C = US, ST = Washington, O = Contoso, OU = PKI, CN = Contoso Issuing CA 1",
    "/C=US/ST=Washington/O=Contoso/OU=PKI/CN=Contoso Issuing CA 1",
    "id-at-commonName=Contoso Issuing CA 1,id-at-organizationalUnitName=PKI,id-at-organizationName=Contoso,id-at-stateOrProvinceName=Washington,id-at-countryName=US",
    "CN=CONTOSO ISSUING  CA 1,OU=PKI,O=contoso,ST=Washington,C=US",
  ];
  it.each(spellings)("%s is the same name", (text) => expect(nameKey(parseName(text))).toBe(nameKey(parseName(spellings[0]!))));

  it("keep commas in quotes and behind a backslash", () => {
    for (const text of ['CN="Contoso, Inc.", O=x', "CN=Contoso\\, Inc., O=x"])
      expect(parseName(text)).toEqual([
        ["CN", "Contoso, Inc."],
        ["O", "x"],
      ]);
    expect(nameText([["CN", "Contoso, Inc."]])).toBe('CN="Contoso, Inc."');
  });
});

describe("key exchanges", () => {
  it.each([
    ["TLS_RSA_WITH_RC4_128_SHA", "rsa"],
    ["TLS_RSA_PSK_WITH_AES_128_CBC_SHA", "psk"],
    ["TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "dhe"],
    ["TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", "ecdh"],
    ["TLS_DH_anon_WITH_RC4_128_MD5", "anon"],
    ["TLS_AES_128_GCM_SHA256", "tls13"],
    ["0x1a2a", "other"],
  ])("%s: %s", (suite, expected) => expect(keyExchangeOf(suite)).toBe(expected));
});

describe("bytes that are none", () => {
  const samples: readonly Uint8Array[] = [
    SERVER,
    tls.records(22, tls.clientHello({ session: "s", serverName: "a.example", ticket: noise(40, "t"), version: tls.VERSION.tls13 })),
    tls.records(
      22,
      concat(tls.serverHello({ session: "s", suite: 0x2f }), tls.certificates(SERVER), tls.certificateRequest([CA]), tls.serverHelloDone()),
    ),
    concat(tls.alert(true, 40), tls.changeCipherSpec(), tls.applicationData(30, "d")),
  ];
  const decodeAll = (bytes: Uint8Array) => {
    decodeX509(bytes, 0, bytes.length);
    decodeClientHello(bytes);
    decodeServerHello(bytes);
    decodeCertificates(bytes);
    decodeCertificateRequest(bytes);
    decodeTlsRecord(bytes, 0, bytes.length);
    decodeSslv2Hello(bytes, 0, bytes.length);
    beginsTls(bytes.subarray(0, 64));
    for (const from of ["client", "server"] as const) {
      const conversation = new TlsConversation();
      conversation.data(from, bytes.subarray(0, bytes.length >> 1), { frame: 1, time: null });
      conversation.data(from, bytes.subarray(bytes.length >> 1), { frame: 2, time: null });
      conversation.sessions.map(tlsSessionValues);
    }
  };

  it("do no harm, cut at every byte", () => {
    for (const sample of samples) for (let cut = 0; cut <= sample.length; cut++) decodeAll(sample.subarray(0, cut));
  });

  it("do no harm with bytes changed", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), (sample, changes) => {
        const bytes = sample.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodeAll(bytes);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it("give the same session however they are cut into packets", () => {
    const server = samples[2]!;
    const whole = new TlsConversation();
    whole.data("server", server, { frame: 1, time: null });
    for (let size = 1; size < 40; size += 3) {
      const pieces = new TlsConversation();
      for (let at = 0; at < server.length; at += size) pieces.data("server", server.subarray(at, at + size), { frame: 1, time: null });
      expect(pieces.sessions.map(tlsSessionValues)).toEqual(whole.sessions.map(tlsSessionValues));
    }
  });
});

describe.skipIf(!hasOpenssl)("against openssl", () => {
  it("reads certificates alike", () => {
    const der = certificate({
      subject: "CN=www.contoso.com, OU=Web, O=Contoso, S=Washington, C=US",
      issuer: CA,
      serial: 0x0a0b,
      dnsNames: ["a.example", "b.example"],
    });
    const said = (...options: string[]) =>
      execFileSync("openssl", ["x509", "-noout", ...options], { input: pem("CERTIFICATE", der), encoding: "utf8" }).trim();
    const decoded = decodeX509(der, 0, der.length)!;
    expect(said("-fingerprint", "-sha1").replaceAll(":", "").toLowerCase()).toContain(decoded.thumbprint);
    expect(nameKey(parseName(said("-subject").replace("subject=", "")))).toBe(nameKey(decoded.subject));
    expect(nameKey(parseName(said("-issuer").replace("issuer=", "")))).toBe(nameKey(decoded.issuer));
    expect(said("-serial").toLowerCase()).toBe(`serial=${decoded.serial}`);
    expect(said("-ext", "subjectAltName")).toContain(decoded.alternativeNames.map((name) => `DNS:${name}`).join(", "));
    expect(Date.parse(said("-enddate").replace("notAfter=", ""))).toBe(Number(decoded.notAfter! / 1_000_000n));
  });

  it("computes SHA-1 alike", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1000])
      expect(execFileSync("openssl", ["dgst", "-sha1", "-r"], { input: noise(length, "x"), encoding: "utf8" })).toContain(
        sha1Hex(noise(length, "x")),
      );
  });
});

/** By stream, the suites of its server hellos and the first name its client asks for, as tshark reads them. */
function tsharkSays(path: string): Map<string, { suites: string[]; name: string | null }> {
  const fields = ["tcp.stream", "tls.handshake.type", "tls.handshake.ciphersuite", "tls.handshake.extensions_server_name"];
  const args = ["-r", path, "-n", "-Y", "tls.handshake && tcp", "-T", "fields", ...fields.flatMap((field) => ["-e", field])];
  const output = execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const streams = new Map<string, { suites: string[]; name: string | null }>();
  for (const line of output.split("\n").filter(Boolean)) {
    const [stream, types, suites, names] = line.split("\t").map((cell) => cell.split(",").filter(Boolean)) as [
      string[],
      string[],
      string[],
      string[],
    ];
    const known = streams.get(stream[0]!) ?? { suites: [], name: null };
    streams.set(stream[0]!, known);
    if (types.includes("2")) known.suites.push(suites[0]!);
    known.name ??= names[0] ?? null;
  }
  return streams;
}

describe.skipIf(!hasTshark)("against tshark", () => {
  it("finds the same sessions, suites, names and certificates in generated traffic", async () => {
    const folder = mkdtempSync(join(tmpdir(), "casebook-tls-"));
    try {
      const authorities = Array.from({ length: 240 }, (_, n) => `CN=Authority number ${n}, OU=Certificates, O=Northwind Traders, C=US`);
      const bytes = capture(
        { chain: [SERVER], serverName: "www.contoso.com" },
        { suite: tls.SUITE.ecdhe, chain: [SERVER], authorities },
        { version: tls.VERSION.tls13 },
      );
      const path = join(folder, "a.pcap");
      writeFileSync(path, bytes);
      const said = tsharkSays(path);
      const rows = await rowsOf("tls_sessions", bytes);
      expect([...said.values()].map(({ suites }) => suites[0])).toEqual(["0x002f", "0xc02f", "0x1301"]);
      expect(rows.map(({ cipher_suite }) => cipher_suite)).toEqual([
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_AES_128_GCM_SHA256",
      ]);
      const listed = execFileSync(
        "tshark",
        ["-r", path, "-Y", "tls.handshake.dnames_len", "-T", "fields", "-e", "tls.handshake.dnames_len", "-e", "frame.number"],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
      );
      expect(listed.trim().split("\t").map(Number)).toEqual([rows[1]!.ca_list_bytes, rows[1]!.certificate_request_frame]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const corpus = join(projectRoot, "../shared/corpora/pcap/tls");
  if (!existsSync(corpus)) console.info("tests/tls.test.ts: real captures skipped, there is no folder ../shared/corpora");
  const others = /starttls|psql|socks|opvn|dtls/;
  const files = existsSync(corpus) ? readdirSync(corpus).filter((name, index) => index % 2 === 0 && !others.test(name)) : [];
  it.skipIf(files.length === 0)("finds the same in real captures", async () => {
    const differing: object[] = [];
    for (const name of files) {
      const path = join(corpus, name);
      const rows = await rowsOf("tls_sessions", new Uint8Array(readFileSync(path)));
      for (const [stream, { suites, name: wanted }] of tsharkSays(path)) {
        const own = rows.filter((row) => String(row.stream) === stream);
        const hellos = own.filter(({ cipher_suite }) => cipher_suite).length;
        if (hellos !== suites.length || wanted !== ((own[0]?.server_name as string | undefined) ?? null))
          differing.push({ name, stream, suites, wanted, own });
      }
    }
    expect(differing).toEqual([]);
  });
});
