/** Hand-made reports that between them take every branch of the report's schema and of its renderers. Figures of the cases are the articles'. */
import type { Finding, Report } from "../../engine/report/report.ts";

const SERVER_LINES: Readonly<Record<number, string>> = {
  10717: "10717 08:54:40.3 10.7.3.187 → 10.0.107.58 TCP 3389 → 53221 [RST, ACK] Seq=85161 Ack=41077 Win=0 Len=0",
  61714: "61714 09:02:11.0 10.0.107.58 → 10.7.3.187 TCP 53229 → 3389 [SYN] Seq=0 Win=8192 Len=0 MSS=1460",
  61717: "61717 09:02:11.0 10.7.3.187 → 10.0.107.58 TCP 3389 → 53229 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0",
};

const listenerGone: Finding = {
  rule: "rdp-listener-gone",
  title: "Remote Desktop stops listening after its service crashed",
  level: "high",
  verdict: "matched",
  summary: "10.7.3.187 has had no listener on TCP 3389 since Remote Desktop Services crashed at 08:54:40",
  evidence: [
    {
      name: "session_reset",
      about: "server resets an established session",
      outcome: "true",
      rows: 1,
      citations: [{ source: "server.txt", unit: "frame", at: 10717, text: SERVER_LINES[10717]! }],
      notes: [],
    },
    {
      name: "refused",
      about: "12 later attempts refused at once",
      outcome: "true",
      rows: 12,
      citations: [61714, 61717, 61800, 61803, 61911, 61914].map((at) => ({
        source: "server.txt",
        unit: "frame",
        at,
        text: SERVER_LINES[at] ?? "",
      })),
      notes: [],
    },
    {
      name: "no_listener",
      about: "complete netstat of that host, no 3389",
      outcome: "true",
      rows: 0,
      citations: Array.from({ length: 17 }, (_, index) => ({
        source: "netstat.txt",
        unit: "line" as const,
        at: index + 3,
        text: "  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    876",
      })),
      notes: ["netstat.txt names no host: taken for 10.7.3.187, which it lists as a local address"],
    },
    {
      name: "service_crash",
      about: "event 7034, Remote Desktop Services, 3rd time",
      outcome: "true",
      rows: 1,
      citations: [
        {
          source: "system.txt",
          unit: "line",
          at: 41,
          text: "Error 7034 Service Control Manager: The Remote Desktop Services service terminated unexpectedly.  It has done this 3 time(s).",
        },
      ],
      notes: [],
    },
  ],
  missing: [],
  resolutions: [
    { kind: "update", kb: "KB2621440", action: "reinstall", text: "reinstall the re-released update KB2621440" },
    {
      kind: "registry",
      text: "check that the listener is enabled",
      key: "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server",
      value: "fDenyTSConnections",
      data: 0,
    },
  ],
  verify: ["netstat -ano shows 3389 LISTENING; no new 7034"],
  filters: ["(ip.addr eq 10.0.107.58 and ip.addr eq 10.7.3.187) and tcp.port eq 3389"],
  ladder: {
    title: "The reset session and the next attempt",
    points: [{ source: "server.txt", side: "server", client: "10.0.107.58:53221", server: "10.7.3.187:3389" }],
    steps: [
      { frames: [10716], time: 0, from: "client", text: "TCP 53221 → 3389 [ACK] Seq=41077 Ack=85161 Win=16128 Len=0", mark: null },
      { frames: [10717], time: 0.0002, from: "server", text: "TCP 3389 → 53221 [RST, ACK] Seq=85161 Ack=41077 Win=0 Len=0", mark: "cited" },
      { frames: [61714], time: 450.7, from: "client", text: "TCP 53229 → 3389 [SYN] Seq=0 Win=8192 Len=0 MSS=1460", mark: "cited" },
      { frames: [61717], time: 450.701, from: "server", text: "TCP 3389 → 53229 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0", mark: "cited" },
    ],
  },
  article: "rds/rdp-listener-gone",
};

