#!/usr/bin/env node
/**
 * Writes the captures of the generated test bundles below `tests/cases/` and `tests/quiet/`, always the same bytes.
 *
 *     node tests/cases/generate.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { zipOf } from "../support/archive-writer.ts";
import { value, type XmlNode } from "../support/binxml-writer.ts";
import { type CapturedFrame, pcapFile, pcapngFile } from "../support/capture-writer.ts";
import { type EvtxEvent, evtxFile } from "../support/evtx-writer.ts";
import { healthySession, type ListedSegment, SessionScript, TwoTaps } from "../support/session-script.ts";
import { arpBundles } from "./arp-bundles.ts";
import { iisBundles } from "./iis-bundles.ts";
import { mediaBundles } from "./media-bundles.ts";
import { nlbBundles } from "./nlb-bundles.ts";
import { offloadBundles } from "./offload-bundles.ts";
import { processBundles } from "./process-bundles.ts";
import { rpcBundles } from "./rpc-bundles.ts";
import { stunBundles } from "./stun-bundles.ts";
import { tcpSettingsBundles } from "./tcp-settings-bundles.ts";
import { tlsBundles } from "./tls-bundles.ts";
import { wanBundles } from "./wan-bundles.ts";
import { webBundles } from "./web-bundles.ts";

/** 2024-03-12 09:00:00 UTC. */
const START = 1_710_234_000_000_000_000n;
let root = "";
const written: string[] = [];

function writeCapture(path: string, frames: readonly CapturedFrame[]): void {
  const bytes = path.endsWith(".pcapng") ? pcapngFile(frames, { start: START }) : pcapFile(frames, { start: START });
  writeBundleFile(path, bytes);
}

function writeBundleFile(path: string, bytes: Uint8Array | string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  written.push(path);
}

const FLAGS: Readonly<Record<string, string>> = { S: "SYN", F: "FIN", R: "RST", P: "PSH", A: "ACK" };

/** The packet list Wireshark exports as text, with times of day from `start` seconds after midnight and absolute sequence numbers. */
function writeList(path: string, segments: readonly ListedSegment[], start: number): void {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rows = [...segments]
    .sort((a, b) => a.time - b.time)
    .map(({ time, from, to, flags, seq, ack, length, options }, index) => {
      const at = start + time;
      const clock = `${two(at / 3600)}:${two((at / 60) % 60)}:${(at % 60).toFixed(6).padStart(9, "0")}`;
      const [source, sourcePort] = from.split(":");
      const [target, targetPort] = to.split(":");
      const names = [...flags].sort((a, b) => "FSRPA".indexOf(a) - "FSRPA".indexOf(b)).map((letter) => FLAGS[letter]);
      const extras = options
        ? ` MSS=${options.mss} WS=${2 ** (options.windowShift ?? 0)}${options.sackPermitted ? " SACK_PERM=1" : ""}`
        : "";
      const acked = flags.includes("A") ? ` Ack=${ack}` : "";
      return `${index + 1} ${clock} ${source} ${target} TCP ${sourcePort} > ${targetPort} [${names.join(", ")}] Seq=${seq}${acked} Win=65535 Len=${length}${extras}`;
    });
  writeBundleFile(path, `${["No. Time Source Destination Protocol Info", ...rows].join("\n")}\n`);
}

/** A Remote Desktop session that works, is reset by the server, and attempts that are refused. */
function remoteDesktop(folder: string, side: "client" | "server" = "server"): void {
  const taps = new TwoTaps({ oneWay: 0.015 });
  healthySession(taps, "198.51.100.40:50190", "203.0.113.21:443", 0.2);
  const session = new SessionScript(taps, "198.51.100.40:50211", "203.0.113.21:3389");
  let at = session.open(1);
  for (let n = 0; n < 12; n++) at = session.turn(at + 0.4, 120 + n, 900 + 13 * n);
  session.send("server", at + 31, { flags: "RA" });
  for (const [n, client] of ["198.51.100.40:50230", "198.51.100.40:50231", "198.51.100.77:61002"].entries()) {
    const attempt = new SessionScript(taps, client, "203.0.113.21:3389", { client: 700_000 + 1000 * n, server: 0 });
    attempt.send("client", at + 34 + 4 * n, { flags: "S", options: { mss: 1460, windowShift: 8, sackPermitted: true } });
    attempt.send("server", at + 34 + 4 * n + taps.oneWay + 0.00005, { flags: "RA" });
  }
  healthySession(taps, "198.51.100.77:61050", "203.0.113.21:443", at + 50);
  writeCapture(`${folder}/bundle/${side}.pcapng`, taps.frames(side));
}

