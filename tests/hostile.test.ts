import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { BundleFile } from "../engine/bytes/byte-source.ts";
import { analyseSource } from "../engine/derive/analyse-source.ts";
import type { BinaryFormat } from "../engine/formats/format.ts";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { bytes, tarOf, text, zipOf } from "./support/archive-writer.ts";
import { diagnoseFiles, filesBelow, memoryFile, sequence, shippedBundles, sourceOf, verdictsOf, warningsOf } from "./support/bundles.ts";

const RDP = filesBelow("tests/cases/rdp-listener-gone/generated/bundle");
const netstat = RDP.get("netstat.txt")!;
const capture = RDP.get("server.pcapng")!;
const rdp = () => [...RDP].map(([path, content]) => memoryFile(path, content));

const random = sequence(20130108);
const noise = (length: number) => Uint8Array.from({ length }, () => random(256));
const utf16 = (content: string) => new Uint8Array(new Uint16Array([...content].map((character) => character.charCodeAt(0))).buffer);

/** A file that cannot be opened, and one whose medium fails in the middle. */
const unreadable = (path: string): BundleFile => ({
  path,
  size: 1000,
  open: async () => {
    throw new Error("permission denied");
  },
});
const failing = (path: string, content: Uint8Array, after: number): BundleFile => {
  const file = memoryFile(path, content);
  return {
    ...file,
    open: async () => {
      const source = await file.open();
      return {
        ...source,
        async read(target, position) {
          if (position + target.length > after && position > 0) throw new Error("input/output error");
          return source.read(target.subarray(0, Math.max(1, Math.min(target.length, after - position))), position);
        },
      };
    },
  };
};

const nested = (depth: number): Uint8Array =>
  depth === 0 ? text("deep") : zipOf([{ name: `${depth}.zip`, data: nested(depth - 1), method: depth % 2 ? 8 : 0 }]);

/** One file of every kind of trouble. None of them is evidence of anything. */
const JUNK: Readonly<Record<string, Uint8Array | string>> = {
  "junk/text.pcap": "this is not a capture\r\n".repeat(50),
  "junk/zip.txt": zipOf([{ name: "readme.txt", data: text("nothing to see") }]),
  "junk/noise.bin": noise(40_000),
  "junk/noise.etl": noise(3000),
  "junk/empty.evtx": "",
  "junk/nul.log": new Uint8Array(70_000),
  "junk/half.txt": bytes(text("The first half is words.\r\n".repeat(400)), noise(30_000)),
  "junk/lone-cr.txt": "one line\rand another\r\r".repeat(300),
  "junk/utf16.txt": utf16("no mark begins this text\r\n".repeat(100)),
  "junk/odd-utf16.txt": bytes(utf16("cut in the middle of a character "), new Uint8Array([65])),
  "junk/blank.txt": `${"\n".repeat(2000)}${" ".repeat(20_000)}`,
  "junk/magic.pcap": new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1]),
  "junk/magic.pcapng": new Uint8Array([0x0a, 0x0d, 0x0d, 0x0a]),
  "junk/header-only.pcap": bytes(new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]), new Uint8Array(12), new Uint8Array([1, 0, 0, 0])),
  "junk/netmon.cap": bytes(text("GMBU"), noise(200)),
  "junk/nested.zip": nested(12),
  "junk/cut.zip": zipOf([{ name: "a.txt", data: noise(5000) }]).subarray(0, 3000),
  "junk/cut.gz": gzipSync(noise(5000)).subarray(0, 3000),
  "junk/empty-entry.tar": tarOf([{ name: "empty.txt" }, { name: "../../escape", data: text("out") }, { name: "link", type: "2" }]),
  "junk/page.html": "<html><Event>TCP 0.0.0.0:3389</Event></html>\n",
  "junk/table.csv": `${'"a","b\n'.repeat(2000)}"`,
};
/** Trouble that takes a moment to see through. */
const HEAVY_JUNK: Readonly<Record<string, Uint8Array | string>> = {
  "junk/long-line.txt": "x".repeat(1_300_000),
  "junk/tiny-rows.txt": "a\n".repeat(300_000),
  "junk/bomb.gz": gzipSync(new Uint8Array(24 << 20)),
};
const junk = () => Object.entries(JUNK).map(([path, content]) => memoryFile(path, content));

