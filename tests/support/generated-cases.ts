import type { CaseDocument, Catalogue, EvidenceDocument } from "../../engine/catalogue/catalogue.ts";
import { tableDeclarations } from "../../engine/tables/index.ts";
import { Random } from "../bench/captures/random.ts";

/**
 * A knowledge base of any size, the same for the same seed, for what has to hold when there are ten thousand cases. Words follow Zipf's
 * law: a few hundred that every network engineer uses, and a long tail of names of services and components that few cases share.
 */
export interface GeneratedOptions {
  readonly cases: number;
  readonly seed?: number;
}

const AREAS =
  "tcp dns tls smb rds lync exchange directaccess sccm nlb sql iis dhcp kerberos ldap wins vpn wifi iscsi hyper-v cluster dfs print proxy ntp snmp".split(
    " ",
  );
const PRODUCTS = [
  "windows-7",
  "windows-8",
  "windows-10",
  "windows-server-2008",
  "windows-server-2008-r2",
  "windows-server-2012",
  "windows-server-2012-r2",
  "windows-server-2016",
  "lync-server-2010",
  "lync-server-2013",
  "exchange-2010",
  "exchange-2013",
  "sccm-2012",
  "sql-server-2008",
  "forefront-tmg-2010",
  "forefront-uag-2010",
];
const SUBJECTS = [
  "connection attempts",
  "the client",
  "the server",
  "a load balancer",
  "name resolution",
  "the domain controller",
  "a proxy",
  "every session",
  "file transfers",
  "the handshake",
  "authentication",
  "large responses",
  "the listener",
  "a firewall",
  "replication",
  "retransmissions",
  "the certificate chain",
  "keep-alive probes",
  "the first segment",
  "group policy",
];
const FAILURES = [
  "time out after 21 seconds",
  "are reset in transit",
  "stops answering",
  "is refused at once",
  "stall for 200 milliseconds",
  "fail with error {code}",
  "never reach the other end",
  "are dropped by the driver",
  "wait for a delayed acknowledgement",
  "use the wrong port {port}",
  "ends in an untrusted root",
  "exhaust the ephemeral ports",
  "loop between two sites",
  "exceed the announced segment size",
  "lose their window scale option",
  "are answered by a stale cache",
];
const CIRCUMSTANCES = [
  "after update {kb}",
  "when {service} restarts",
  "through the VPN",
  "on a multi-homed machine",
  "behind NAT",
  "over IP-HTTPS",
  "while {service} is running",
  "with RSS turned on",
  "since the service pack",
  "in a cluster of {component} nodes",
  "once {component} is installed",
  "from one subnet alone",
];
const CONNECTIVES =
  "capture shows frame trace packet segment window acknowledgement driver interface address subnet route gateway policy registry value restart service event log certificate store cache timeout retry counter baseline adapter offload checksum queue socket process thread handle memory latency jitter threshold negotiation option header payload flag state machine version build hotfix vendor firmware".split(
    " ",
  );
const SYLLABLES =
  "ak bel cor dan el fin gar hol in jor kel lan mor net or pra quin ros sel tor um vel win xen yor zan tri plex gate sync flow cast link port scan".split(
    " ",
  );
const LEVELS = ["low", "medium", "high", "critical"] as const;
const TAIL = 30_000;

/** Names of the long tail by their rank. */
function tailName(rank: number): string {
  const at = (position: number) => SYLLABLES[Math.floor(rank / SYLLABLES.length ** position) % SYLLABLES.length]!;
  return at(0) + at(1) + at(2) + (rank % 7 === 0 ? "svc" : "");
}

/** What one generated case can be asked for by. */
export interface GeneratedCase {
  readonly document: CaseDocument;
  readonly kb: string;
  readonly code: number;
}

export function generateCases({ cases, seed = 1 }: GeneratedOptions): GeneratedCase[] {
  const random = new Random(seed);
  return Array.from({ length: cases }, (_, number) => generateCase(random, number));
}