/** Event logs as somebody sends them: a log is mostly empty, so it is packed. */
function writeLogs(path: string, logs: Readonly<Record<string, readonly EvtxEvent[]>>): void {
  writeBundleFile(path, zipOf(Object.entries(logs).map(([name, events]) => ({ name, data: evtxFile(events), method: 8 }))));
}

/** The System log of the Remote Desktop server: a service, by its display name and its own, ends unexpectedly. */
function systemLog(displayName: string, service: string): EvtxEvent[] {
  const common = { channel: "System", computer: "TS07.example.net" };
  const clock = (time: string, recordId: number): EvtxEvent => ({
    ...common,
    id: 35,
    provider: "Microsoft-Windows-Time-Service",
    time,
    recordId,
    data: [["TimeSource", value.string("time.example.net")]],
  });
  const crash: EvtxEvent = {
    ...common,
    id: 7034,
    provider: "Service Control Manager",
    level: 2,
    time: "2024-03-12T09:00:37.481Z",
    recordId: 88121,
    data: [
      ["param1", value.string(displayName)],
      ["param2", value.string("1")],
    ],
    binary: value.binary(...value.string(`${service}\0`).bytes),
  };
  return [clock("2024-03-12T08:41:02.5Z", 88120), crash, clock("2024-03-12T09:12:40.1Z", 88122)];
}

/** What AppLocker logs of a file: audit-only and blocking rules differ in the event's id alone. */
function appLocker(id: number, path: string, recordId: number, minute: number): EvtxEvent {
  const kind = id < 8005 ? "EXE and DLL" : "MSI and Script";
  const counted = (name: string, content: string): XmlNode[] => [
    { name: `${name}Length`, content: [value.uint16(content.length)] },
    { name, content: [value.string(content)] },
  ];
  return {
    id,
    provider: "Microsoft-Windows-AppLocker",
    channel: `Microsoft-Windows-AppLocker/${kind}`,
    computer: "TS02.example.net",
    level: [8004, 8007].includes(id) ? 2 : [8003, 8006].includes(id) ? 3 : 4,
    keywords: 0x8000000000000000n,
    time: `2024-03-12T09:${String(minute).padStart(2, "0")}:14.5Z`,
    recordId,
    userData: {
      name: "RuleAndFileData",
      attributes: [["xmlns", "http://schemas.microsoft.com/schemas/event/Microsoft.Windows/1.0.0.0"]],
      content: [
        ...counted("PolicyName", id < 8005 ? "EXE" : "MSI"),
        { name: "RuleId", content: [value.guid("00000000-0000-0000-0000-000000000000")] },
        ...counted("RuleName", "-"),
        ...counted("RuleSddl", "-"),
        { name: "TargetUser", content: [value.sid("S-1-5-21-1004336348-1177238915-682003330-1131")] },
        { name: "TargetProcessId", content: [value.uint32(4312)] },
        ...counted("FilePath", path),
        { name: "FileHashLength", content: [value.uint16(4)] },
        { name: "FileHash", content: [value.binary(0xca, 0xfe, recordId & 0xff, id & 0xff)] },
        ...counted("Fqbn", "-"),
      ],
    },
  };
}

const PROFILE = String.raw`%OSDRIVE%\USERS\BERTA\APPDATA\LOCAL`;

