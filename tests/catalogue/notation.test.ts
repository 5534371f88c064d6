import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Catalogue, Entry } from "../../engine/catalogue/catalogue.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import type { Match } from "../../engine/catalogue/look-up.ts";
import { readCode, readNotation } from "../../engine/catalogue/notation.ts";
import { createSearch, type Search } from "../../engine/catalogue/search.ts";
import { buildSearchIndex } from "../../engine/catalogue/search-index.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";

/** Entries that the shipped reference data does not have; facts are those of winerror.h, ntstatus.h and RFC 3261. */
const origin = { source: "Test", as_of: "2026-11-23" };
const MORE: Partial<Catalogue["references"]> = {
  errors: [
    { id: "0x274c", also: ["10060"], space: "winsock", name: "WSAETIMEDOUT", meaning: "Timed out", ...origin },
    { id: "0x8007274c", space: "hresult", name: "HRESULT_FROM_WIN32(WSAETIMEDOUT)", meaning: "The same, wrapped", ...origin },
    { id: "0xc00000b5", space: "ntstatus", name: "STATUS_IO_TIMEOUT", meaning: "Timed out in the driver", ...origin },
    { id: "sip-504", also: ["504"], space: "sip", name: "Server time-out", meaning: "No answer from the next server", ...origin },
  ],
  ports: [
    { id: "tcp-3389", protocol: "tcp", ports: "3389", service: "RDP", about: "Remote Desktop", ...origin },
    { id: "udp-3389", protocol: "udp", ports: "3389", service: "RDP", about: "Remote Desktop over UDP", ...origin },
    { id: "tcp-50000-59999", protocol: "tcp", ports: "50000-59999", service: "Media", about: "Audio and video", ...origin },
    { id: "tcp-504", protocol: "tcp", ports: "504", service: "Citadel", about: "A port with the number of a SIP response", ...origin },
  ],
  events: [
    { id: "scm-7034", event_id: 7034, provider: "Service Control Manager", channel: "System", level: "error", meaning: "Ended", ...origin },
  ],
  updates: [
    {
      id: "KB823764",
      title: "Slow performance",
      kind: "knowledge_article",
      products: ["windows-server-2003"],
      url: "https://support.microsoft.com/kb/823764",
      ...origin,
    },
    {
      id: "KB2684739",
      title: "Cumulative update 6",
      kind: "cumulative_update",
      products: ["lync-server-2010"],
      builds: [{ product: "lync-server-2010", version: "4.0.7577.199" }],
      part_of: "MS12-020",
      url: "https://support.microsoft.com/kb/2684739",
      ...origin,
    },
  ],
  registry: [
    {
      id: "tcp-ack-frequency",
      key: "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{interface}",
      value: "TcpAckFrequency",
      type: "REG_DWORD",
      range: "0-255",
      default: "2",
      honoured_by: "all",
      about: "Acknowledge at once",
      restart: true,
      ...origin,
    },
  ],
};

/** Every way a code of 32 bits is printed. */
function codeNotations(value: number): string[] {
  const hex = value.toString(16);
  return [`0x${hex}`, `0x${hex.padStart(8, "0")}`, String(value), String(value | 0)];
}

let look: Search;

function searchOver(catalogue: Catalogue): Search {
  const files = buildSearchIndex(catalogue, entriesOf(catalogue));
  return createSearch(async (file) => JSON.parse(files.get(file)!));
}

const addresses = (matches: readonly Match[]) => matches.map(({ entry }) => entry.address);

beforeAll(async () => {
  const catalogue = await loadCatalogue();
  look = searchOver({ ...catalogue, cases: [], recipes: [], references: { ...catalogue.references, ...MORE } as Catalogue["references"] });
});

describe("a code of 32 bits", () => {
  it("is the same in hexadecimal, unsigned and signed", () => {
    // winerror.h: HRESULT_FROM_WIN32(WSAETIMEDOUT) is 0x8007274C
    for (const notation of ["0x8007274c", "0x8007274C", "2147952460", "-2147014836", "0x08007274C", "0xFFFFFFFF8007274C"])
      expect(readCode(notation)).toBe(0x8007274c);
    expect(readCode("0x0000274C")).toBe(10060);
  });

  it("is read back from each of its notations", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        for (const notation of codeNotations(value)) expect(readCode(notation)).toBe(value);
      }),
    );
  });

  it.each(["", "0x", "4294967296", "-2147483649", "1.5", "0x123456789", "1e3", "ten"])("is not %j", (text) => {
    expect(readCode(text)).toBeNull();
  });
});