describe("a bundle with every kind of junk in it", () => {
  // Of each case those that match, and every third of the others.
  const cases = [...shippedBundles("cases")].filter(([name], index) => /\/(article|generated)$/.test(name) || index % 3 === 0);
  const bundles = [...cases, ...shippedBundles("quiet")];
  it.each(bundles)("%s comes to the same verdicts", async (_, files) => {
    const clean = await diagnoseFiles(files);
    const dirty = await diagnoseFiles([...files, ...junk(), unreadable("junk/locked.txt")]);
    expect(verdictsOf(dirty.report)).toEqual(verdictsOf(clean.report));
    for (const source of clean.report.bundle.sources) expect(sourceOf(dirty.report, source.path)).toEqual(source);
  });

  it("lists each file of it, and what was wrong", async () => {
    const heavy = Object.entries(HEAVY_JUNK).map(([path, content]) => memoryFile(path, content));
    const { report } = await diagnoseFiles([...rdp(), ...junk(), ...heavy, unreadable("junk/locked.txt")]);
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
    const paths = report.bundle.sources.map((source) => source.path);
    for (const path of [...Object.keys(JUNK), ...Object.keys(HEAVY_JUNK), "junk/locked.txt"]) expect(paths).toContain(path);
    const format = (path: string) => sourceOf(report, path).format;
    expect(format("junk/text.pcap")).toBe("unrecognised");
    expect(format("junk/zip.txt")).toBe("zip");
    expect(format("junk/zip.txt/readme.txt")).toBe("unrecognised");
    expect(format("junk/empty.evtx")).toBe("empty");
    expect(format("junk/empty-entry.tar/empty.txt")).toBe("empty");
    expect(format("junk/noise.bin")).toBe("unrecognised");
    expect(warningsOf(report, "junk/locked.txt")).toEqual(expect.arrayContaining(["source.unreadable"]));
    expect(warningsOf(report, "junk/long-line.txt")).toEqual(["text.long-line"]);
    expect(warningsOf(report, "junk/cut.gz")).toEqual(["gz.truncated"]);
    expect(warningsOf(report, "junk/empty-entry.tar")).toEqual(expect.arrayContaining(["tar.traversal-name", "tar.link"]));
    expect(report.bundle.sources.flatMap((source) => source.warnings.map(({ code }) => code))).toContain("container.depth");
    for (const path of ["junk/magic.pcap", "junk/netmon.cap", "junk/cut.zip"])
      expect(warningsOf(report, path).length, path).toBeGreaterThan(0);
  });

  it("reads a bomb no further than the limits, and says so", async () => {
    const bomb = gzipSync(gzipSync(new Uint8Array(40 << 20)));
    const { report } = await diagnoseFiles([...rdp(), memoryFile("bomb.gz", bomb)], { entryBytes: 1 << 20, totalBytes: 2 << 20 });
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
    const codes = report.bundle.sources
      .filter(({ path }) => path.startsWith("bomb"))
      .flatMap(({ warnings }) => warnings.map(({ code }) => code));
    expect(codes.length).toBeGreaterThan(0);
    for (const source of report.bundle.sources) expect(source.bytes).toBeLessThan(2 << 20);
  });
});

describe("names that say something else", () => {
  it("reads a file by what it holds, whatever it is called", async () => {
    const names = new Map([
      ["netstat.txt", "trace.pcapng"],
      ["server.pcapng", "listing.txt"],
      ["System.xml", "event.zip"],
    ]);
    const { report } = await diagnoseFiles([...RDP].map(([path, content]) => memoryFile(names.get(path)!, content)));
    expect(["trace.pcapng", "listing.txt", "event.zip"].map((path) => sourceOf(report, path).format)).toEqual([
      "netstat",
      "pcapng",
      "event-xml",
    ]);
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
  });

  it("keeps entries of one name apart", async () => {
    const twice = zipOf([
      { name: "netstat.txt", data: netstat },
      { name: "netstat.txt", data: text("another") },
    ]);
    const { report } = await diagnoseFiles([memoryFile("b.zip", twice)]);
    expect(warningsOf(report, "b.zip")).toEqual(["zip.duplicate-name"]);
    const entries = report.bundle.sources.filter(({ path }) => path.startsWith("b.zip/"));
    expect(entries.map(({ format }) => format).sort()).toEqual(["netstat", "unrecognised"]);
  });
});

