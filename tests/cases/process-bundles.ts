import type { CapturedFrame, Endpoint } from "../support/capture-writer.ts";
import { udpFrame } from "../support/frame-writer.ts";
import { netmonFile, utf16 } from "../support/netmon-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;
type WriteFile = (path: string, bytes: Uint8Array | string) => void;

const CLIENT = "192.0.2.57";

/** Two connections and a few datagrams of one machine. */
function traffic(): CapturedFrame[] {
  const taps = new TwoTaps({ oneWay: 0.004 });
  healthySession(taps, `${CLIENT}:49811`, "198.51.100.25:25", 0.5);
  healthySession(taps, `${CLIENT}:49812`, "203.0.113.80:443", 1);
  const notify = (time: number, to: Endpoint, port: number) =>
    taps.client.push({ time, bytes: udpFrame(`${CLIENT}:${port}`, to, "notified") });
  notify(2, "198.51.100.101:2762", 36003);
  notify(2.0004, "198.51.100.120:6004", 36009);
  return taps.frames("client");
}

/** The same in a capture by Network Monitor, which names the processes but for one it did not know. */
function netmon(): Uint8Array {
  const byPort = (bytes: Uint8Array) => {
    const ports = [(bytes[34]! << 8) | bytes[35]!, (bytes[36]! << 8) | bytes[37]!];
    return ports.includes(49811) ? 1 : ports.includes(49812) ? 0xffffffff : 0;
  };
  const frames = traffic().map(({ time, bytes }) => ({ micros: Math.round(time * 1e6), bytes, process: byPort(bytes) }));
  const processes = [
    { id: 2136, path: "\\Device\\HarddiskVolume1\\Exchsrvr\\bin\\store.exe" },
    { id: 1308, path: "C:\\Windows\\System32\\inetsrv\\inetinfo.exe" },
  ];
  return netmonFile(frames, { version: [2, 3], processes });
}

const NETSTAT = [
  "",
  "Aktive Verbindungen",
  "",
  "  Proto  Lokale Adresse         Remoteadresse          Status           PID",
  "  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         788",
  "  TCP    192.0.2.57:139         0.0.0.0:0              ABHÖREN         4",
];

function netstat(rows: readonly string[]): string {
  return `${[...NETSTAT, ...rows].join("\r\n")}\r\n`;
}

const TASKS = [
  "",
  "Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung",
  "========================= ======== ================ =========== ===============",
  "System Idle Process              0 Services                   0            24 K",
  "System                           4 Services                   0         1.012 K",
  "svchost.exe                    788 Services                   0         4.324 K",
  "inetinfo.exe                  1308 Services                   0        18.240 K",
];
const STORE = "store.exe                     2136 Services                   0     1.040.592 K";

function tasks(...more: string[]): string {
  return `${[...TASKS, ...more].join("\r\n")}\r\n`;
}

/** A text as Windows' own redirection in PowerShell writes it. */
function utf16File(text: string): Uint8Array {
  return utf16(`\ufeff${text}`).slice(0, -2);
}

/** Bundles of tests/cases/process-behind-traffic. */
export function processBundles(write: Write, writeFile: WriteFile): void {
  const folder = (name: string) => `cases/process-behind-traffic/${name}/bundle`;
  writeFile(`${folder("generated")}/mail.cap`, netmon());
  const smtp = "  TCP    192.0.2.57:49811       198.51.100.25:25       HERGESTELLT     1308";
  write(`${folder("sockets")}/client.pcapng`, traffic());
  writeFile(
    `${folder("sockets")}/netstat.txt`,
    utf16File(netstat([smtp, "  UDP    0.0.0.0:36003          *:*                                    2136"])),
  );
  writeFile(`${folder("sockets")}/tasklist.txt`, utf16File(tasks(STORE)));
  write(`${folder("sockets-of-others")}/client.pcapng`, traffic());
  writeFile(
    `${folder("sockets-of-others")}/netstat.txt`,
    netstat(["  TCP    192.0.2.57:50999       198.51.100.25:25       HERGESTELLT     1308"]),
  );
  writeFile(`${folder("sockets-of-others")}/tasklist.txt`, tasks(STORE));
  write(`${folder("no-link")}/client.pcapng`, traffic());
  writeFile(`${folder("no-link")}/tasklist.txt`, tasks(STORE));
  writeFile(`${folder("not-listed")}/tasklist.txt`, tasks());
  writeFile(`${folder("other-machine")}/lists/tasklist.txt`, tasks(STORE));
}
