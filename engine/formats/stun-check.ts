import type { Emit, TextFormat, TextReader } from "./format.ts";

/** Where a script sends its request, unless its command names another port. */
const STUN_PORT = 3478;
const COMMAND = /(?:^|[>#$\s\\/])[\w.-]{1,60}\.ps1["']?\s+["']?([\w.:-]{1,255})["']?\s*$/i;
const BEGIN = /\bTURN server port allocation request at UDP port (\d{1,5})\b/i;
const ANSWER = /\bReceived response from STUN Server\b/i;
const TIMED_OUT = /\brequest timed out, STUN Server ['‘’"]([^'‘’"\s]{1,255})['‘’"]/i;
const NO_ANSWER = /\bSTUN Server either is not reachable or doesn.t respond/i;
const NO_NAME = /\bRequested name ['‘’"]([^'‘’"\s]{1,255})['‘’"] could not be resolved(?:, error code:\s*(\S{1,20}))?/i;

/**
 * Transcript of a script that sends one Allocate request to an Audio/Video Edge server and says whether an answer came. The server is
 * named by the command or by the message about the timeout. An answer it counts asks for credentials: error 401.
 *
 *     PS C:\> .\turn.ps1 av.contoso.com
 *     Received response from STUN Server!
 */
export const stunCheck: TextFormat = {
  kind: "text",
  id: "stun-check",
  title: "transcript of a STUN/TURN check",
  unit: "line",
  tables: ["probe_results", "stun_transactions"],
  detect: (lines) => lines.some((line) => [BEGIN, ANSWER, TIMED_OUT, NO_ANSWER].some((shape) => shape.test(line.slice(0, 1000)))),
  reader: (emit) => new StunCheckReader(emit),
};

class StunCheckReader implements TextReader {
  private readonly emit: Emit;
  private server: string | null = null;
  private port = STUN_PORT;
  private told = 0;

  constructor(emit: Emit) {
    this.emit = emit;
    // A transcript has no times that could be of another zone.
    emit.utc();
  }

  line(raw: string, at: number): void {
    const text = raw.slice(0, 1000);
    const begin = BEGIN.exec(text);
    const [timedOut, noName] = [TIMED_OUT.exec(text), NO_NAME.exec(text)];
    if (begin) this.port = Number(begin[1]) <= 65535 ? Number(begin[1]) : STUN_PORT;
    else if (timedOut) this.result(false, timedOut[1]!, at);
    else if (NO_ANSWER.test(text)) this.result(false, this.server, at);
    else if (ANSWER.test(text)) this.result(true, this.server, at);
    else if (noName) this.unresolved(noName[1]!, noName[2] ?? null, at);
    else this.server = COMMAND.exec(text)?.[1]?.toLowerCase() ?? this.server;
  }

  private result(answered: boolean, server: string | null, at: number): void {
    this.told++;
    const asked = { method: "allocate", transport: "udp", server_ip: server?.toLowerCase() ?? null, server_port: this.port } as const;
    const answer = answered ? { outcome: "error", error_code: 401 } : {};
    this.emit.row("stun_transactions", { via: "transcript", ...asked, requests: 1, answered, server_answers: answered, ...answer }, at);
    [this.server, this.port] = [null, STUN_PORT];
  }

  /** No request was sent at all. */
  private unresolved(name: string, code: string | null, at: number): void {
    const tested = { target: `${name}:${this.port}`, name: name.toLowerCase(), port: this.port, transport: "udp" } as const;
    const found = { step: "name", outcome: "failed", reason: "not_found", detail: code === null ? null : `error code ${code}` } as const;
    this.emit.row("probe_results", { tool: "STUN/TURN check", kind: "stun", ...tested, ...found }, at);
  }

  end(): void {
    if (this.told > 0) this.emit.coverage({ table: "stun_transactions", host: null, side: null, from: null, to: null, complete: true });
  }
}
