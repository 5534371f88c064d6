import { parseIpv4 } from "../../bytes/address.ts";
import { Known } from "../../decoders/packet-batch.ts";
import type { StunAddress, StunMessage, StunMethod } from "../../decoders/stun.ts";
import { type SeenStun, StunPairs } from "../../tables/stun-pairs.ts";
import type { Emit } from "../format.ts";
import type { TextPacketLog } from "./text-packet-log.ts";
import type { TextTimes } from "./text-time-column.ts";

const PROTOCOL = /^(?:(?:CLASSIC-)?STUN2?|(?:MS-?)?TURN)$/i;
/** `Allocate Request`, `Message: Allocate Error Response`, `Binding Success Response`, with blanks or underscores. */
const MESSAGE =
  /\b(Binding|Shared[ _]?Secret|Allocate|Refresh|Send|Data|Set[ _]?Active[ _]?Destination|Create[ _]?Permission|Channel[ _-]?Bind)[ _]?(Request|Indication|Success[ _]?Response|Error[ _]?Response|Response)\b/i;
const ERROR_CODE = /\berror[- _]?code\s*[:=]?\s*\(?(\d{3})\b(?:\s*\(([^()]{1,80})\))?/i;

/** What the description of one row says of a STUN message. */
export type StunText = Pick<StunMessage, "class" | "method" | "errorCode" | "reason" | "mapped" | "relayed">;

/** Reads the Protocol column and the Info or Description column; null for another protocol. */
export function readStunText(protocol: string, description: string): StunText | null {
  if (!PROTOCOL.test(protocol)) return null;
  const text = description.slice(0, 1000);
  const found = MESSAGE.exec(text);
  if (!found) return null;
  const [method, kind] = [found[1]!, found[2]!].map((word) => word.toLowerCase().replace(/[ _-]/g, ""));
  const code = ERROR_CODE.exec(text);
  return {
    class: kind === "request" ? "request" : kind === "indication" ? "indication" : kind === "errorresponse" || code ? "error" : "success",
    method: METHODS[method!] ?? "other",
    errorCode: code ? Number(code[1]) : null,
    // Wireshark says so of a code it has no name for.
    reason: code?.[2] === undefined || code[2].startsWith("*") ? null : ` ${code[2]}`.slice(1),
    mapped: address(text, "MAPPED-ADDRESS"),
    relayed: address(text, "RELAYED-ADDRESS"),
  };
}

const METHODS: Readonly<Record<string, StunMethod>> = {
  binding: "binding",
  sharedsecret: "shared_secret",
  allocate: "allocate",
  refresh: "refresh",
  send: "send",
  data: "data",
  setactivedestination: "set_active_destination",
  createpermission: "create_permission",
  channelbind: "channel_bind",
};

function address(text: string, name: string): StunAddress | null {
  const found = new RegExp(`(?:XOR-)?${name}: (\\d{1,3}(?:\\.\\d{1,3}){3}):(\\d{1,5})\\b`).exec(text);
  if (!found || parseIpv4(found[1]!) === null || Number(found[2]) > 65535) return null;
  return { ip: ` ${found[1]}`.slice(1), port: Number(found[2]) };
}

/** Pairs the requests and answers of a finished log. `excerpt`: rows were left out of it. */
export function emitStun(log: TextPacketLog, times: TextTimes, excerpt: boolean, emit: Emit): void {
  const { rows } = log;
  const pairs = new StunPairs((values, frame) => emit.row("stun_transactions", values, frame));
  for (let row = 0; row < log.count; row++) {
    const text = log.stun.get(rows.extra[row]!);
    if (text) pairs.message(seen(log, times, row, text));
  }
  pairs.end(log.count === 0 ? Number.NaN : times.times[log.count - 1]!, excerpt);
}

function seen(log: TextPacketLog, times: TextTimes, row: number, text: StunText): SeenStun {
  const { rows } = log;
  const own = times.own[row] === 1;
  const ports = (rows.known[row]! & Known.ports) !== 0;
  return {
    frame: rows.frame[row]!,
    time: own && times.base !== null ? times.base + BigInt(Math.round(times.times[row]!)) : null,
    elapsed: own ? times.times[row]! : Number.NaN,
    sourceIp: log.addresses.texts[rows.source[row]!]!,
    sourcePort: ports ? rows.sourcePort[row]! : null,
    destinationIp: log.addresses.texts[rows.destination[row]!]!,
    destinationPort: ports ? rows.destinationPort[row]! : null,
    transaction: null,
    microsoft: null,
    ...text,
  };
}
