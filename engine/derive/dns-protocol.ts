import { type DnsMessage, type DnsRecord, decodeDns, dnsTypeName } from "../decoders/dns.ts";
import { type Answer, type AnswerRecord, answerCells, outcomeOfCode } from "../tables/dns-rows.ts";
import type { Value } from "../tables/table.ts";
import type { Datagram, DatagramProtocol, DatagramReader } from "./datagram-protocol.ts";
import type { Place, ProtocolEmit } from "./stream-protocol.ts";

const DNS_PORT = 53;
/** Questions waiting for their answer that are remembered; the oldest are forgotten first. */
const MAX_PENDING = 20_000;
/** Times a question is asked in vain until it counts as unanswered, whatever comes after it. */
const ASKED_OFTEN = 3;
/** Later DNS traffic after which an unanswered question was not just cut off by the end of the capture: resolvers give up sooner. */
const PATIENCE_NS = 10_000_000_000n;

interface Question {
  readonly name: string;
  readonly type: string;
  readonly client: string;
  readonly server: string;
  readonly place: Place;
  copies: number;
}

/** DNS over UDP, RFC 1035: answers with the names' addresses, and questions nobody answered. */
export const dnsProtocol: DatagramProtocol = {
  id: "dns",
  ports: [DNS_PORT],
  open: (emit) => new DnsReader(emit),
};

class DnsReader implements DatagramReader {
  private readonly emit: ProtocolEmit;
  private readonly pending = new Map<string, Question>();
  private latest: bigint | null = null;
  private answers = 0;

  constructor(emit: ProtocolEmit) {
    this.emit = emit;
  }

  datagram(datagram: Datagram): void {
    const message = decodeDns(datagram.bytes, 0, datagram.bytes.length);
    const question = message?.questions[0];
    if (message?.opcode !== 0 || !question || question.name === "") return;
    if (datagram.time !== null && (this.latest === null || datagram.time > this.latest)) this.latest = datagram.time;
    const type = dnsTypeName(question.type);
    const [client, server] = message.response
      ? [`${datagram.destinationIp} ${datagram.destinationPort}`, datagram.sourceIp]
      : [`${datagram.sourceIp} ${datagram.sourcePort}`, datagram.destinationIp];
    const key = `${client} ${server} ${message.id} ${type} ${question.name.toLowerCase()}`;
    if (message.response) this.answer(message, datagram, type, this.take(key));
    else this.ask(key, { name: question.name, type, client: datagram.sourceIp, server, place: placeOf(datagram), copies: 1 });
  }

  private ask(key: string, question: Question): void {
    const known = this.pending.get(key);
    if (known) known.copies++;
    else {
      if (this.pending.size >= MAX_PENDING) this.pending.delete(this.pending.keys().next().value!);
      this.pending.set(key, question);
    }
  }

  private take(key: string): Question | undefined {
    const question = this.pending.get(key);
    this.pending.delete(key);
    return question;
  }

  private answer(message: DnsMessage, datagram: Datagram, type: string, question: Question | undefined): void {
    this.answers++;
    const answer: Answer = {
      name: message.questions[0]!.name,
      type,
      outcome: outcomeOfCode(message.responseCode),
      records: [...message.answers, ...message.others].map(asRecord),
      cut: message.truncated || !message.whole,
    };
    const waited = question && datagram.time !== null && question.place.time !== null ? datagram.time - question.place.time : null;
    const place = {
      host: [datagram.destinationIp],
      time: datagram.time,
      client_ip: datagram.destinationIp,
      server_ip: datagram.sourceIp,
      response_time: waited === null ? null : Number(waited) / 1e9,
      question_frame: question?.place.frame ?? null,
    };
    for (const cells of answerCells(answer)) this.row({ ...place, ...cells }, datagram.frame);
  }

  private row(cells: Record<string, Value>, frame: number): void {
    this.emit.row("dns_answers", { tool: "capture", ...cells }, frame);
  }

  end(): void {
    // A capture of one direction shows no answer to anything.
    if (this.answers === 0) return;
    for (const { name, type, client, server, place, copies } of this.pending.values()) {
      const later = this.latest !== null && place.time !== null && this.latest - place.time >= PATIENCE_NS;
      if (copies < ASKED_OFTEN && !later) continue;
      const cells = answerCells({ name, type, outcome: "unanswered", records: [], cut: false })[0]!;
      const asked = { host: [client], time: place.time, client_ip: client, server_ip: server, question_frame: place.frame };
      this.row({ ...asked, ...cells }, place.frame);
    }
  }
}

function placeOf({ frame, time }: Datagram): Place {
  return { frame, time };
}

function asRecord({ name, type, timeToLive, address, target, port }: DnsRecord): AnswerRecord {
  return { name, type: dnsTypeName(type), timeToLive, address, target, port };
}