/** AppLocker's two logs on a terminal server, with rules that are enforced or in audit mode. */
function appLockerLogs(path: string, [exe, msi]: readonly [exe: number, msi: number]): void {
  const allowed = (recordId: number, minute: number) => appLocker(8002, String.raw`%SYSTEM32%\NOTEPAD.EXE`, recordId, minute);
  writeLogs(path, {
    "TS02-AppLocker-EXE.evtx": [
      allowed(4101, 2),
      appLocker(exe, String.raw`${PROFILE}\MICROSOFT\LWAPLUGIN\X86\15.8\LWAPLUGIN.EXE`, 4102, 21),
      allowed(4103, 40),
    ],
    "TS02-AppLocker-MSI.evtx": [
      appLocker(8005, String.raw`%SYSTEM32%\LOGON.VBS`, 310, 1),
      appLocker(msi, String.raw`${PROFILE}\TEMP\LWAPLUGIN64BITINSTALLER32.MSI`, 311, 20),
    ],
  });
}

/** Files that are not the plug-in's, and an event of another provider with the same number. */
function otherFilesBlocked(path: string): void {
  const ntlm: EvtxEvent = {
    ...appLocker(8004, "", 77, 30),
    provider: "Microsoft-Windows-NTLM",
    channel: "Microsoft-Windows-NTLM/Operational",
    userData: { name: "EventData", content: [{ name: "ServiceName", content: [value.string(String.raw`C:\x\LWAPlugin.exe`)] }] },
  };
  writeLogs(path, {
    "TS02-AppLocker-EXE.evtx": [
      appLocker(8004, String.raw`${PROFILE}\TEMP\MYLWAPLUGIN.EXE`, 4101, 2),
      appLocker(8004, String.raw`${PROFILE}\MICROSOFT\LWAPLUGIN.EXE\SETUP.EXE.OLD\SETUP.EXE`, 4102, 21),
      appLocker(8004, String.raw`%OSDRIVE%\TOOLS\LWAPLUGIN.EXE.CONFIG.EXE`, 4103, 22),
    ],
    "TS02-NTLM.evtx": [ntlm],
  });
}

/** A file transfer of which one segment and every copy of it vanish on the way to the server. */
function lostData(folder: string, sides: readonly ("client" | "server")[], serverUntil = Infinity): void {
  const taps = new TwoTaps({ oneWay: 0.02, skew: -3.4 });
  for (let n = 0; n < 6; n++) healthySession(taps, `192.0.2.15:${49200 + n}`, "198.51.100.9:445", n);
  const session = new SessionScript(taps, "192.0.2.15:49300", "198.51.100.9:80");
  session.open(8);
  session.after(0.001, "client", { flags: "PA", payload: 310 });
  session.after(0.0002, "client", { payload: 1460, lost: true });
  const hole = session.now;
  session.send("client", hole + 0.0001, { flags: "PA", payload: 420, ahead: true });
  session.send("server", hole + 0.0205, { options: { sack: [[1_000_001 + 310 + 1460, 1_000_001 + 310 + 1460 + 420]] } });
  for (const after of [0.3, 0.9, 2.1, 4.5, 9.3]) session.send("client", hole + after, { payload: 1460, lost: true, again: true });
  session.send("server", hole + 60, { flags: "RA" });
  for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.15:${49400 + n}`, "198.51.100.9:445", 30 + 15 * n);
  for (const side of sides)
    writeCapture(`${folder}/bundle/${side}.pcap`, until(taps.frames(side), side === "server" ? serverUntil : Infinity));
}

/** What a capture shows that was stopped at a moment of its own clock. */
function until(frames: readonly CapturedFrame[], end: number): CapturedFrame[] {
  return frames.filter(({ time }) => time < end);
}

/** A connection whose SYNs never arrive, beside others to the same server that do. */
function lostSyn(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.02, skew: 12.25 });
  for (let n = 0; n < 6; n++) healthySession(taps, `192.0.2.15:${49200 + n}`, "198.51.100.9:80", 2 * n);
  const attempt = new SessionScript(taps, "192.0.2.15:49310", "198.51.100.9:80", { client: 3_333_000, server: 0 });
  const options = { mss: 1460, windowShift: 8, sackPermitted: true };
  for (const [n, at] of [5, 8, 14].entries()) attempt.send("client", at, { flags: "S", options, lost: true, again: n > 0 });
  for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.15:${49400 + n}`, "198.51.100.9:80", 20 + 5 * n);
  for (const side of ["client", "server"] as const) writeCapture(`${folder}/bundle/${side}.pcap`, taps.frames(side));
}

