import { type CapturedFrame, PcapngWriter } from "../support/capture-writer.ts";
import { certificate, noise, pem, rsaPrivateKey } from "../support/der-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";
import { type TlsSessionFields, tlsSession } from "../support/tls-script.ts";
import { random, SUITE, VERSION } from "../support/tls-writer.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;
type WriteFile = (path: string, bytes: Uint8Array | string) => void;
type Session = Omit<TlsSessionFields, "client" | "server" | "start"> & { server?: string };

const CA = "CN=Fabrikam Issuing CA, O=Fabrikam, C=US";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CHAIN = [
  certificate({
    subject: "CN=web.fabrikam.example, O=Fabrikam, C=US",
    issuer: CA,
    dnsNames: ["web.fabrikam.example"],
    usages: [SERVER_AUTH],
  }),
];
const CLIENT = "192.0.2.44";
const SERVER = "203.0.113.44:8443";

/** Frames of TLS sessions one after the other, two seconds apart, at the client. */
function framesOf(sessions: readonly Session[], client: string, server: string): CapturedFrame[] {
  const taps = new TwoTaps({ oneWay: 0.004 });
  healthySession(taps, `${client}:49000`, "198.51.100.80:80", 0);
  for (const [n, fields] of sessions.entries())
    tlsSession(taps, { chain: CHAIN, ...fields, client: `${client}:${50_000 + n}`, server: fields.server ?? server, start: 2 + 2 * n });
  return taps.frames("client");
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** The name `tlsSession` gives to the `n`th session of `framesOf`. */
const nameOf = (n: number, client = CLIENT): string => `${client}:${50_000 + n} ${2 + 2 * n}`;
const logged = (label: string, session: string, bytes: number): string =>
  `${label} ${hexadecimal(random(session, "client"))} ${hexadecimal(noise(bytes, `${label} of ${session}`))}\n`;

/** Bundles of tests/cases/tls-capture-decryptable. */
export function tlsBundles(write: Write, writeFile: WriteFile): void {
  const folder = (name: string) => `cases/tls-capture-decryptable/${name}/bundle`;
  const { rsa, rsaGcm, ecdhe, dhe } = SUITE;
  const { tls10, tls13 } = VERSION;
  write(
    `${folder("article")}/iis.pcap`,
    framesOf([{ version: tls10 }, { version: tls10, server: "10.2.2.2:443" }], "172.17.1.50", "172.17.1.1:443"),
  );
  const mixed: Session[] = [{ suite: ecdhe }, { version: tls13, serverName: "web.fabrikam.example" }, { suite: dhe }];
  write(`${folder("key-log")}/browser.pcapng`, framesOf(mixed, CLIENT, SERVER));
  const log =
    logged("CLIENT_RANDOM", nameOf(0), 48) +
    logged("CLIENT_TRAFFIC_SECRET_0", nameOf(1), 32) +
    logged("SERVER_TRAFFIC_SECRET_0", nameOf(1), 32);
  writeFile(`${folder("key-log")}/keys.log`, log);
  const writer = new PcapngWriter().interface(1);
  const secrets = new TextEncoder().encode(logged("CLIENT_RANDOM", nameOf(1, "192.0.2.45"), 48));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, 0x544c534b, true);
  new DataView(head.buffer).setUint32(4, secrets.length, true);
  writer.block(10, Uint8Array.from([...head, ...secrets]));
  const noted = framesOf([{ suite: ecdhe }, { suite: ecdhe }], "192.0.2.45", SERVER);
  for (const { time, bytes } of noted) writer.packet(1_710_234_000_000_000n + BigInt(Math.round(time * 1e6)), { bytes });
  writeFile(`${folder("secrets-in-capture")}/client.pcapng`, writer.bytes());
  const ticket = noise(176, "ticket");
  write(
    `${folder("private-key")}/server.pcap`,
    framesOf([{ suite: rsaGcm, ticket }, { suite: rsaGcm, ticket, resumes: true }, { suite: ecdhe }, { alert: 40 }], CLIENT, SERVER),
  );
  writeFile(`${folder("private-key")}/server-key.pem`, pem("RSA PRIVATE KEY", rsaPrivateKey("CN=web.fabrikam.example, O=Fabrikam, C=US")));
  write(`${folder("other-private-key")}/server.pcap`, framesOf([{ suite: dhe }], CLIENT, SERVER));
  writeFile(
    `${folder("other-private-key")}/server-key.pem`,
    pem("RSA PRIVATE KEY", rsaPrivateKey("CN=web.fabrikam.example, O=Fabrikam, C=US")),
  );
  write(`${folder("ephemeral")}/client.pcapng`, framesOf(mixed, CLIENT, SERVER));
  write(`${folder("other-key-log")}/client.pcapng`, framesOf(mixed, CLIENT, SERVER));
  writeFile(
    `${folder("other-key-log")}/keys.log`,
    logged("CLIENT_RANDOM", "another day", 48) + logged("CLIENT_HANDSHAKE_TRAFFIC_SECRET", nameOf(1), 32),
  );
  const id = noise(32, "session");
  write(`${folder("resumed-only")}/client.pcap`, framesOf([{ suite: rsa, sessionId: id, resumes: true }], CLIENT, SERVER));
  const late = framesOf([{ suite: rsa }], CLIENT, SERVER);
  write(`${folder("begun-late")}/client.pcap`, late.slice(-9));
}
