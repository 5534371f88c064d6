import type { StunAddress, StunMessage, StunMethod } from "../decoders/stun.ts";
import type { Value } from "./table.ts";

/** Requests waiting for their answer that are remembered; further ones are not looked at. */
const MAX_PENDING = 20_000;
/** Servers remembered as answering. */
const MAX_SERVERS = 10_000;
const MAX_FRAMES = 16;
/** Time to wait for an answer until a request counts as unanswered: twice RFC 8489's first two timeouts (500 ms, then 1 s). */
const PATIENCE_NS = 3_000_000_000;
/** Answered requests remembered, so that a repetition of either is not taken for another. */
const MAX_DONE = 5000;

/** A message with where and when it was seen. Ports and transaction are null where a text export does not show them. */
export interface SeenStun {
  readonly frame: number;
  /** Nanoseconds since the Unix epoch; null where nothing tells. */
  readonly time: bigint | null;
  /** Nanoseconds from the start of the capture, NaN where the order is all that is known. */
  readonly elapsed: number;
  readonly sourceIp: string;
  readonly sourcePort: number | null;
  readonly destinationIp: string;
  readonly destinationPort: number | null;
  readonly class: StunMessage["class"];
  readonly method: StunMethod;
  readonly transaction: string | null;
  readonly microsoft: boolean | null;
  readonly errorCode: number | null;
  readonly reason: string | null;
  readonly mapped: StunAddress | null;
  readonly relayed: StunAddress | null;
}

interface Pending {
  readonly first: SeenStun;
  readonly frames: number[];
  requests: number;
  latest: SeenStun;
}

type EmitRow = (values: Readonly<Record<string, Value>>, frame: number) => void;

/** Puts requests and answers of one capture together to rows of `stun_transactions`. */
export class StunPairs {
  private readonly emit: EmitRow;
  private readonly pending = new Map<string, Pending>();
  private readonly done = new Set<string>();
  private readonly answering = new Set<string>();

  constructor(emit: EmitRow) {
    this.emit = emit;
  }

  message(message: SeenStun): void {
    // Indications carry media and get no answer; nor does what [MS-TURN] sends with the number of refresh.
    if (message.class === "indication") {
      if (message.method === "data") this.answers(message.sourceIp);
    } else if (message.class === "request") this.request(message);
    else this.answer(message);
  }

  private request(message: SeenStun): void {
    if (message.method === "data" || (message.method === "refresh" && message.microsoft)) return;
    const key = keyOf(message, message.sourceIp, message.sourcePort, message.destinationIp, message.destinationPort);
    const known = this.pending.get(key);
    if (known) {
      known.requests++;
      known.latest = message;
      if (known.frames.length < MAX_FRAMES) known.frames.push(message.frame);
    } else if (!this.done.has(key) && this.pending.size < MAX_PENDING)
      this.pending.set(key, { first: message, frames: [message.frame], requests: 1, latest: message });
  }

  private answer(message: SeenStun): void {
    this.answers(message.sourceIp);
    const key = keyOf(message, message.destinationIp, message.destinationPort, message.sourceIp, message.sourcePort);
    const asked = this.pending.get(key);
    if (!asked && this.done.has(key)) return;
    this.pending.delete(key);
    if (message.transaction !== null && this.done.size < MAX_DONE) this.done.add(key);
    const seconds = asked ? (message.elapsed - asked.latest.elapsed) / 1e9 : Number.NaN;
    this.emit(
      {
        time: asked ? asked.first.time : message.time,
        via: "capture",
        transport: "udp",
        client_ip: message.destinationIp,
        client_port: message.destinationPort,
        server_ip: message.sourceIp,
        server_port: message.sourcePort,
        method: message.method,
        microsoft: asked?.first.microsoft ?? message.microsoft,
        requests: asked?.requests ?? 0,
        answered: true,
        outcome: message.class === "success" ? "success" : "error",
        error_code: message.errorCode,
        reason: message.reason,
        server_answers: true,
        response_time: Number.isNaN(seconds) ? null : seconds,
        mapped_ip: message.mapped?.ip ?? null,
        mapped_port: message.mapped?.port ?? null,
        relayed_ip: message.relayed?.ip ?? null,
        relayed_port: message.relayed?.port ?? null,
        request_frames: asked?.frames ?? null,
        response_frame: message.frame,
      },
      asked?.frames[0] ?? message.frame,
    );
  }

  private answers(server: string): void {
    if (this.answering.size < MAX_SERVERS) this.answering.add(server);
  }

  /**
   * The capture ended, `elapsed` nanoseconds after its start. `excerpt`: rows may be missing, so that only a request that was repeated
   * shows that no answer came.
   */
  end(elapsed: number, excerpt = false): void {
    for (const { first, frames, requests } of this.pending.values()) {
      const waited = elapsed - first.elapsed >= PATIENCE_NS || (Number.isNaN(elapsed - first.elapsed) && requests > 1);
      this.emit(
        {
          time: first.time,
          via: "capture",
          transport: "udp",
          client_ip: first.sourceIp,
          client_port: first.sourcePort,
          server_ip: first.destinationIp,
          server_port: first.destinationPort,
          method: first.method,
          microsoft: first.microsoft,
          requests,
          answered: waited && (!excerpt || requests > 1) ? false : null,
          server_answers: this.answering.has(first.destinationIp),
          request_frames: frames,
        },
        first.frame,
      );
    }
    this.pending.clear();
  }
}

/** A text export shows neither transaction nor ports: there a client's requests of one method to one server are one until they are answered. */
function keyOf(
  { transaction, method }: SeenStun,
  client: string,
  clientPort: number | null,
  server: string,
  serverPort: number | null,
): string {
  return `${client} ${clientPort ?? ""} ${server} ${serverPort ?? ""} ${transaction ?? ""} ${method}`;
}
