import { parseArgs } from "node:util";

/** What to simulate. The same options always give the same bytes. */
export interface CaptureOptions {
  /** File to write, or the prefix of both files of a pair. */
  readonly out: string;
  /** Exact number of packets with one tap; a pair ends a little later, both together. Infinity with `bytes`. */
  readonly packets: number;
  /** Stop at this file size instead; Infinity with `packets`. */
  readonly bytes: number;
  readonly seed: number;
  readonly snaplen: number;
  readonly format: "pcap" | "pcapng";
  readonly nano: boolean;
  readonly bigEndian: boolean;
  /** The tap to write, without `pair`. */
  readonly tap: "client" | "server";
  /** Packet loss on the path, each direction, 0 to 1. */
  readonly loss: number;
  /** Share of data packets overtaken on the path. */
  readonly reorder: number;
  /** Rewrite the client's address and port on the path. */
  readonly nat: boolean;
  /** Also rewrite the server's address, as a load balancer does. */
  readonly natServer: boolean;
  /** A firewall shifts the client's sequence numbers. */
  readonly rewriteIsn: boolean;
  /** Share of sessions killed by RSTs forged on the path. */
  readonly injectRst: number;
  /** Server tap's clock minus client tap's, microseconds. */
  readonly clockOffsetUs: number;
  /** Median one-way delay, microseconds. */
  readonly owdUs: number;
  /** New sessions per second. */
  readonly rate: number;
  /** Write both taps. */
  readonly pair: boolean;
  /** First packet, Unix seconds. */
  readonly start: number;
  readonly checksums: boolean;
}

export const DEFAULTS: Omit<CaptureOptions, "out"> = {
  packets: 1_000_000,
  bytes: Number.POSITIVE_INFINITY,
  seed: 1,
  snaplen: 262_144,
  format: "pcap",
  nano: false,
  bigEndian: false,
  tap: "client",
  loss: 0.005,
  reorder: 0.001,
  nat: false,
  natServer: false,
  rewriteIsn: false,
  injectRst: 0,
  clockOffsetUs: 0,
  owdUs: 8000,
  rate: 150,
  pair: false,
  start: 1_760_000_000,
  checksums: true,
};

const FLAGS = {
  out: { type: "string" },
  packets: { type: "string" },
  bytes: { type: "string" },
  seed: { type: "string" },
  snaplen: { type: "string" },
  format: { type: "string" },
  nano: { type: "boolean" },
  "big-endian": { type: "boolean" },
  tap: { type: "string" },
  loss: { type: "string" },
  reorder: { type: "string" },
  nat: { type: "boolean" },
  "nat-server": { type: "boolean" },
  "rewrite-isn": { type: "boolean" },
  "inject-rst": { type: "string" },
  "clock-offset-us": { type: "string" },
  "owd-us": { type: "string" },
  rate: { type: "string" },
  pair: { type: "boolean" },
  start: { type: "string" },
  "no-checksums": { type: "boolean" },
} as const;

/** Bytes of `10MB`, `600k`, `123`. */
function size(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(k|m|g)?b?$/i.exec(text);
  if (!match) throw new Error(`--bytes: not a size: ${text}`);
  return Number(match[1]) * ({ k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? "").toLowerCase()] ?? 1);
}

/** Options from a command line; throws with the option's name where one is wrong. */
export function parseCaptureOptions(args: readonly string[]): CaptureOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  if (!values.out) throw new Error("--out FILE is needed");
  const number = (
    name: "packets" | "seed" | "snaplen" | "loss" | "reorder" | "inject-rst" | "clock-offset-us" | "owd-us" | "rate" | "start",
    fallback: number,
  ) => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isFinite(value)) throw new Error(`--${name}: not a number: ${values[name]}`);
    return value;
  };
  const { format = DEFAULTS.format, tap = DEFAULTS.tap } = values;
  if (format !== "pcap" && format !== "pcapng") throw new Error(`--format: pcap or pcapng, not ${format}`);
  if (tap !== "client" && tap !== "server") throw new Error(`--tap: client or server, not ${tap}`);
  return {
    ...DEFAULTS,
    out: values.out,
    packets: values.bytes ? Number.POSITIVE_INFINITY : number("packets", DEFAULTS.packets),
    bytes: values.bytes ? size(values.bytes) : DEFAULTS.bytes,
    seed: number("seed", DEFAULTS.seed),
    snaplen: number("snaplen", DEFAULTS.snaplen),
    format,
    tap,
    nano: values.nano ?? false,
    bigEndian: values["big-endian"] ?? false,
    loss: number("loss", DEFAULTS.loss),
    reorder: number("reorder", DEFAULTS.reorder),
    nat: values.nat ?? false,
    natServer: values["nat-server"] ?? false,
    rewriteIsn: values["rewrite-isn"] ?? false,
    injectRst: number("inject-rst", DEFAULTS.injectRst),
    clockOffsetUs: number("clock-offset-us", DEFAULTS.clockOffsetUs),
    owdUs: number("owd-us", DEFAULTS.owdUs),
    rate: number("rate", DEFAULTS.rate),
    pair: values.pair ?? false,
    start: number("start", DEFAULTS.start),
    checksums: !values["no-checksums"],
  };
}