/** A sender whose timer is too short for the path: every copy arrives. */
function arrivedTwice(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.2, skew: 1.5 });
  healthySession(taps, "192.0.2.15:49200", "198.51.100.9:445", 0);
  const session = new SessionScript(taps, "192.0.2.15:49300", "198.51.100.9:80");
  session.open(3);
  for (let n = 0; n < 4; n++) {
    session.after(0.6, "client", { flags: "PA", payload: 800 });
    session.send("client", session.now + 0.25, { flags: "PA", payload: 800, again: true });
    session.send("server", session.now + 0.2001);
    session.send("server", session.now + 0.4502);
    session.after(0.7, "server", { flags: "PA", payload: 500 });
    session.after(0.2001, "client");
  }
  session.close(session.now + 1);
  for (const side of ["client", "server"] as const) writeCapture(`${folder}/bundle/${side}.pcap`, taps.frames(side));
}

/** Answers written in two pieces, the second held back until the receiver's delayed acknowledgement. */
function delayedAckStalls(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.0004 });
  const session = new SessionScript(taps, "203.0.113.5:50555", "203.0.113.80:9100");
  session.open(1);
  for (let n = 0; n < 6; n++) {
    session.after(0.01, "client", { flags: "PA", payload: 210 + n });
    session.after(0.0006, "server", { flags: "PA", payload: 8 });
    session.after(0.1998, "client");
    session.after(0.0007, "server", { flags: "PA", payload: 420 + 3 * n });
    session.after(0.001, "client", { flags: "PA", payload: 12 });
    session.after(0.0005, "server");
  }
  session.close(session.now + 0.2);
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** Six answers in two pieces, captured at the server over a path of `roundTrip` seconds to a client that holds acknowledgements for `held`. */
function answersInTwo(folder: string, roundTrip: number, held: number): void {
  const oneWay = roundTrip / 2;
  const taps = new TwoTaps({ oneWay });
  const session = new SessionScript(taps, "203.0.113.5:50557", "203.0.113.80:9100");
  session.open(1);
  for (let n = 0; n < 6; n++) {
    session.after(0.03, "client", { flags: "PA", payload: 210 + n });
    session.after(oneWay + 0.0006, "server", { flags: "PA", payload: 8 });
    session.after(oneWay + held, "client");
    session.after(oneWay + 0.0003, "server", { flags: "PA", payload: 420 + 3 * n });
    session.after(oneWay + 0.001, "client", { flags: "PA", payload: 12 });
    session.after(oneWay + 0.0005, "server");
  }
  session.close(session.now + 0.4);
  writeCapture(`${folder}/bundle/server.pcapng`, taps.frames("server"));
}