function generateCase(random: Random, number: number): GeneratedCase {
  const tail = () => tailName(Math.min(TAIL - 1, random.pareto(1, 0.45, TAIL)));
  const facts = {
    kb: `KB${2_000_000 + number * 17}`,
    code: 0x8009_0000 + number,
    port: random.int(1024, 65_535),
    service: `${tail()}`,
    component: `${tail()}`,
  };
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: keyof typeof facts) => (name === "code" ? `0x${facts.code.toString(16)}` : String(facts[name])));
  const sentence = () => fill(capital(`${random.pick(SUBJECTS)} ${random.pick(FAILURES)} ${random.pick(CIRCUMSTANCES)}`));
  const paragraph = (words: number) =>
    Array.from({ length: words }, () => (random.next() < 0.25 ? tail() : random.pick(CONNECTIVES))).join(" ");
  const area = AREAS[Math.min(AREAS.length - 1, random.pareto(1, 0.6, AREAS.length) - 1)]!;
  const tables = [random.pick(tableDeclarations), random.pick(tableDeclarations)];
  const title = sentence();
  const id = `${area}-${slug(title)}-${number}`;
  const document: CaseDocument = {
    id,
    area,
    title,
    status: "test",
    level: random.pick(LEVELS),
    products: [...new Set([random.pick(PRODUCTS), random.pick(PRODUCTS)])],
    symptoms: [sentence(), sentence()],
    protocols: ["tcp", area],
    evidence: tables.map((table, index) => evidence(`part_${index}`, table.name, sentence(), facts.port)),
    condition: "part_0 and part_1",
    summary: `{part_0.server_ip}: ${sentence()}`,
    resolutions: [{ kind: "update", kb: facts.kb, text: `Install ${facts.kb}, which brings ${facts.component} up to date` }],
    verify: [sentence()],
    filters: [`tcp.port eq ${facts.port}`],
    falsepositives: [sentence()],
    references: [`https://support.microsoft.com/kb/${facts.kb.slice(2)}`],
    collect: [],
    related: [],
    competes_with: [],
    yields_to: [],
    updated: "2026-11-23",
    sections: [
      { title: "Symptom", markdown: `${sentence()}. ${sentence()}. ${capital(paragraph(30))}.` },
      { title: "Cause", markdown: `${sentence()}. ${capital(paragraph(80))}.` },
      { title: "Remedy", markdown: `${capital(paragraph(30))}.` },
    ],
  };
  return { document, kb: facts.kb, code: facts.code };
}

function evidence(name: string, table: string, about: string, port: number): EvidenceDocument {
  return {
    name,
    about,
    table,
    where: [[`server port is ${port}`]],
    belongs: [],
    counted: [],
    expect: "some",
    source: `from: ${table}\nwhere: { server_port: ${port} }\n`,
  };
}

/** The cases as a catalogue, with an update and an error code for each. */
export function generatedCatalogue(cases: readonly GeneratedCase[]): Catalogue {
  const origin = { source: "Generated", as_of: "2026-11-23" };
  return {
    version: "0.0.0",
    digest: "sha256:0",
    data_as_of: origin.as_of,
    cases: cases.map(({ document }) => document).sort((a, b) => (a.id < b.id ? -1 : 1)),
    recipes: [],
    references: {
      updates: cases.map(({ kb, document }) => ({
        id: kb,
        title: `Update for ${document.products[0]}`,
        kind: "hotfix" as const,
        products: [...document.products],
        about: document.symptoms[0]!,
        cases: [document.id],
        url: `https://support.microsoft.com/kb/${kb.slice(2)}`,
        ...origin,
      })),
      ports: [],
      registry: [],
      errors: cases.map(({ code, document }) => ({
        id: `0x${code.toString(16)}`,
        space: "hresult" as const,
        name: `E_${document.area.toUpperCase().replaceAll("-", "_")}_${code & 0xffff}`,
        meaning: document.symptoms[1]!,
        cases: [document.id],
        ...origin,
      })),
      events: [],
    },
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/-$/, "");
}
