import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";

interface Cases {
  readonly cases: readonly { readonly id: string }[];
  readonly count: number;
  readonly next: string | null;
}
interface Reference {
  readonly kind: string;
  readonly entries: readonly object[];
  readonly count: number;
  readonly next: string | null;
}

let api: ApiServer;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const cases = async (query = "") => (await api.call<Cases>("GET", `/v1/cases${query}`)).body;
const idsOf = (page: Cases) => page.cases.map(({ id }) => id);

describe("cases", () => {
  it("are all listed, and each can be read with its article", async () => {
    const { catalogue } = api.services;
    expect(idsOf(await cases())).toEqual(catalogue.cases.map(({ id }) => id));
    for (const document of catalogue.cases)
      expect((await api.call<CaseDocument>("GET", `/v1/cases/${document.id}`)).body).toEqual(JSON.parse(JSON.stringify(document)));
    expect((await api.call("GET", "/v1/cases/no-such-case")).status).toBe(404);
  });

  it.each([
    ["?area=rds", ["rdp-listener-gone"]],
    ["?protocol=rdp", ["rdp-listener-gone"]],
    ["?product=lync-server-2010", ["lync-edge-front-end-5061-reset-in-path"]],
    ["?area=tcp&level=high", ["tcp-segments-lost-in-transit"]],
    ["?table=sockets", ["rdp-listener-gone"]],
    ["?area=no-such-area", []],
    ["?status=deprecated", []],
  ])("can be narrowed with %s", async (query, ids) => {
    const page = await cases(query);
    expect(idsOf(page).filter((id) => (ids as string[]).includes(id))).toEqual(ids);
    expect(page.count).toBe(page.cases.length);
    const { area, product, protocol, level, table } = Object.fromEntries(new URLSearchParams(query));
    for (const id of idsOf(page)) {
      const document = api.services.catalogue.cases.find((one) => one.id === id)!;
      expect([area ?? document.area, level ?? document.level]).toEqual([document.area, document.level]);
      if (product) expect(document.products).toContain(product);
      if (protocol) expect(document.protocols).toContain(protocol);
      if (table) expect(document.evidence.map((evidence) => evidence.table)).toContain(table);
    }
  });

  it("come in pages, each case once", async () => {
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: Cases = await cases(`?limit=2${next && `&cursor=${next}`}`);
      expect(page.cases.length).toBeLessThanOrEqual(2);
      seen.push(...idsOf(page));
      next = page.next;
    }
    expect(seen).toEqual(idsOf(await cases()));
  });

  it.each(["?limit=0", "?limit=1001", "?level=urgent", "?cursor=no-such-case", "?colour=red", "?area=a&area=b"])(
    "cannot be had with %s",
    async (query) => {
      const { status, body } = await api.call("GET", `/v1/cases${query}`);
      expect(status).toBe(400);
      expect(body.errors?.[0]?.field).toMatch(/^query\//);
    },
  );
});

describe("reference data and recipes", () => {
  it.each(["updates", "ports", "registry", "errors", "events"] as const)("has the kind %s, in pages", async (kind) => {
    const all: object[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body }: { body: Reference } = await api.call<Reference>("GET", `/v1/reference/${kind}?limit=7${next && `&cursor=${next}`}`);
      expect(body.kind).toBe(kind);
      expect(body.count).toBe(api.services.catalogue.references[kind].length);
      all.push(...body.entries);
      next = all.length > 40 ? null : body.next;
    }
    expect(all.length).toBeGreaterThan(0);
    expect(all).toEqual(JSON.parse(JSON.stringify(api.services.catalogue.references[kind].slice(0, all.length))));
  });

  it("has no other kind, nor pages that were never given", async () => {
    expect((await api.call("GET", "/v1/reference/secrets")).status).toBe(400);
    expect((await api.call("GET", "/v1/reference/ports?cursor=-1")).status).toBe(400);
  });

  it("has recipes with the cases that ask for them", async () => {
    const { body } = await api.call<{ recipes: { id: string; cases: string[] }[] }>("GET", "/v1/recipes");
    expect(body.recipes.find(({ id }) => id === "netstat")?.cases).toContain("rdp-listener-gone");
  });
});

describe("search", () => {
  interface Result {
    readonly hits: readonly { readonly entry: { readonly address: string; readonly kind: string } }[];
    readonly total: number;
    readonly next_offset: number | null;
  }
  const search = async (query: string) => (await api.call<Result>("GET", `/v1/search?${query}`)).body;

  it("finds a case by its symptom, and by words with a slip", async () => {
    for (const words of ["remote desktop refused", "remote desktp refused"])
      expect((await search(`q=${encodeURIComponent(words)}`)).hits.map(({ entry }) => entry.address)).toContain("cases/rdp-listener-gone/");
  });

  it("puts what a code means first, in any notation", async () => {
    const first = async (code: string) => (await search(`q=${encodeURIComponent(code)}`)).hits[0]?.entry;
    expect((await first("0x274C"))?.kind).toBe("error");
    expect(await first("10060")).toEqual(await first("0x274C"));
  });

  it("can be narrowed and paged", async () => {
    const errors = await search("q=&kind=error&limit=2");
    expect(errors.hits.map(({ entry }) => entry.kind)).toEqual(["error", "error"]);
    expect(errors.next_offset).toBe(2);
    const more = await search("q=&kind=error&limit=2&offset=2");
    expect(more.total).toBe(errors.total);
    expect(more.hits[0]?.entry).not.toEqual(errors.hits[0]?.entry);
  });

  it("answers whatever is asked", async () => {
    for (const odd of ["", "*", '"', "title:rdp", "+a -b", "~1", "^", "a".repeat(500), "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "<script>", "../../etc"])
      expect((await api.call("GET", `/v1/search?q=${encodeURIComponent(odd)}`)).status, odd).toBe(200);
    expect((await api.call("GET", "/v1/search")).status).toBe(400);
    expect((await api.call("GET", `/v1/search?q=${"a".repeat(501)}`)).status).toBe(400);
  });
});

describe("look-up", () => {
  interface LookUp {
    readonly term: string;
    readonly matches: readonly { readonly entry: { readonly kind: string }; readonly is: string }[];
  }
  const lookUp = async (term: string) => (await api.call<LookUp>("GET", `/v1/lookup/${encodeURIComponent(term)}`)).body;

  it("leads from any notation to the same entry", async () => {
    const [decimal, hexadecimal] = [await lookUp("10060"), await lookUp("0x274c")];
    expect(decimal.matches[0]?.entry).toEqual(hexadecimal.matches[0]?.entry);
    expect((await lookUp("3389")).matches.some(({ entry }) => entry.kind === "port")).toBe(true);
    expect((await lookUp("3389/tcp")).matches.some(({ entry }) => entry.kind === "port")).toBe(true);
  });

  it("of what nothing is filed under is empty", async () => {
    expect((await lookUp("0xdeadbeef")).matches).toEqual([]);
    expect((await lookUp("no notation at all")).matches).toEqual([]);
  });
});