/** Somebody types: each key travels alone, and the next one comes when it comes. */
function typing(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.0004 });
  const session = new SessionScript(taps, "203.0.113.5:50558", "203.0.113.80:23");
  session.open(1);
  for (let n = 0; n < 40; n++) {
    session.after(0.03 + 0.041 * ((n * 7) % 9), "client", { flags: "PA", payload: 1 });
    // Some keys are echoed, those of a password are not.
    if (n % 5 < 3) session.after(0.002, "server", { flags: "PA", payload: 1 });
    session.after(0.2, n % 5 < 3 ? "client" : "server");
  }
  session.close(session.now + 1);
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** Movements of a pointer: small segments at the pace of the hand, of which some come when an acknowledgement has just arrived. */
function pointerMoves(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.0002 });
  const session = new SessionScript(taps, "203.0.113.5:50559", "203.0.113.80:3389");
  session.open(1);
  session.after(0.1, "client", { flags: "PA", payload: 420 });
  session.after(0.01, "server", { flags: "PA", payload: 330 });
  for (let n = 0; n < 12; n++) {
    session.after(0.3, "client", { flags: "PA", payload: 101 });
    session.after(0.108, "client", { flags: "PA", payload: 94 });
    session.after(0.001, "server");
    session.after(0.107, "client", { flags: "PA", payload: 101 });
    session.after(0.2, "server");
    session.after(n % 4 === 0 ? 0.001 : 0.06, "client", { flags: "PA", payload: 80 });
    session.after(0.2, "server");
  }
  session.close(session.now + 1);
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** Logins over SSH: the client's NEWKEYS of 16 bytes waits once for a Linux server's acknowledgement after 40 ms, then never again. */
function keyExchanges(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.0002 });
  for (let login = 0; login < 3; login++) {
    const session = new SessionScript(taps, `203.0.113.5:${50560 + login}`, "203.0.113.80:22");
    session.open(1 + 20 * login);
    session.after(0.005, "server", { flags: "PA", payload: 39 });
    session.after(0.002, "client", { flags: "PA", payload: 21 });
    session.after(0.001, "server", { flags: "PA", payload: 984 });
    session.after(0.002, "client", { flags: "PA", payload: 1336 });
    session.after(0.004, "server", { flags: "PA", payload: 720 });
    session.after(0.003, "client", { flags: "PA", payload: 16 });
    session.after(0.0402, "server");
    session.after(0.0005, "client", { flags: "PA", payload: 48 });
    session.after(0.0004, "server", { flags: "PA", payload: 48 });
    for (let n = 0; n < 5; n++) session.turn(session.now + 0.5, 36, 52 + 10 * n);
    session.close(session.now + 1);
  }
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** A server that thinks for 200 ms, and delayed acknowledgements that nobody waits for. */
function thinkingServer(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.0004 });
  const session = new SessionScript(taps, "203.0.113.5:50556", "203.0.113.80:9100");
  session.open(1);
  for (let n = 0; n < 6; n++) {
    session.after(0.3, "client", { flags: "PA", payload: 210 + n });
    session.after(0.205, "server", { flags: "PA", payload: 430 + 3 * n });
    session.after(0.2, "client");
  }
  session.close(session.now + 0.2);
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** A transfer to a peer that announces a small or a normal MSS; its first full segment is sent again and again, in vain. */
function stuckSegment(folder: string, serverMss: number, length: number, sides: readonly ("sender" | "receiver")[] = ["sender"]): void {
  const taps = new TwoTaps({ oneWay: 0.011 });
  healthySession(taps, "192.0.2.25:50100", "192.0.2.200:443", 0);
  const session = new SessionScript(taps, "192.0.2.25:50123", "198.51.100.25:25");
  session.open(2, { serverMss });
  session.after(0.07, "server", { flags: "PA", payload: "220 mx.example ESMTP\r\n" });
  session.after(0.02, "client", { flags: "PA", payload: "EHLO relay.example\r\n" });
  session.after(0.04, "server", { flags: "PA", payload: "250-mx.example\r\n250 HELP\r\n" });
  session.after(0.02, "client", { flags: "PA", payload: "MAIL FROM:<a@relay.example>\r\nRCPT TO:<b@mx.example>\r\nDATA\r\n" });
  session.after(0.05, "server", { flags: "PA", payload: "250 OK\r\n250 Accepted\r\n354 Enter message\r\n" });
  session.after(0.02, "client", { payload: length, lost: true });
  for (const after of [0.6, 1.8, 4.2, 9]) session.send("client", session.now + after, { payload: length, lost: true, again: true });
  session.send("client", session.now + 18.6, { flags: "RA" });
  for (const side of sides) writeCapture(`${folder}/bundle/${side}.pcap`, taps.frames(side === "sender" ? "client" : "server"));
}