describe("evidence that was not read whole proves no absence", () => {
  const others = [...RDP].filter(([path]) => path !== "netstat.txt").map(([path, content]) => memoryFile(path, content));
  /** The netstat with enough behind it that losing the end does not lose the rows. */
  const padded = bytes(
    netstat,
    text(`\r\n${"# nothing\r\n".repeat(400)}`),
    noise(2000).map((byte) => 32 + (byte % 90)),
  );

  it("matches while the listing is whole", async () => {
    const { report } = await diagnoseFiles([...others, memoryFile("n.zip", zipOf([{ name: "netstat.txt", data: netstat }]))]);
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
  });

  it.each([
    ["its archive is cut", memoryFile("n.gz", gzipSync(padded).subarray(0, -600)), {}],
    ["its checksum is wrong", memoryFile("n.zip", zipOf([{ name: "netstat.txt", data: netstat, crc: 1 }])), {}],
    ["a limit cut it", memoryFile("n.gz", gzipSync(padded)), { entryBytes: netstat.length + 300 }],
    ["its medium fails", failing("netstat.txt", bytes(netstat, text("#\r\n".repeat(40_000))), 80_000), {}],
    ["a line of it was cut", memoryFile("netstat.txt", bytes(netstat, text("x".repeat(1_100_000)))), {}],
  ])("asks for it again where %s", async (_, file, limits) => {
    const { report } = await diagnoseFiles([...others, file], limits);
    expect(report.bundle.sources.filter(({ rows }) => (rows.sockets ?? 0) > 0)).toHaveLength(1);
    expect(report.bundle.sources.flatMap(({ warnings }) => warnings)).not.toEqual([]);
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("inconclusive");
  });
});

describe("damage", () => {
  const archive = zipOf([...RDP].map(([name, data]) => ({ name, data })));

  it("of the archive costs no more than what it hit", async () => {
    for (let cut = 0; cut < archive.length; cut += Math.ceil(archive.length / 25)) {
      const { report } = await diagnoseFiles([memoryFile("b.zip", archive.subarray(0, cut)), memoryFile("netstat.txt", netstat)]);
      expect(sourceOf(report, "netstat.txt").rows).toEqual({ sockets: expect.any(Number) });
      expect(sourceOf(report, "b.zip").bytes).toBe(cut);
    }
  });

  it("of any file leaves the others what they were", async () => {
    const whole = (await diagnoseFiles(rdp())).report;
    const flip = sequence(7);
    for (const [path, content] of RDP) {
      for (let round = 0; round < 12; round++) {
        const damaged = content.slice(0, round % 3 === 0 ? flip(content.length) : undefined);
        for (let bit = 0; bit < 1 + flip(20) && damaged.length > 0; bit++) damaged[flip(damaged.length)]! ^= 1 << flip(8);
        const { report } = await diagnoseFiles([...RDP].map(([name, bytes]) => memoryFile(name, name === path ? damaged : bytes)));
        expect(report.bundle.sources.map((source) => source.path)).toEqual(whole.bundle.sources.map((source) => source.path));
        for (const source of whole.bundle.sources) {
          if (source.path !== path) expect(sourceOf(report, source.path)).toMatchObject({ format: source.format, bytes: source.bytes });
        }
      }
    }
  });

  it("never makes a rule fail", async () => {
    const flip = sequence(11);
    for (const [, files] of [...shippedBundles("cases")].filter((_, index) => index % 3 === 0)) {
      const damaged = await Promise.all(
        files.map(async (file) => {
          const content = new Uint8Array(file.size!);
          await (await file.open()).read(content, 0);
          for (let bit = 0; bit < 30; bit++) content[flip(content.length)]! ^= 1 << flip(8);
          return memoryFile(file.path, content);
        }),
      );
      const { report } = await diagnoseFiles(damaged);
      expect(report.findings.filter(({ verdict }) => verdict === "error")).toEqual([]);
    }
  });
});