const lostInTransit: Finding = {
  rule: "tcp-segments-lost-in-transit",
  title: "Segments are lost between the two ends",
  level: "medium",
  verdict: "matched",
  summary: "A segment of 1460 bytes from 10.1.1.1 was sent 6 times and never arrived at 172.16.1.1, which reset the session 129.8 s later",
  evidence: [
    {
      name: "lost",
      about: "sent by the client, never seen at the server",
      outcome: "true",
      rows: 1,
      citations: [1921, 1975, 2071, 2264, 2651, 3475].map((at) => ({
        source: "client.txt",
        unit: "frame",
        at,
        text: `${at} 10.1.1.1 → 172.16.1.1 HTTP Continuation or non-HTTP traffic`,
      })),
      notes: ["the clocks of the two captures differ by 4.2 s"],
    },
    {
      name: "gap",
      about: "the server sees a hole and says so in its SACK",
      outcome: "true",
      rows: 1,
      citations: [13611, 13612].map((at) => ({ source: "server.txt", unit: "frame", at, text: `${at} [TCP Previous segment lost]` })),
      notes: [],
    },
  ],
  missing: [],
  resolutions: [
    {
      kind: "network",
      text: "update network adapter and teaming drivers at both ends; check cabling, speed and duplex, and the error counters of every device between them",
    },
  ],
  verify: [],
  filters: ["ip.addr eq 10.1.1.1 and ip.addr eq 172.16.1.1 and tcp.port eq 1090", "tcp.analysis.retransmission"],
  ladder: {
    title: "One session at both ends",
    points: [
      { source: "client.txt", side: "client", client: "10.1.1.1:1090", server: "172.16.1.1:80" },
      { source: "server.txt", side: "server", client: "10.1.1.1:1090", server: "172.16.1.1:80" },
    ],
    steps: [
      { frames: [1917, 13587], time: 0, from: "client", text: "TCP rmiactivation > http [SYN] Seq=0 Win=65535 Len=0 MSS=1460", mark: null },
      {
        frames: [1918, 13588],
        time: 0.031,
        from: "server",
        text: "TCP http > rmiactivation [SYN, ACK] Seq=0 Ack=1 Win=16384 Len=0 MSS=1460",
        mark: null,
      },
      {
        frames: [1919, 13591],
        time: 0.031,
        from: "client",
        text: "TCP rmiactivation > http [ACK] Seq=1 Ack=1 Win=65535 Len=0",
        mark: null,
      },
      { frames: [1920, 13598], time: 0.031, from: "client", text: "HTTP CCM_POST /ccm_system/request HTTP/1.1", mark: null },
      { frames: [1921, null], time: 0.031, from: "client", text: "HTTP Continuation or non-HTTP traffic", mark: "lost" },
      { frames: [1922, 13611], time: 0.031, from: "client", text: "HTTP Continuation or non-HTTP traffic", mark: "cited" },
      {
        frames: [1925, 13612],
        time: 0.172,
        from: "server",
        text: "TCP http > rmiactivation [ACK] Seq=1 Ack=282 Win=65254 Len=0 SLE=1742 SRE=2328",
        mark: "cited",
      },
      {
        frames: [1975, null],
        time: 2.781,
        from: "client",
        text: "HTTP [TCP Retransmission] Continuation or non-HTTP traffic",
        mark: "lost",
      },
      {
        frames: [2071, null],
        time: 7.922,
        from: "client",
        text: "HTTP [TCP Retransmission] Continuation or non-HTTP traffic",
        mark: "lost",
      },
      {
        frames: [3475, null],
        time: 80.875,
        from: "client",
        text: "HTTP [TCP Retransmission] Continuation or non-HTTP traffic",
        mark: "lost",
      },
      {
        frames: [4392, 30509],
        time: 129.968,
        from: "server",
        text: "TCP http > rmiactivation [RST, ACK] Seq=1 Ack=282 Win=0 Len=0",
        mark: null,
      },
    ],
  },
  article: "tcp/tcp-segments-lost-in-transit",
};