/** A peer with a small MSS that gets nothing longer. */
function smallMssHonoured(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.011 });
  const session = new SessionScript(taps, "192.0.2.25:50124", "198.51.100.25:25");
  session.open(2, { serverMss: 512 });
  for (let n = 0; n < 5; n++) {
    session.after(0.03, "client", { payload: 512 });
    session.after(0.012, "server");
  }
  // One is lost and comes through the second time.
  session.after(0.03, "client", { payload: 512, lost: true });
  session.send("client", session.now + 0.3, { payload: 512, again: true });
  session.send("client", session.now + 0.9, { payload: 512, again: true });
  session.send("server", session.now + 0.32);
  session.close(session.now + 2);
  writeCapture(`${folder}/bundle/sender.pcap`, taps.frames("client"));
}

/** Connections from Edge to Front End that a device between them answers with resets, in the Edge's name. */
function resetInPath(folder: string, sides: readonly ("edge" | "front-end")[], reallySent = false): void {
  const taps = new TwoTaps({ oneWay: 0.0005, skew: 10.2 });
  for (let n = 0; n < 4; n++) healthySession(taps, `203.0.113.130:${51000 + n}`, "203.0.113.150:443", 3 * n);
  const options = { mss: 1460, windowShift: 8, sackPermitted: true };
  for (const [n, start] of [15, 50].entries()) {
    const session = new SessionScript(taps, `203.0.113.130:${51200 + n}`, "203.0.113.150:5061", {
      client: 8_000_000 + 5000 * n,
      server: 0,
    });
    for (const [k, after] of [0, 3, 9].entries()) {
      const at = start + after;
      session.send("client", at, { flags: "S", options, again: k > 0 });
      const answer = new SessionScript(taps, `203.0.113.130:${51200 + n}`, "203.0.113.150:5061", {
        client: 8_000_001 + 5000 * n,
        server: 40_000 + 1000 * k + 7 * n,
      });
      answer.send("server", at + 0.0007, { flags: "SA", options, ack: 8_000_001 + 5000 * n, lost: !reallySent });
      if (reallySent) answer.send("client", at + 0.0014, { flags: "R" });
      else answer.send("client", at + 0.0012, { flags: "RA", ack: 40_001 + 1000 * k + 7 * n, forged: true, ttl: 64 });
      if (reallySent) break;
    }
  }
  for (let n = 0; n < 3; n++) healthySession(taps, `203.0.113.130:${51400 + n}`, "203.0.113.150:443", 75 + 4 * n);
  if (sides.includes("edge")) writeCapture(`${folder}/bundle/edge.pcap`, taps.frames("client"));
  if (sides.includes("front-end")) writeCapture(`${folder}/bundle/front-end.pcap`, taps.frames("server"));
}

const CLIENT = "192.168.45.12";
const DIRECT_ACCESS = "203.0.113.9:443";

/** IP-HTTPS attempts of a client that the server never sees, while it serves others. */
function unreachableServer(folder: string, sides: readonly ("client" | "server")[], serverUntil = Infinity): void {
  const taps = new TwoTaps({ oneWay: 0.03, skew: 0.4 });
  const elsewhere = new TwoTaps({ oneWay: 0.02 });
  for (let n = 0; n < 4; n++) healthySession(elsewhere, `${CLIENT}:${52000 + n}`, "198.51.100.80:443", 10 + 60 * n);
  for (let n = 0; n < 8; n++) healthySession(taps, `198.51.100.${30 + n}:${40000 + n}`, DIRECT_ACCESS, 2 + 45 * n);
  const server = taps.frames("server");
  taps.client.length = 0;
  for (const [n, start] of [40, 110, 215].entries()) {
    const attempt = new SessionScript(taps, `${CLIENT}:${52100 + n}`, DIRECT_ACCESS, { client: 6_500_000 + 77 * n, server: 0 });
    const options = { mss: 1460, windowShift: 8, sackPermitted: true };
    for (const [k, after] of [0, 3, 9].entries()) attempt.send("client", start + after, { flags: "S", options, lost: true, again: k > 0 });
  }
  const client = [...taps.frames("client"), ...elsewhere.frames("client")].sort((a, b) => a.time - b.time);
  if (sides.includes("client")) writeCapture(`${folder}/bundle/client.pcapng`, client);
  if (sides.includes("server")) writeCapture(`${folder}/bundle/server.pcapng`, until(server, serverUntil));
}