describe("a hostile bundle.yaml", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[..."bcdefgh"].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(", ")}]`).join("\n")}\nsources: *h\n`;
  it.each([
    ["aliases that multiply", bomb],
    ["an alias to itself", "sources: &a\n  x: *a\n"],
    ["nesting thousands deep", `${"[".repeat(20_000)}`],
    [
      "maps nested deep",
      Array.from({ length: 2000 }, (_, depth) => `${" ".repeat(depth)}a:`)
        .join("\n")
        .slice(0, 60_000),
    ],
    ["more than it may hold", `hosts:\n${"  - name: x\n".repeat(20_000)}`],
    ["wrong types", "sources: [1, {a: b}, null]\nhosts: {x: y}\n"],
    ["keys that are no keys", "__proto__: {side: client}\nconstructor: 1\nsources: {__proto__: {side: client}, ? [a]: b}\n"],
    ["addresses of percent signs", `hosts:\n  - addresses: "${"%".repeat(30_000)}\\n%"\n`],
    ["bytes that are no text", noise(5000)],
    ["nothing", ""],
    ["two documents", "---\nsources: {}\n---\nhosts: []\n"],
    ["patterns of stars", `sources:\n  "${"*a".repeat(500)}": {side: client}\n`],
  ])("%s: the evidence is read all the same", async (_, content) => {
    const { report } = await diagnoseFiles([...rdp(), memoryFile("bundle.yaml", content)]);
    expect(sourceOf(report, "bundle.yaml").format).toBe("bundle-yaml");
    expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
  });
});

describe("many files and many rows", () => {
  it("reads hundreds of captures and thousands of texts", async () => {
    const captures = Array.from({ length: 60 }, (_, index) => memoryFile(`c/${index}.pcapng`, capture));
    const texts = Array.from({ length: 1500 }, (_, index) => memoryFile(`t/${index}.txt`, netstat));
    const { report } = await diagnoseFiles([...captures, ...texts]);
    expect(report.bundle.sources).toHaveLength(1560);
    expect(new Set(report.bundle.sources.map(({ format }) => format))).toEqual(new Set(["netstat", "pcapng"]));
  });

  it("reads a listing of a hundred thousand rows, each of another address", async () => {
    const rows = Array.from(
      { length: 100_000 },
      (_, n) => `  TCP    10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:80    192.0.2.1:443   ESTABLISHED     ${n}`,
    );
    const { report } = await diagnoseFiles([...rdp(), memoryFile("huge.txt", `${rows.join("\n")}\n`)]);
    expect(sourceOf(report, "huge.txt").rows).toEqual({ sockets: 100_000 });
  });
});

describe("a folder on disk", () => {
  it("is read around pipes, links and loops, each of them told", async () => {
    const at = mkdtempSync(join(tmpdir(), "hostile-"));
    try {
      mkdirSync(join(at, "deep/er"), { recursive: true });
      for (const [path, content] of RDP) writeFileSync(join(at, "deep/er", path), content);
      execFileSync("mkfifo", [join(at, "capture.pcap")]);
      symlinkSync("..", join(at, "deep/up"));
      symlinkSync("/dev/zero", join(at, "zero.txt"));
      symlinkSync("nowhere", join(at, "dangling"));
      writeFileSync(join(at, "empty.pcap"), "");
      const { report } = await diagnosePaths([at], { all: true });
      expect(verdictsOf(report)["rdp-listener-gone"]).toBe("matched");
      const told = report.bundle.sources
        .filter(({ format }) => format === "refused")
        .map(({ path, warnings }) => `${path} ${warnings[0]!.code}`);
      expect(told).toEqual([
        "capture.pcap source.special-file",
        "dangling source.unreadable",
        "deep/up source.symlink",
        "zero.txt source.symlink",
      ]);
    } finally {
      rmSync(at, { recursive: true, force: true });
    }
  });
});

describe("a format that is at fault itself", () => {
  const faulty = (parse: BinaryFormat["parse"]): BinaryFormat => ({
    kind: "binary",
    id: "faulty",
    title: "faulty",
    unit: "record",
    tables: [],
    detect: () => true,
    parse,
  });
  it.each([
    ["throws", faulty(async () => Promise.reject(new Error("a fault")))],
    ["fills a table that is none", faulty(async (_, emit) => emit.row("nothing", {}, 1))],
    ["hands over packets it did not announce", faulty(async (_, emit) => emit.packets({ count: 1 } as never))],
    ["throws when asked whether it recognises a file", { ...faulty(async () => {}), detect: () => expect.unreachable() }],
  ])("costs the file it %s over", async (_, format) => {
    const job = { files: [{ source: 0, file: memoryFile("x", "x"), hints: {} }], segments: false, hash: true };
    const services = { createHasher: () => ({ update() {}, digestHex: () => "" }), progress: async () => {} };
    const [result] = await analyseSource(job, services, [format]);
    expect(result).toMatchObject({ source: 0, parts: [{ table: "anomalies" }], warnings: [{ code: "source.unreadable" }] });
  });
});