const resetInPath: Finding = {
  rule: "lync-edge-front-end-5061-reset-in-path",
  title: "A device between Edge and Front End resets connections to 5061",
  level: "high",
  verdict: "inconclusive",
  summary: "192.168.3.10 received a reset in the name of 192.168.1.1",
  evidence: [
    {
      name: "edge_syns",
      about: "the Edge Server repeats its SYN to 5061 and gives up",
      outcome: "true",
      rows: 1,
      citations: [{ source: "edge.cap", unit: "frame", at: 106631, text: "192.168.1.1 → 192.168.3.10 TCP [SYN]" }],
      notes: [],
    },
    { name: "foreign", about: "the Front End receives a reset the Edge never sent", outcome: "unknown", rows: 0, citations: [], notes: [] },
    { name: "trace_504", about: "SIPStack logs 504", outcome: "false", rows: 0, citations: [], notes: [] },
  ],
  missing: [
    {
      table: "foreign_resets",
      side: "server",
      collect: ["two-sided-capture"],
      why: "a capture taken at the server 192.168.3.10 over the same minutes",
    },
    { table: "sip_records", side: null, collect: ["sipstack-trace"], why: "a SIPStack trace of the Edge Server" },
  ],
  resolutions: [{ kind: "network", text: "inspect the device between the two servers" }],
  verify: ["sign in from outside"],
  filters: ["tcp.port eq 5061"],
  ladder: {
    title: "SYN answered by a reset nobody sent",
    points: [
      { source: "edge.cap", side: "client", client: "192.168.1.1:64535", server: "192.168.3.10:5061" },
      { source: "fe.cap", side: "server", client: "192.168.1.1:64535", server: "192.168.3.10:5061" },
    ],
    steps: [
      { frames: [106631, 606230], time: 0, from: "client", text: "TCP 64535 → 5061 [SYN] Seq=0 Win=8192 Len=0 MSS=1460", mark: "cited" },
      {
        frames: [null, 606231],
        time: 0.0004,
        from: "server",
        text: "TCP 5061 → 64535 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0",
        mark: "lost",
      },
      { frames: [null, 606233], time: 0.0006, from: "client", text: "TCP 64535 → 5061 [RST] Seq=1 Win=0 Len=0", mark: "foreign" },
      {
        frames: [106984, 612965],
        time: 3.0,
        from: "client",
        text: "TCP [TCP Retransmission] 64535 → 5061 [SYN] Seq=0 Win=8192 Len=0",
        mark: "retransmission",
      },
      { frames: [106990, null], time: 3.2, from: "server", text: "TCP 5061 → 64535 [ACK] Seq=1", mark: null },
    ],
  },
  article: "lync/lync-edge-front-end-5061-reset-in-path",
};

const plain = (rule: string, verdict: Finding["verdict"], rest: Partial<Finding> = {}): Finding => ({
  rule,
  title: `The case ${rule}`,
  level: "low",
  verdict,
  summary: "",
  evidence: [],
  missing: [],
  resolutions: [],
  verify: [],
  filters: [],
  ladder: null,
  article: `tcp/${rule}`,
  ...rest,
});

const engine = { version: "0.1.0", rules: { count: 26, digest: `sha256:${"5a".repeat(32)}` }, data_as_of: "2026-11-20" };

/** One match; nothing else to say. */
export const rdpReport: Report = {
  report: 1,
  engine,
  bundle: {
    name: "rdp.zip",
    sha256: "ab".repeat(32),
    sources: [
      { path: "rdp.zip", format: "zip", bytes: 400_000, side: null, host: null, rows: {}, warnings: [] },
      {
        path: "server.txt",
        format: "wireshark-text",
        bytes: 1_100_000,
        side: "server",
        host: ["10.7.3.187"],
        rows: { tcp_connections: 14 },
        warnings: [],
      },
      {
        path: "netstat.txt",
        format: "netstat",
        bytes: 2_200,
        side: null,
        host: ["10.7.3.187", "TS1"],
        rows: { sockets: 17 },
        warnings: [],
      },
      {
        path: "system.txt",
        format: "event-text",
        also: ["netstat"],
        bytes: 98_000,
        side: null,
        host: null,
        rows: { events: 40 },
        warnings: [],
      },
      { path: "notes.txt", format: "empty", bytes: 0, side: null, host: null, rows: {}, warnings: [] },
    ],
  },
  findings: [listenerGone],
  verdicts: { matched: 1, ruled_out: 24, inconclusive: 0, not_applicable: 1, error: 0 },
  collect: [],
  competing: [],
};

