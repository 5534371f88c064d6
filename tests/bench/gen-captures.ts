#!/usr/bin/env node
/**
 * Deterministic packet captures for tests and benchmarks.
 *
 * Simulates a client network and a server network joined by a lossy path, with a tap on each side, and writes what one tap
 * (default) or both taps (`--pair`) would have captured: handshakes, request/response turns, bulk transfers, keystrokes,
 * delayed ACKs, fast and RTO retransmits, spurious ones, FIN and RST closes, refused ports, unanswered SYNs, zero windows, TLS
 * and HTTP heads, DNS, SIP, ARP, ICMP, some IPv6 and some VLAN tags. Beside each output a `.truth.json` says what a correct
 * analyser must find.
 *
 *     node tests/bench/gen-captures.ts --out big.pcap --packets 1000000 [--seed 1] [--snaplen 262144]
 *     node tests/bench/gen-captures.ts --pair --out dir/prefix --packets 200000 --loss 0.01 --nat --inject-rst 0.02
 */
import { writeFileSync } from "node:fs";
import { type CaptureOptions, DEFAULTS, parseCaptureOptions } from "./captures/options.ts";
import { arp, ping, sipCall, tcpSession } from "./captures/sessions.ts";
import { Tap } from "./captures/tap.ts";
import { type Truth, World } from "./captures/world.ts";

export type { CaptureOptions } from "./captures/options.ts";
export type { Truth } from "./captures/world.ts";

/** Writes the capture or the pair with its truth file; answers what is true of it and where it lies. */
export function generateCaptures(options: Partial<CaptureOptions> & { out: string }): { truth: Truth; files: string[] } {
  const opt: CaptureOptions = { ...DEFAULTS, ...options };
  const world = new World(opt);
  const file = (side: "client" | "server") => (opt.pair ? `${opt.out}.${side}.${opt.format}` : opt.out);
  for (const side of opt.pair ? (["client", "server"] as const) : [opt.tap]) world.taps[side] = new Tap(world, side, file(side));
  const taps = Object.values(world.taps);
  simulate(world, taps);
  const truth: Truth = {
    generator: "gen-captures",
    options: { ...opt, out: undefined } as Omit<CaptureOptions, "out">,
    taps: {},
    sessions: world.sessions,
    clockOffsetUs: opt.clockOffsetUs,
    ...(opt.pair ? { lost: world.lost, injectedRst: world.injectedRst, nat: world.nat } : {}),
  };
  for (const tap of taps) {
    tap.close();
    truth.taps[tap.name] = { ...tap.truth, fileBytes: tap.bytes + (opt.format === "pcap" ? 24 : 60) };
  }
  writeFileSync(`${opt.out}.truth.json`, `${JSON.stringify(truth)}\n`);
  return { truth, files: taps.map((tap) => tap.path) };
}

function simulate(world: World, taps: readonly Tap[]): void {
  const { random, opt } = world;
  let clock = 0;
  for (let n = 0; !taps[0]!.full(); n++) {
    clock += random.expo(1e6 / opt.rate);
    tcpSession(world, clock);
    if (random.next() < 0.15) arp(world, clock);
    if (random.next() < 0.02) sipCall(world, clock);
    if (random.next() < 0.01) ping(world, clock);
    if (n % 256 === 255) for (const tap of taps) tap.flush(clock);
  }
  // Both taps of a pair stop at the same sent packet, so nothing looks lost that was only cut off.
  if (opt.pair) for (const tap of taps) tap.flush(Number.POSITIVE_INFINITY, clock);
}

if (import.meta.main) {
  try {
    const { truth, files } = generateCaptures(parseCaptureOptions(process.argv.slice(2)));
    for (const [index, tap] of Object.values(truth.taps).entries())
      console.log(`${files[index]}: ${tap.packets} packets, ${tap.fileBytes} bytes`);
  } catch (error) {
    console.error(`gen-captures: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
  }
}
