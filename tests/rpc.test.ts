import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRpcBody, decodeRpcContexts, decodeRpcHeader, decodeRpcResults, looksLikeRpc } from "../engine/decoders/dcerpc.ts";
import { activatedClass, tcpBindings } from "../engine/decoders/dcom-activation.ts";
import { decodeEptMapAnswer, decodeTower } from "../engine/decoders/endpoint-mapper.ts";
import { rpcStream } from "../engine/derive/rpc-stream.ts";
import type { Table, Value } from "../engine/tables/table.ts";
import { diagnoseFiles, memoryFile, projectRoot } from "./support/bundles.ts";
import { concat, pcapFile } from "./support/capture-writer.ts";
import {
  bind,
  bindAck,
  bindNak,
  createInstanceAnswer,
  createInstanceRequest,
  dualStringArray,
  EPM,
  eptMapAnswer,
  eptMapRequest,
  le32,
  MAPI,
  NDR32,
  NDR64,
  OBJECT_EXPORTER,
  pdu,
  request,
  response,
  SCM_ACTIVATOR,
  tower,
  WMI,
} from "./support/rpc-writer.ts";
import { SessionScript, TwoTaps } from "./support/session-script.ts";
import { hasTshark, tellWithoutTshark } from "./support/tshark.ts";

const SEED = 20261123;
const BINDINGS = [
  [0x0f, "\\\\HOST7[\\PIPE\\atsvc]"],
  [7, "HOST7[49718]"],
  [7, "192.0.2.7[49718]"],
  [0x0f, "\\\\HOST7[\\pipe\\keysvc]"],
] as const;
const TCP_BINDINGS = [
  { host: "HOST7", port: 49718 },
  { host: "192.0.2.7", port: 49718 },
];

/** Rows of `rpc_endpoints` of what both ends say to each other, each message cut into segments of `size`. */
async function rows(messages: readonly (readonly ["client" | "server", Uint8Array])[], server = "192.0.2.7:135", size = 1460) {
  return cells(await endpoints("client.pcap", capture(messages, server, size)));
}

function capture(messages: readonly (readonly ["client" | "server", Uint8Array])[], server: string, size: number): Uint8Array {
  const taps = new TwoTaps();
  const session = new SessionScript(taps, "198.51.100.4:51763", server);
  session.open(0);
  for (const [from, message] of messages) {
    for (let at = 0; at < message.length; at += size) session.after(0.02, from, { flags: "PA", payload: message.slice(at, at + size) });
    session.after(0.02, from === "client" ? "server" : "client");
  }
  session.close(session.now + 1);
  return pcapFile(taps.frames("client"));
}

async function endpoints(name: string, bytes: Uint8Array): Promise<Table> {
  return (await diagnoseFiles([memoryFile(name, bytes)])).tables.get("rpc_endpoints")!;
}

function cells(table: Table): Record<string, Value>[] {
  const names = Object.keys(table.declaration.columns);
  return Array.from({ length: table.length }, (_, row) => Object.fromEntries(names.map((name) => [name, table.value(row, name)])));
}

const asked = (face: string, opnum: number, stub: Uint8Array) =>
  [
    ["client", bind(2, face)],
    ["server", bindAck(2)],
    ["client", request(3, opnum, stub)],
  ] as const;

describe("an RPC header", () => {
  it("is told by version, type and data representation", () => {
    expect(decodeRpcHeader(bind(7, EPM))).toEqual({
      type: 11,
      first: true,
      last: true,
      hasObject: false,
      little: true,
      length: 72,
      authLength: 0,
      callId: 7,
    });
    expect(bindNak(1)).toHaveLength(24);
    for (const other of ["GET / HTTP/1.1\r\n\r\n", "\x05\x01\x00", "\x16\x03\x01\x00\x2e\x01\x00\x00"])
      expect(looksLikeRpc(new TextEncoder().encode(other.padEnd(16, "\0"))) && other.startsWith("GET")).toBe(false);
    // SOCKS version 5 with two methods begins with 5, too.
    expect(rpcStream.starts(Uint8Array.of(5, 2, 0, 2))).toBe(false);
    expect(rpcStream.starts(Uint8Array.of(5, 0, 11, 3, 0x10))).toBe(null);
  });

  it("carries the interfaces offered and the syntaxes taken", () => {
    const pair = [NDR32, NDR64];
    expect(decodeRpcContexts(bind(1, EPM, pair), true)).toEqual([
      { id: 0, uuid: EPM, syntaxes: [NDR32] },
      { id: 1, uuid: EPM, syntaxes: [NDR64] },
    ]);
    expect(decodeRpcResults(bindAck(1, [null, NDR64], "49664"), true)).toEqual([null, NDR64]);
  });
});