/** Every verdict, every mark, open questions, warnings and competing cases. */
export const fullReport: Report = {
  report: 1,
  engine,
  bundle: {
    name: "outage-4711",
    sha256: "cd".repeat(32),
    sources: [
      {
        path: "client.txt",
        format: "wireshark-text",
        bytes: 4_000,
        side: "client",
        host: ["10.1.1.1"],
        rows: { tcp_connections: 1 },
        warnings: [],
      },
      {
        path: "server.txt",
        format: "wireshark-text",
        bytes: 3_000,
        side: "server",
        host: ["172.16.1.1"],
        rows: { tcp_connections: 1 },
        warnings: [],
      },
      {
        path: "edge.cap",
        format: "netmon-cap",
        bytes: 1_536_000_000,
        side: "middle",
        host: null,
        rows: { tcp_connections: 9 },
        warnings: [
          {
            code: "netmon-cap.truncated-frame",
            text: "the file ends inside a frame; what stands before it was read",
            at: 120_000,
            count: 3,
          },
        ],
      },
      { path: "photos/日本語の写真.heic", format: "unrecognised", bytes: 812_345, side: null, host: null, rows: {}, warnings: [] },
    ],
  },
  findings: [
    lostInTransit,
    resetInPath,
    plain("tcp-broken-rule", "error", { reason: "evidence `lost`: the query failed" }),
    plain("tcp-delayed-ack-nagle-stall", "ruled_out", {
      evidence: [
        { name: "stall", about: "a small write waits for its acknowledgement", outcome: "false", rows: 0, citations: [], notes: [] },
      ],
    }),
    plain("nlb-multicast-needs-hotfix", "not_applicable", {
      reason: "the bundle is of Windows Server 2012; the case is about Windows Server 2008",
    }),
  ],
  verdicts: { matched: 1, ruled_out: 21, inconclusive: 2, not_applicable: 1, error: 1 },
  collect: [
    {
      recipe: "two-sided-capture",
      title: "Capture one session at both ends",
      side: "server",
      for: ["lync-edge-front-end-5061-reset-in-path"],
    },
    { recipe: "sipstack-trace", title: "SIPStack trace of a Lync server", side: null, for: ["lync-edge-front-end-5061-reset-in-path"] },
  ],
  competing: [
    {
      rules: ["lync-edge-front-end-5061-reset-in-path", "tcp-segments-lost-in-transit"],
      symptom: "connections between two servers fail",
      settled_by: "a capture at the server side: it shows whether a reset arrived that nobody sent",
    },
  ],
};

/** Nothing found, nothing known. */
export const emptyReport: Report = {
  report: 1,
  engine: { ...engine, rules: { count: 1, digest: engine.rules.digest }, data_as_of: "" },
  bundle: { name: "empty", sha256: "00".repeat(32), sources: [] },
  findings: [],
  verdicts: { matched: 0, ruled_out: 0, inconclusive: 1, not_applicable: 0, error: 0 },
  collect: [],
  competing: [],
};

/** Text that tries to act: markup, Markdown, terminal escapes, a right-to-left override, a lone surrogate. */
export const HOSTILE = `</script><img src=x onerror=alert(1)> "quoted' & \`tick\` \`\`\` [link](javascript:alert(1)) **bold** | cell | \x1b[31mred\x1b]0;title\x07 \u202egnp.exe \ud800 @everyone http://evil.example/ \r\n# heading`;

/** Fields that hold a word of ours, never evidence. */
const KEPT = new Set(["level", "verdict", "outcome", "unit", "side", "from", "mark", "format", "digest", "sha256"]);

/** `fullReport` with the hostile text wherever evidence or a contributed rule can put text. */
export const hostileReport: Report = (() => {
  const hostile = (value: unknown, key: string = ""): unknown => {
    if (typeof value === "string") return KEPT.has(key) ? value : HOSTILE;
    if (Array.isArray(value)) return value.map((entry) => hostile(entry, key));
    if (value !== null && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hostile(inner, name)]));
    return value;
  };
  return hostile(fullReport) as Report;
})();
