import { Family, Known, Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import type { CaptureInfo } from "../formats/format.ts";
import type { TablePart } from "../tables/table.ts";
import { CountColumn, growAll } from "./growing-columns.ts";
import { type AddressTexts, durations, enumerated, numbers, processColumns, times } from "./part-columns.ts";
import { udpServerSpeaks } from "./server-ports.ts";

/** Zeek's udp_inactivity_timeout: datagrams after so long a silence are another conversation. */
const INACTIVITY_NS = 60e9;
const START_SIZE = 1024;

/** Bits of `seen`: who sent data, and in which order (Zeek's history). */
const Seen = { client: 1, server: 2, serverFirst: 4, flipped: 8 } as const;
const HISTORIES = ["", "D", "d", "Dd", "", "", "d", "dD", "", "^D", "^d", "^Dd", "", "", "^d", "^dD"] as const;
const STATES = ["", "S0", "SHR", "SF"] as const;

/** UDP conversations of one capture point, as Zeek tells them apart. */
export class UdpFlows {
  private length = 0;
  private capacity = START_SIZE;
  private readonly words = {
    client: new Uint32Array(START_SIZE),
    server: new Uint32Array(START_SIZE),
    firstFrame: new Uint32Array(START_SIZE),
    lastFrame: new Uint32Array(START_SIZE),
  };
  private readonly ports = { client: new Uint16Array(START_SIZE), server: new Uint16Array(START_SIZE) };
  private readonly doubles = {
    start: new Float64Array(START_SIZE),
    last: new Float64Array(START_SIZE),
    origBytes: new Float64Array(START_SIZE),
    respBytes: new Float64Array(START_SIZE),
    origIpBytes: new Float64Array(START_SIZE),
    respIpBytes: new Float64Array(START_SIZE),
  };
  private readonly bytes = { family: new Uint8Array(START_SIZE), seen: new Uint8Array(START_SIZE) };
  /** -1 for none. */
  private readonly ints = { process: new Int32Array(START_SIZE) };
  private readonly counts = { orig: new CountColumn(START_SIZE), resp: new CountColumn(START_SIZE) };
  /** Open-addressing hash to the latest flow of two ends; row plus one, 0 is empty. */
  private table = new Int32Array(4 * START_SIZE);
  private lengthsKnown = true;

  /** Packet `i` of a batch, which is UDP. */
  packet(batch: PacketBatch, i: number): void {
    if ((batch.known[i]! & Known.ports) === 0 || batch.family[i] === Family.none || (batch.marks[i]! & Mark.fragment) !== 0) return;
    const from = batch.source[i]!;
    const to = batch.destination[i]!;
    const fromPort = batch.sourcePort[i]!;
    const toPort = batch.destinationPort[i]!;
    const family = batch.family[i]!;
    const time = batch.time[i]!;
    const mask = this.table.length - 1;
    let at = hashOf(from, to, fromPort, toPort) & mask;
    let row = -1;
    for (; this.table[at] !== 0; at = (at + 1) & mask) {
      const candidate = this.table[at]! - 1;
      if (!this.isBetween(candidate, from, to, fromPort, toPort, family)) continue;
      row = candidate;
      break;
    }
    if (row === -1 || time - this.doubles.last[row]! >= INACTIVITY_NS) {
      if (this.length === this.capacity) {
        this.grow();
        this.packet(batch, i);
        return;
      }
      row = this.open(batch, i);
      this.table[at] = row + 1;
    }
    const fromClient = this.words.client[row] === from && this.ports.client[row] === fromPort;
    if ((batch.known[i]! & Known.length) === 0) this.lengthsKnown = false;
    this.words.lastFrame[row] = batch.frame[i]!;
    if (batch.process[i]! >= 0) this.ints.process[row] = batch.process[i]!;
    if (time > this.doubles.last[row]!) this.doubles.last[row] = time;
    (fromClient ? this.counts.orig : this.counts.resp).add(row);
    this.doubles[fromClient ? "origBytes" : "respBytes"][row]! += batch.payloadLength[i]!;
    this.doubles[fromClient ? "origIpBytes" : "respIpBytes"][row]! += batch.ipLength[i]!;
    const seen = this.bytes.seen[row]!;
    this.bytes.seen[row] = fromClient ? seen | Seen.client : seen | Seen.server | ((seen & Seen.client) === 0 ? Seen.serverFirst : 0);
  }

  private open(batch: PacketBatch, i: number): number {
    const row = this.length++;
    const flipped = udpServerSpeaks(batch.sourcePort[i]!, batch.destinationPort[i]!) && !isBroadcast(batch, i);
    this.words.client[row] = flipped ? batch.destination[i]! : batch.source[i]!;
    this.words.server[row] = flipped ? batch.source[i]! : batch.destination[i]!;
    this.ports.client[row] = flipped ? batch.destinationPort[i]! : batch.sourcePort[i]!;
    this.ports.server[row] = flipped ? batch.sourcePort[i]! : batch.destinationPort[i]!;
    this.words.firstFrame[row] = batch.frame[i]!;
    this.bytes.family[row] = batch.family[i]!;
    this.ints.process[row] = -1;
    this.bytes.seen[row] = flipped ? Seen.flipped : 0;
    this.doubles.start[row] = batch.time[i]!;
    this.doubles.last[row] = batch.time[i]!;
    return row;
  }

  private isBetween(row: number, from: number, to: number, fromPort: number, toPort: number, family: number): boolean {
    if (this.bytes.family[row] !== family) return false;
    const { client, server } = this.words;
    const ports = this.ports;
    if (client[row] === from && server[row] === to && ports.client[row] === fromPort && ports.server[row] === toPort) return true;
    return client[row] === to && server[row] === from && ports.client[row] === toPort && ports.server[row] === fromPort;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const columns of [this.words, this.ports, this.doubles, this.bytes, this.ints]) growAll(columns, this.capacity);
    for (const column of Object.values(this.counts)) column.grow(this.capacity);
    const latest = this.table.filter((entry) => entry !== 0);
    this.table = new Int32Array(4 * this.capacity);
    const mask = this.table.length - 1;
    for (const entry of latest) {
      const row = entry - 1;
      let at = hashOf(this.words.client[row]!, this.words.server[row]!, this.ports.client[row]!, this.ports.server[row]!) & mask;
      while (this.table[at] !== 0) at = (at + 1) & mask;
      this.table[at] = entry;
    }
  }

  part(addresses: AddressTexts, { base, processes }: Pick<CaptureInfo, "base" | "processes">, source: number): TablePart {
    const { length, words, ports, doubles, bytes, counts, ints } = this;
    const ids = (column: Uint32Array) =>
      addresses.column(Uint32Array.from({ length }, (_, row) => addresses.id(column[row]!, bytes.family[row]!)));
    const duration = doubles.last.slice(0, length).map((last, row) => last - doubles.start[row]!);
    const columns = {
      client_ip: ids(words.client),
      client_port: numbers(ports.client, length),
      server_ip: ids(words.server),
      server_port: numbers(ports.server, length),
      start: times(doubles.start, length, base),
      duration: durations(duration, length),
      conn_state: enumerated(
        bytes.seen.map((seen) => seen & (Seen.client | Seen.server)),
        length,
        STATES,
      ),
      history: enumerated(bytes.seen, length, HISTORIES),
      ...(this.lengthsKnown && { orig_bytes: numbers(doubles.origBytes, length), resp_bytes: numbers(doubles.respBytes, length) }),
      orig_pkts: numbers(counts.orig.values, length),
      resp_pkts: numbers(counts.resp.values, length),
      orig_ip_bytes: numbers(doubles.origIpBytes, length),
      resp_ip_bytes: numbers(doubles.respIpBytes, length),
      first_frame: numbers(words.firstFrame, length, 0),
      last_frame: numbers(words.lastFrame, length, 0),
      ...processColumns(ints.process, length, processes),
    };
    return { table: "udp_flows", source, unit: "frame", length, at: words.firstFrame.slice(0, length), columns };
  }
}

/** The same for both directions. */
function hashOf(from: number, to: number, fromPort: number, toPort: number): number {
  const hash =
    Math.imul(from ^ to, 0x9e3779b1) ^
    Math.imul((from + to) | 0, 0xc2b2ae35) ^
    Math.imul(fromPort ^ toPort, 0x85ebca6b) ^
    Math.imul(fromPort + toPort, 0x27d4eb2f);
  return hash ^ (hash >>> 15);
}

function isBroadcast(batch: PacketBatch, i: number): boolean {
  return batch.family[i] === Family.ipv4 && batch.destination[i] === 0xffffffff;
}