describe("the endpoint mapper's answer", () => {
  it.each([false, true])("gives tower, address and status, in 64 bits: %s", (wide) => {
    const stub = eptMapAnswer([tower(MAPI, 41376, "10.11.2.7"), tower(MAPI, 41377, "10.11.2.2")], { wide });
    expect(decodeEptMapAnswer(stub, true, wide)).toEqual({
      towers: [
        { interfaceUuid: MAPI, tcpPort: 41376, ip: "10.11.2.7" },
        { interfaceUuid: MAPI, tcpPort: 41377, ip: "10.11.2.2" },
      ],
      status: 0,
    });
  });

  it("comes as a row that says whether the address is another", async () => {
    const answer = (ip: string) => response(3, eptMapAnswer([tower(MAPI, 41376, ip)]));
    const [other] = await rows([...asked(EPM, 3, eptMapRequest(MAPI)), ["server", answer("192.0.2.99")]]);
    expect(other).toMatchObject({
      client_ip: "198.51.100.4",
      server_ip: "192.0.2.7",
      operation: "ept_map",
      interface_name: "MAPI",
      endpoint_address: "192.0.2.99",
      endpoint_port: 41376,
      address_differs: true,
      follow_up: null,
      answer_bytes: 152,
      status: 0,
    });
    for (const ip of ["192.0.2.7", "0.0.0.0"])
      expect((await rows([...asked(EPM, 3, eptMapRequest(MAPI)), ["server", answer(ip)]]))[0]).toMatchObject({ address_differs: false });
    const [none] = await rows([...asked(EPM, 3, eptMapRequest(MAPI)), ["server", response(3, eptMapAnswer([], { status: 0x16c9a0d6 }))]]);
    expect(none).toMatchObject({ endpoint_port: null, address_differs: false, status: 0x16c9a0d6 });
  });

  it("is read in the syntax the server took, and without a bind where the port is 135", async () => {
    const wide = response(3, eptMapAnswer([tower(MAPI, 5000, "192.0.2.7")], { wide: true }), { context: 1 });
    const call = request(3, 3, eptMapRequest(MAPI), 1);
    const negotiated = [
      ["client", bind(2, EPM, [NDR32, NDR64])],
      ["server", bindAck(2, [null, NDR64])],
      ["client", call],
      ["server", wide],
    ] as const;
    expect(await rows(negotiated)).toMatchObject([{ endpoint_port: 5000 }]);
    expect(await rows(negotiated.slice(2))).toMatchObject([{ endpoint_port: 5000 }]);
    expect(await rows(negotiated.slice(2), "192.0.2.7:4711")).toEqual([]);
  });
});

