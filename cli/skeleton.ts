import { ARTICLE_SECTIONS } from "../engine/rules/knowledge-schema.ts";

/**
 * The files of a new case, by path from the folder that holds `rules/`, `kb/` and `tests/`. They lint and their tests pass as they
 * stand, with an everyday fault as the example, so that whoever replaces it piece by piece always has something that works.
 */
export function skeleton(id: string, area: string, today: string): ReadonlyMap<string, string> {
  const title = `A service refuses connections (${id})`;
  const variant = (name: string, expectation: string, file: string, text: string): [string, string][] => [
    [`tests/cases/${id}/${name}/expect.yaml`, expectation],
    [`tests/cases/${id}/${name}/bundle/${file}`, text],
  ];
  return new Map([
    [`rules/${area}/${id}.yaml`, rule(id, area, title)],
    [`kb/articles/${area}/${id}.md`, article(id, title, today)],
    ...variant("article", matched("The article's own trace"), "client.txt", packetList("192.0.2.10", "198.51.100.20", REFUSED)),
    ...variant(
      "generated",
      matched("The same fault between other machines"),
      "client.txt",
      packetList("203.0.113.5", "192.0.2.77", REFUSED),
    ),
    ...variant("look-alike", RULED_OUT, "client.txt", packetList("192.0.2.10", "198.51.100.20", ACCEPTED)),
    ...variant(
      "undecided",
      INCONCLUSIVE,
      "netstat.txt",
      "Active Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       876\n",
    ),
  ]);
}

function rule(id: string, area: string, title: string): string {
  return `# yaml-language-server: $schema=../rule.schema.json
id: ${id}
title: ${title}
status: experimental
level: medium
symptoms:
  - What a person notices first
evidence:
  refused:
    about: The server refuses a connection at once
    from: tcp_connections
    where: { server_port: 4711, conn_state: REJ }
condition: refused
summary: "{refused.server_ip} refuses connections to TCP port {refused.server_port}"
resolutions:
  - { kind: investigate, text: What to change }
verify:
  - How to tell that the change worked
filter: ip.addr eq {refused.server_ip} and tcp.port eq {refused.server_port}
ladder: refused
article: ${area}/${id}
`;
}

function article(id: string, title: string, today: string): string {
  const sections = ARTICLE_SECTIONS.map((section) => `## ${section}\n\nTo be written.\n`);
  return `---\nid: ${id}\ntitle: ${title}\nproducts: [windows]\nupdated: ${today}\n---\n\n${sections.join("\n")}`;
}

function matched(about: string): string {
  return `about: ${about}; the server answers a SYN with a reset.
origin: hand-written
verdict: matched
cites:
  refused: [client.txt frame 1]
`;
}

const RULED_OUT = `about: Looks alike, but the connection is accepted.
origin: hand-written
verdict: ruled_out
`;

const INCONCLUSIVE = `about: Without a capture nothing can be said.
origin: hand-written
verdict: inconclusive
collect: [packet-capture]
`;

// Rows of a Wireshark packet list: time, whether the client sends, length, what follows the ports.
const REFUSED = [
  [0, true, 66, "[SYN] Seq=0 Win=64240 Len=0 MSS=1460 WS=256 SACK_PERM"],
  [0.00021, false, 54, "[RST, ACK] Seq=1 Ack=1 Win=0 Len=0"],
] as const;
const ACCEPTED = [
  [0, true, 66, "[SYN] Seq=0 Win=64240 Len=0 MSS=1460 WS=256 SACK_PERM"],
  [0.00021, false, 66, "[SYN, ACK] Seq=0 Ack=1 Win=64240 Len=0 MSS=1460 WS=256 SACK_PERM"],
  [0.00035, true, 54, "[ACK] Seq=1 Ack=1 Win=64240 Len=0"],
  [0.00112, true, 60, "[PSH, ACK] Seq=1 Ack=1 Win=64240 Len=6"],
  [0.00214, false, 60, "[PSH, ACK] Seq=1 Ack=7 Win=64240 Len=6"],
  [0.00301, true, 54, "[FIN, ACK] Seq=7 Ack=7 Win=64240 Len=0"],
  [0.00322, false, 54, "[FIN, ACK] Seq=7 Ack=8 Win=64240 Len=0"],
  [0.00341, true, 54, "[ACK] Seq=8 Ack=8 Win=64240 Len=0"],
] as const;

function packetList(client: string, server: string, rows: readonly (readonly [number, boolean, number, string])[]): string {
  const lines = rows.map(([time, fromClient, length, info], index) => {
    const [from, to, ports] = fromClient ? [client, server, "50123 → 4711"] : [server, client, "4711 → 50123"];
    return `${String(index + 1).padStart(7)} ${time.toFixed(6)}       ${from.padEnd(21)} ${to.padEnd(21)} TCP      ${String(length).padEnd(6)} ${ports} ${info}`;
  });
  return `${["No.     Time           Source                Destination           Protocol Length Info", ...lines].join("\n")}\n`;
}