/** What the DirectAccess server of the article saw meanwhile: others, from 14:40 to 14:50, and nothing of the client. */
function articleServer(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.025 });
  for (let n = 0; n < 20; n++) healthySession(taps, `203.0.113.${40 + n}:${41000 + n}`, "1.1.1.1:443", 4 + 31 * n);
  writeList(`${folder}/bundle/server.txt`, taps.listed.server, 14 * 3600 + 40 * 60);
}

/** The server refuses the client's attempts: they arrive. */
function refusingServer(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.03, skew: 0.4 });
  for (let n = 0; n < 3; n++) healthySession(taps, `198.51.100.${30 + n}:${40000 + n}`, "203.0.113.9:80", 2 + 9 * n);
  taps.client.length = 0;
  for (const [n, start] of [5, 14, 26].entries()) {
    const attempt = new SessionScript(taps, `${CLIENT}:${52100 + n}`, DIRECT_ACCESS, { client: 6_500_000 + 77 * n, server: 0 });
    for (const after of [0, 0.5, 1]) {
      attempt.send("client", start + after, { flags: "S", options: { mss: 1460, windowShift: 8, sackPermitted: true }, again: after > 0 });
      attempt.send("server", start + after + 0.0301, { flags: "RA" });
    }
  }
  for (const side of ["client", "server"] as const) writeCapture(`${folder}/bundle/${side}.pcapng`, taps.frames(side));
}

/** Both sides of everyday traffic. */
function healthyPair(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.012, skew: 2.5 });
  for (let n = 0; n < 5; n++) healthySession(taps, `192.0.2.60:${50000 + n}`, "198.51.100.60:443", 1.5 * n, 3);
  const rdp = new SessionScript(taps, "192.0.2.60:50100", "198.51.100.60:3389");
  let at = rdp.open(9);
  for (let n = 0; n < 8; n++) at = rdp.turn(at + 0.3, 90 + n, 700 + 10 * n);
  rdp.close(at + 1);
  for (const side of ["client", "server"] as const) writeCapture(`${folder}/bundle/${side}.pcap`, taps.frames(side));
}