describe("a DCOM activation's answer", () => {
  const exchange = (answer: Uint8Array) => [...asked(SCM_ACTIVATOR, 4, createInstanceRequest(WMI)), ["server", answer]] as const;
  const expected = TCP_BINDINGS.map(({ host, port }) => ({
    operation: "remote_create_instance",
    class_id: WMI,
    endpoint_address: host,
    endpoint_port: port,
    address_differs: null,
  }));

  it("gives the bindings over TCP, whatever fragments, segments and signatures it comes in", async () => {
    const stub = createInstanceAnswer(BINDINGS);
    expect(await rows(exchange(response(3, stub)))).toMatchObject(expected);
    expect(await rows(exchange(response(3, stub, { most: 96, auth: new Uint8Array(16) })), "192.0.2.7:135", 71)).toMatchObject(expected);
  });

  it("gives no row where the call failed or is encrypted", async () => {
    expect(await rows(exchange(pdu(3, 3, concat(le32(0), le32(0), le32(5), le32(0)))))).toEqual([]);
    const sealed = response(3, createInstanceAnswer(BINDINGS), { auth: new Uint8Array(16) });
    const level = sealed.length - 16 - 7;
    expect(sealed[level]).toBe(5);
    sealed[level] = 6;
    expect(await rows(exchange(sealed))).toEqual([]);
  });

  it("is told apart from words that only look like it", () => {
    const array = dualStringArray(BINDINGS);
    expect(tcpBindings(array)).toEqual(TCP_BINDINGS);
    expect(tcpBindings(array.subarray(0, array.length - 2))).toBe(null);
    const longer = array.slice();
    longer[0]!++;
    expect(tcpBindings(longer)).toBe(null);
    expect(tcpBindings(dualStringArray([[0x0f, "\\\\HOST7[\\PIPE\\atsvc]"]]))).toEqual([]);
    expect(activatedClass(createInstanceRequest(WMI))).toBe(WMI);
  });

  it("OXID resolution gives them as well", async () => {
    const stub = concat(le32(0x20000), dualStringArray(BINDINGS), new Uint8Array(40));
    const call = [...asked(OBJECT_EXPORTER, 4, new Uint8Array(24)), ["server", response(3, stub)]] as const;
    expect(await rows(call)).toMatchObject(TCP_BINDINGS.map(({ port }) => ({ operation: "resolve_oxid2", endpoint_port: port })));
  });
});

