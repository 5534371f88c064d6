import { type CapturedFrame, udpFrame } from "../support/capture-writer.ts";
import { certificate } from "../support/der-writer.ts";
import { type DnsAnswerFields, dnsMessage } from "../support/dns-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";
import { tlsSession } from "../support/tls-script.ts";
import { SUITE } from "../support/tls-writer.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const CLIENT = "198.51.100.45";
const RESOLVER = "198.51.100.53:53";

/** A question and its answer 20 ms later, as the client sees them. */
function lookUp(time: number, name: string, answers: readonly DnsAnswerFields[], { code = 0, type = "A" } = {}): CapturedFrame[] {
  const id = Math.round(100 * time) & 0xffff;
  const port = 53_000 + (id % 1000);
  return [
    { time, bytes: udpFrame(`${CLIENT}:${port}`, RESOLVER, dnsMessage({ id, name, type })) },
    { time: time + 0.02, bytes: udpFrame(RESOLVER, `${CLIENT}:${port}`, dnsMessage({ id, name, type, answers, code })) },
  ];
}

const address = (name: string, data: string): DnsAnswerFields => ({ name, type: "A", data });

function inOrder(...parts: readonly (readonly CapturedFrame[])[]): CapturedFrame[] {
  return parts.flat().sort((a, b) => a.time - b.time);
}

/** A client that looks its IP-HTTPS server up, gets a certificate and closes. */
function ipHttps(folder: string, at: string, subject: string, dnsNames: readonly string[], write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.018 });
  healthySession(taps, `${CLIENT}:50100`, "198.51.100.80:443", 0.5);
  const chain = [certificate({ subject, issuer: subject, dnsNames: [...dnsNames] })];
  for (const [n, start] of [4, 64].entries())
    tlsSession(taps, {
      client: `${CLIENT}:${50200 + n}`,
      server: `${at}:443`,
      start,
      suite: SUITE.ecdhe,
      serverName: "da.example.net",
      chain,
    });
  const names = [4, 64].flatMap((start) => lookUp(start - 0.1, "da.example.net", [address("da.example.net", at)]));
  write(`${folder}/bundle/client/client.pcapng`, inOrder(taps.frames("client"), names));
}

/** One of Lync's published names as a client outside tries it. */
interface Tried {
  readonly name: string;
  /** Address it leads to; left out where the name is not known. */
  readonly at?: string;
  /** What becomes of the connection; the certificate's names, where TLS comes about. */
  readonly ends: "not known" | "unanswered" | "refused" | "not tried" | { readonly names: readonly string[]; readonly notAfter?: string };
}

function tries(folder: string, tried: readonly Tried[], write: Write, file = "client.pcapng"): void {
  const taps = new TwoTaps({ oneWay: 0.022 });
  healthySession(taps, `${CLIENT}:50100`, "198.51.100.80:443", 0.5);
  const names: CapturedFrame[] = [];
  for (const [n, { name, at, ends }] of tried.entries()) {
    const start = 3 + 30 * n;
    names.push(...lookUp(start, name, at === undefined ? [] : [address(name, at)], { code: at === undefined ? 3 : 0 }));
    if (at === undefined) {
      names.push(...lookUp(start + 0.03, `${name}.branch.example`, [], { code: 3 }));
      continue;
    }
    if (typeof ends === "object") {
      const subject = `CN=${ends.names[0]}`;
      const chain = [
        certificate({ subject, issuer: "CN=Example CA", dnsNames: [...ends.names], ...(ends.notAfter && { notAfter: ends.notAfter }) }),
      ];
      tlsSession(taps, {
        client: `${CLIENT}:${50300 + n}`,
        server: `${at}:443`,
        start: start + 0.1,
        suite: SUITE.ecdhe,
        serverName: name,
        chain,
      });
    } else if (ends !== "not tried") attempt(taps, `${CLIENT}:${50300 + n}`, `${at}:443`, start + 0.1, ends === "refused");
  }
  write(`${folder}/bundle/${file}`, inOrder(taps.frames("client"), names));
}

/** SYNs that get resets or nothing. */
function attempt(taps: TwoTaps, client: string, server: string, start: number, refused: boolean): void {
  const session = new SessionScript(taps, client, server, { client: 6_500_000, server: 0 });
  for (const [n, after] of (refused ? [0, 0.5, 1] : [0, 3, 9]).entries()) {
    session.send("client", start + after, {
      flags: "S",
      options: { mss: 1460, windowShift: 8, sackPermitted: true },
      again: n > 0,
      lost: !refused,
    });
    if (refused) session.send("server", start + after + 0.0441, { flags: "RA" });
  }
}

/** Captures of the cases about published web services. */
export function webBundles(write: Write): void {
  const iphttps = "cases/iphttps-wrong-certificate-bound";
  ipHttps(`${iphttps}/generated`, "203.0.113.10", "CN=Default Web Site", [], write);
  ipHttps(`${iphttps}/no-bindings`, "203.0.113.10", "CN=Default Web Site", [], write);
  ipHttps(`${iphttps}/name-and-binding-agree`, "203.0.113.9", "CN=da.example.net", ["da.example.net"], write);
  ipHttps(`${iphttps}/right-certificate-behind-nat`, "203.0.113.9", "CN=da.example.net", ["da.example.net"], write);
  const web = "cases/lync-web-url-unreachable";
  const reverseProxy = "203.0.113.8";
  const sound = { name: "lyncdiscover.example.org", at: reverseProxy, ends: { names: ["*.example.org", "webext.example.org"] } } as const;
  tries(`${web}/generated`, [sound, { name: "dialin.example.org", at: "203.0.113.18", ends: "unanswered" }], write);
  tries(`${web}/capture-name-unknown`, [sound, { name: "meet.example.org", ends: "not known" }], write, "client.pcap");
  tries(`${web}/capture-refused`, [{ name: "meet.example.org", at: reverseProxy, ends: "refused" }], write);
  tries(
    `${web}/capture-other-certificate`,
    [{ name: "meet.example.org", at: reverseProxy, ends: { names: ["www.example.org", "example.org"] } }],
    write,
  );
  tries(
    `${web}/capture-expired`,
    [{ name: "webext.example.org", at: reverseProxy, ends: { names: ["webext.example.org"], notAfter: "240301000000Z" } }],
    write,
  );
  tries(
    `${web}/capture-reaches`,
    [sound, { name: "meet.example.org", at: reverseProxy, ends: { names: ["webext.example.org", "meet.example.org"] } }],
    write,
  );
  tries(`${web}/capture-not-tried`, [{ name: "meet.example.org", at: reverseProxy, ends: "not tried" }], write);
  const ews = "cases/lync-ews-unreachable";
  tries(`${ews}/generated`, [sound, { name: "autodiscover.example.org", at: "203.0.113.28", ends: "unanswered" }], write);
  tries(`${ews}/capture-name-unknown`, [{ name: "autodiscover.example.org", ends: "not known" }], write);
}
