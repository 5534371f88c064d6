import { type CapturedFrame, udpFrame } from "../support/capture-writer.ts";
import { certificate } from "../support/der-writer.ts";
import { type DnsAnswerFields, dnsMessage } from "../support/dns-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";
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

/** Captures of the cases about published web services. */
export function webBundles(write: Write): void {
  const iphttps = "cases/iphttps-wrong-certificate-bound";
  ipHttps(`${iphttps}/generated`, "203.0.113.10", "CN=Default Web Site", [], write);
  ipHttps(`${iphttps}/no-bindings`, "203.0.113.10", "CN=Default Web Site", [], write);
  ipHttps(`${iphttps}/name-and-binding-agree`, "203.0.113.9", "CN=da.example.net", ["da.example.net"], write);
  ipHttps(`${iphttps}/right-certificate-behind-nat`, "203.0.113.9", "CN=da.example.net", ["da.example.net"], write);
}