describe("broken RPC", () => {
  const sound = [
    bind(1, EPM, [NDR32, NDR64]),
    bindAck(1, [NDR32, NDR64]),
    request(2, 3, eptMapRequest(MAPI)),
    response(2, eptMapAnswer([tower(MAPI, 41376, "10.11.2.7")])),
    response(2, createInstanceAnswer(BINDINGS), { auth: new Uint8Array(12) }),
    request(3, 4, createInstanceRequest(WMI)),
  ];
  const decodeAll = (bytes: Uint8Array) => {
    const header = decodeRpcHeader(bytes);
    decodeRpcContexts(bytes, true);
    decodeRpcResults(bytes, false);
    if (header) decodeRpcBody(bytes, header);
    for (const skipped of [0, 24]) {
      const stub = bytes.subarray(skipped);
      for (const wide of [false, true]) decodeEptMapAnswer(stub, wide, wide);
      decodeTower(stub);
      tcpBindings(stub);
      activatedClass(stub);
    }
    const reader = rpcStream.open({ clientIp: "a", clientPort: 1, serverIp: "b", serverPort: 135, stream: 0 }, { row() {} });
    for (const fromClient of [true, false]) reader.read(fromClient, bytes, { frame: 1, time: null });
    reader.end();
  };

  it("is cut off anywhere without harm", () => {
    for (const message of sound) for (let length = 0; length <= message.length; length++) decodeAll(message.subarray(0, length));
  });

  it("has any byte changed, or is random, without harm", () => {
    fc.assert(
      fc.property(fc.constantFrom(...sound), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 8 }), (message, changes) => {
        const bytes = message.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodeAll(bytes);
      }),
      { seed: SEED, numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => decodeAll(bytes)),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it("of a hundred thousand calls that are never answered costs no more than those that wait", () => {
    const reader = rpcStream.open({ clientIp: "a", clientPort: 1, serverIp: "b", serverPort: 135, stream: 0 }, { row() {} });
    for (let n = 0; n < 100_000; n++) expect(reader.read(true, request(n, 3, new Uint8Array(0)), { frame: n, time: null })).toBe(true);
  });
});

tellWithoutTshark("tests/rpc.test.ts");
const REAL = join(projectRoot, "../shared/corpora/pcap/msrpc/suricata-verify__zerologon__input.pcap");
const GENERATED = [
  ...asked(EPM, 3, eptMapRequest(MAPI)),
  ["server", response(3, eptMapAnswer([tower(MAPI, 41376, "10.11.2.7")]))],
] as const;

describe.skipIf(!hasTshark)("Wireshark's dissection", () => {
  const towersOf = (file: string) =>
    execFileSync(
      "tshark",
      [
        "-r",
        file,
        "-Y",
        "epm && dcerpc.pkt_type==2",
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "epm.proto.tcp_port",
        "-e",
        "epm.proto.ip",
      ],
      { encoding: "utf8" },
    )
      .trim()
      .split("\n")
      .map((line) => line.split("\t").join(" "));
  const ours = (table: Table) =>
    cells(table).map(({ endpoint_port, endpoint_address }, row) => `${table.citation(row)?.at} ${endpoint_port} ${endpoint_address}`);

  it.skipIf(!existsSync(REAL))("of a real capture shows the same towers", async () => {
    const table = await endpoints("real.pcap", new Uint8Array(readFileSync(REAL)));
    expect(ours(table)).toEqual(towersOf(REAL));
    expect(cells(table).every(({ follow_up }) => follow_up === "established")).toBe(true);
  });

  it("printed as text gives the same endpoint, and cites its lines", async () => {
    const bytes = capture(GENERATED, "192.0.2.7:135", 1460);
    const folder = mkdtempSync(join(tmpdir(), "casebook-rpc-"));
    const file = join(folder, "same.pcap");
    writeFileSync(file, bytes);
    const text = execFileSync("tshark", ["-r", file, "-V", "-Y", "epm"], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    const table = await endpoints("details.txt", new TextEncoder().encode(text));
    const [row] = cells(await endpoints("same.pcap", bytes));
    const [printed] = cells(table);
    for (const name of [
      "client_ip",
      "client_port",
      "server_ip",
      "server_port",
      "operation",
      "endpoint_address",
      "endpoint_port",
      "address_differs",
      "answer_bytes",
      "status",
      "interface_name",
    ])
      expect([name, printed?.[name]]).toEqual([name, row?.[name]]);
    const lines = text.split("\n");
    const [port, address] = printed!.endpoint_lines as readonly number[];
    expect([lines[port! - 1]!.trim(), lines[address! - 1]!.trim()]).toEqual(["Floor 4 TCP Port:41376", "Floor 5 IP:10.11.2.7"]);
  });
});

describe("an answer from a machine known by name", () => {
  const list = (address: string) =>
    [
      "1\t0.1\tcas.contoso.com\t192.0.2.1\tTCP\tTCP:Flags=...A...., SrcPort=DCE endpoint resolution(135), DstPort=33654, PayloadLen=0, Seq=1, Ack=1, Win=258\t{TCP:5, IPv4:4}",
      `+ Ipv4: Src = ${address}, Dest = 192.0.2.1, Next Protocol = TCP, Packet ID = 7, Total IP Length = 40`,
      "2\t0.2\tcas.contoso.com\t192.0.2.1\tEPM\tEPM:Response: ept_map: NDR, MAPI {A4F1DB00-CA47-1067-B31F-00DD010662DA} v0.0, RPC v5, 198.51.100.7:41376 (0xA1A0) [41376]\t{MSRPC:6, TCP:5, IPv4:4}",
    ].join("\n");

  it.each([
    ["198.51.100.2", true],
    ["198.51.100.7", false],
  ])("names another address than %s: %s", async (address, differs) => {
    const [row] = cells(await endpoints("gateway.txt", new TextEncoder().encode(list(address))));
    expect(row).toMatchObject({ server_ip: "cas.contoso.com", endpoint_address: "198.51.100.7", address_differs: differs });
  });

  it("is not known to where nothing tells its address", async () => {
    const [row] = cells(await endpoints("gateway.txt", new TextEncoder().encode(list("198.51.100.2").replace(/\n\+.*/, ""))));
    expect(row).toMatchObject({ address_differs: null });
  });
});
