import { type IncomingHttpHeaders, request } from "node:http";
import type { Socket } from "node:net";
import { within } from "./step.ts";

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most `MAX_BODY` of it. */
  readonly body: string;
}

export interface Message {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const MAX_BODY = 1024 * 1024;

/** One request over a connection that is there, which it ends. */
export async function exchange(socket: Socket, { method, url, headers, body }: Message, timeout: number): Promise<Exchange> {
  const answer = new Promise<Exchange>((resolve, reject) => {
    const sent = request(
      {
        createConnection: () => socket,
        method,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, "user-agent": "casebook-probe", connection: "close", ...headers },
      },
      (response) => {
        const pieces: Buffer[] = [];
        let length = 0;
        response.on("data", (piece: Buffer) => {
          if (length < MAX_BODY) pieces.push(piece);
          length += piece.length;
          if (length >= MAX_BODY) response.destroy();
        });
        response.once("close", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces).toString("utf8") }),
        );
        response.once("error", () => {});
      },
    );
    sent.once("error", reject).end(body);
  });
  try {
    return await within(answer, timeout);
  } finally {
    answer.catch(() => {});
    socket.on("error", () => {}).destroy();
  }
}