/** A mail client, a pause, delayed acknowledgements nobody waits for, a browser that gives up a connection with a reset. */
function everydayClient(folder: string): void {
  const taps = new TwoTaps({ oneWay: 0.009 });
  for (let n = 0; n < 4; n++) healthySession(taps, `192.0.2.61:${50200 + n}`, "198.51.100.61:443", 2 * n);
  const idle = new SessionScript(taps, "192.0.2.61:50300", "198.51.100.62:993");
  idle.open(1);
  for (let n = 0; n < 4; n++) {
    idle.turn(idle.now + 20, 60, 200, 0.04);
    idle.after(3, "server", { flags: "PA", payload: 40 });
    idle.after(0.2, "client");
  }
  idle.send("client", idle.now + 5, { flags: "RA" });
  writeCapture(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** Writes every generated file below `folder`; answers their paths in it. */
export function generateBundles(folder: string): string[] {
  root = folder;
  written.length = 0;
  remoteDesktop("cases/rdp-listener-gone/generated");
  remoteDesktop("cases/rdp-listener-gone/listener-present");
  remoteDesktop("cases/rdp-listener-gone/no-netstat");
  remoteDesktop("cases/rdp-listener-gone/other-service-crashed");
  remoteDesktop("cases/rdp-listener-gone/searched-netstat");
  remoteDesktop("cases/rdp-listener-gone/client-capture", "client");
  remoteDesktop("cases/rdp-listener-gone/other-machine");
  remoteDesktop("cases/rdp-listener-gone/port-redirector-crashed");
  remoteDesktop("cases/rdp-listener-gone/event-log");
  writeLogs("cases/rdp-listener-gone/event-log/bundle/logs.zip", {
    "TS07/System.evtx": systemLog("Tjenester til Fjernskrivebord", "TermService"),
  });
  remoteDesktop("cases/rdp-listener-gone/event-log-other-service");
  writeLogs("cases/rdp-listener-gone/event-log-other-service/bundle/logs.zip", {
    "TS07/System.evtx": systemLog("Udskriftsspooler", "Spooler"),
  });
  lostData("cases/tcp-segments-lost-in-transit/generated", ["client", "server"]);
  lostData("cases/tcp-segments-lost-in-transit/client-only", ["client"]);
  lostData("cases/tcp-segments-lost-in-transit/server-only", ["server"]);
  lostData("cases/tcp-segments-lost-in-transit/server-stopped-before", ["client", "server"], 4);
  lostSyn("cases/tcp-segments-lost-in-transit/lost-syn");
  arrivedTwice("cases/tcp-segments-lost-in-transit/arrived-twice");
  delayedAckStalls("cases/tcp-delayed-ack-nagle-stall/generated");
  thinkingServer("cases/tcp-delayed-ack-nagle-stall/server-thinks");
  answersInTwo("cases/tcp-delayed-ack-nagle-stall/wide-area", 0.06, 0.2);
  answersInTwo("cases/tcp-delayed-ack-nagle-stall/long-path", 0.2, 0.0005);
  typing("cases/tcp-delayed-ack-nagle-stall/typing");
  pointerMoves("cases/tcp-delayed-ack-nagle-stall/pointer-moves");
  keyExchanges("cases/tcp-delayed-ack-nagle-stall/short-timer-once");
  stuckSegment("cases/tcp-peer-mss-below-536/generated", 500, 536);
  stuckSegment("cases/tcp-peer-mss-below-536/both-ends", 512, 536, ["sender", "receiver"]);
  stuckSegment("cases/tcp-peer-mss-below-536/windows-server-2003", 512, 536);
  stuckSegment("cases/tcp-peer-mss-below-536/black-hole", 1460, 1460);
  smallMssHonoured("cases/tcp-peer-mss-below-536/mss-honoured");
  resetInPath("cases/lync-edge-front-end-5061-reset-in-path/generated", ["edge", "front-end"]);
  resetInPath("cases/lync-edge-front-end-5061-reset-in-path/edge-only", ["edge"]);
  resetInPath("cases/lync-edge-front-end-5061-reset-in-path/front-end-only", ["front-end"]);
  resetInPath("cases/lync-edge-front-end-5061-reset-in-path/edge-resets", ["edge", "front-end"], true);
  unreachableServer("cases/iphttps-server-unreachable/generated", ["client", "server"]);
  unreachableServer("cases/iphttps-server-unreachable/client-only", ["client"]);
  unreachableServer("cases/iphttps-server-unreachable/server-stopped-before", ["client", "server"], 30);
  articleServer("cases/iphttps-server-unreachable/article");
  refusingServer("cases/iphttps-server-unreachable/refused");
  offloadBundles(writeCapture);
  rpcBundles(writeCapture);
  tcpSettingsBundles(writeCapture);
  wanBundles(writeCapture);
  mediaBundles(writeCapture);
  webBundles(writeCapture);
  arpBundles(writeCapture);
  nlbBundles(writeCapture);
  processBundles(writeCapture, writeBundleFile);
  appLockerLogs("cases/lync-web-app-plugin-blocked/evtx/bundle/applocker.zip", [8004, 8007]);
  appLockerLogs("cases/lync-web-app-plugin-blocked/audit-only/bundle/applocker.zip", [8003, 8006]);
  otherFilesBlocked("cases/lync-web-app-plugin-blocked/other-file/bundle/logs.zip");
  writeLogs("cases/lync-web-app-plugin-blocked/no-log/bundle/logs.zip", { "TS07/System.evtx": systemLog("Print Spooler", "Spooler") });
  iisBundles(writeCapture, writeBundleFile);
  tlsBundles(writeCapture, writeBundleFile);
  stunBundles(writeCapture);
  healthyPair("quiet/healthy-pair");
  everydayClient("quiet/everyday-client");
  return [...written];
}

if (import.meta.main) generateBundles(dirname(import.meta.dirname));