describe("look-up", () => {
  it.each<[string, string[]]>([
    ["0x274C", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["10060", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["0x0000274c", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["274Ch", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["error 10060", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["Winsock error: 10060.", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["(0x274c)", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["WSAETIMEDOUT", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["wsaetimedout", ["errors/#0x274c", "errors/#0x8007274c"]],
    ["0x8007274c", ["errors/#0x8007274c", "errors/#0x274c"]],
    ["8007274C", ["errors/#0x8007274c", "errors/#0x274c"]],
    ["2147952460", ["errors/#0x8007274c", "errors/#0x274c"]],
    ["-2147014836", ["errors/#0x8007274c", "errors/#0x274c"]],
    ["hr=0x8007274c", ["errors/#0x8007274c", "errors/#0x274c"]],
    ["HRESULT_FROM_WIN32(WSAETIMEDOUT)", ["errors/#0x8007274c"]],
    ["0xC00000B5", ["errors/#0xc00000b5"]],
    ["3221225653", ["errors/#0xc00000b5"]],
    ["-1073741643", ["errors/#0xc00000b5"]],
    ["0xD00000B5", ["errors/#0xc00000b5"]], // HRESULT_FROM_NT sets the N bit, winerror.h
    ["504", ["errors/#sip-504", "ports/#tcp-504"]],
    ["SIP 504", ["errors/#sip-504"]],
    ["SIP/2.0 504", ["errors/#sip-504"]],
    ["port 504", ["ports/#tcp-504"]],
    ["3389", ["ports/#tcp-3389", "ports/#udp-3389"]],
    ["tcp/3389", ["ports/#tcp-3389"]],
    ["TCP 3389", ["ports/#tcp-3389"]],
    ["3389/udp", ["ports/#udp-3389"]],
    ["udp port 3389", ["ports/#udp-3389"]],
    [":3389", ["ports/#tcp-3389", "ports/#udp-3389"]],
    ["tcp.port == 3389", ["ports/#tcp-3389"]],
    ["50123", ["ports/#tcp-50000-59999"]],
    ["tcp 50123", ["ports/#tcp-50000-59999"]],
    ["udp 50123", []],
    ["50000-59999", ["ports/#tcp-50000-59999"]],
    ["7034", ["events/#scm-7034"]],
    ["event 7034", ["events/#scm-7034"]],
    ["Event ID 7034", ["events/#scm-7034"]],
    ["EventID: 7034", ["events/#scm-7034"]],
    ["KB823764", ["updates/#kb823764"]],
    ["kb 823764", ["updates/#kb823764"]],
    ["823764", ["updates/#kb823764"]],
    ["MS12-020", ["updates/#kb2684739"]],
    ["4.0.7577.199", ["updates/#kb2684739"]],
    ["version 4.0.7577", ["updates/#kb2684739"]],
    ["4.0", ["updates/#kb2684739"]],
    ["4.0.757", []],
    ["TcpAckFrequency", ["registry/#tcp-ack-frequency"]],
    [
      "hklm\\system\\currentcontrolset\\services\\tcpip\\parameters\\interfaces\\{interface}\\tcpackfrequency",
      ["registry/#tcp-ack-frequency"],
    ],
    [
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{4D36E972-E325-11CE-BFC1-08002BE10318}",
      ["registry/#tcp-ack-frequency"],
    ],
    ["1234567", []],
    ["constructor", []],
    ["__proto__", []],
  ])("%j leads to %j", async (term, expected) => {
    expect(addresses(await look.lookUp(term))).toEqual(expected.map((address) => `reference/${address}`));
  });

  it("says what each match is and how it belongs", async () => {
    const matches = await look.lookUp("10060");
    expect(matches.map(({ is, relation }) => [is, relation])).toEqual([
      ["Winsock error 10060 = 0x274C", "itself"],
      ["HRESULT 2147952460 = 0x8007274C", "related"],
    ]);
    expect(await look.lookUp("50123")).toMatchObject([{ is: "TCP ports 50000-59999", relation: "within" }]);
  });

  it("takes any text without throwing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.stringMatching(/^[-0-9a-fx./ :tcpkb]{0,40}$/)),
        async (text) => {
          expect(Array.isArray(readNotation(text))).toBe(true);
          expect(Array.isArray(await look.lookUp(text))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    expect(await look.lookUp("9".repeat(10_000))).toEqual([]);
  });
});

describe("every entry of the shipped reference data", () => {
  const notations = ({ references }: Catalogue): [string, Entry["address"]][] => [
    ...references.errors.flatMap(({ id, also = [], name, space }): [string, string][] => {
      const value = readCode(id);
      const numbers = value === null ? [`${space} ${id.split("-")[1]}`] : codeNotations(value);
      return [...numbers, ...numbers.map((text) => text.toUpperCase().replace("0X", "0x")), ...also, name].map((text) => [
        text,
        `reference/errors/#${id}`,
      ]);
    }),
    ...references.updates.flatMap(({ id, builds = [] }): [string, string][] =>
      [
        id,
        id.toLowerCase(),
        id.replace("KB", "KB "),
        ...(id.startsWith("KB") ? [id.slice(2)] : []),
        ...builds.flatMap(({ version }) => version ?? []),
      ].map((text) => [text, `reference/updates/#${id.toLowerCase()}`]),
    ),
    ...references.ports.flatMap(({ id, protocol, ports }): [string, string][] =>
      [ports, `${protocol} ${ports}`, `${protocol}/${ports}`, `${ports}/${protocol}`, `port ${ports}`, ports.split("-").at(-1)!].map(
        (text) => [text, `reference/ports/#${id}`],
      ),
    ),
    ...references.events.flatMap(({ id, event_id }): [string, string][] =>
      [`${event_id}`, `event ${event_id}`, `Event ID ${event_id}`].map((text) => [text, `reference/events/#${id}`]),
    ),
    ...references.registry.flatMap(({ id, key, value }): [string, string][] =>
      [value, value.toUpperCase(), `${key}\\${value}`, `${key}\\${value}`.replace("HKLM", "HKEY_LOCAL_MACHINE")].map((text) => [
        text,
        `reference/registry/#${id}`,
      ]),
    ),
  ];

  it("is found by every notation of it", async () => {
    const catalogue = await loadCatalogue();
    const { lookUp } = searchOver(catalogue);
    const missed: string[] = [];
    for (const [text, address] of notations(catalogue))
      if (!addresses(await lookUp(text)).includes(address)) missed.push(`${text} does not lead to ${address}`);
    expect(missed).toEqual([]);
    expect(notations(catalogue).length).toBeGreaterThan(200);
  });
});
