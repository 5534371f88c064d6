import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { Problem } from "../problem.ts";
import { sendProblem } from "./errors.ts";

/** What has to come in within the idle time at least: a client that sends a byte now and then would hold a connection for ever. */
const LEAST_BYTES = 4 * 1024;
/** How long a client that was answered may go on sending, in milliseconds: cut off at once, it might not see the answer. */
const LINGER = 5_000;

/** Ends requests whose body hardly comes in, and connections that go on sending what nobody wants. */
export function dropSlowClients(app: FastifyInstance, { idleTimeout }: { readonly idleTimeout: number }): void {
  app.addHook("onRequest", async (request, reply) => {
    const { raw } = request;
    if (!hasBody(raw)) return;
    let received = raw.socket.bytesRead;
    const watch = setInterval(() => {
      const now = raw.socket.bytesRead;
      const slow = now - received < LEAST_BYTES && !isHeldUp(raw);
      received = now;
      if (!slow) return;
      clearInterval(watch);
      if (!reply.sent) sendProblem(tooSlow(idleTimeout), request, reply);
      // Whoever reads the body learns by its breaking off.
      setTimeout(() => raw.destroy(), LINGER / 10).unref();
    }, idleTimeout);
    watch.unref();
    const stop = () => clearInterval(watch);
    raw.once("end", stop).once("close", stop);
    reply.raw.once("finish", () => {
      if (!raw.readableEnded) discardRest(raw);
    });
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
}

/** The server itself does not read on: its disk is slow, not the client. */
function isHeldUp(raw: IncomingMessage): boolean {
  return raw.readableLength >= raw.readableHighWaterMark;
}

function tooSlow(idleTimeout: number): Problem {
  return new Problem(408, "too-slow", `Hardly anything of the body came in for ${idleTimeout / 1000} s.`, {
    whatToDo: "Nothing was kept. Send it again over a better connection.",
    headers: { connection: "close" },
  });
}

function discardRest(raw: IncomingMessage): void {
  const cut = setTimeout(() => raw.destroy(), LINGER);
  cut.unref();
  raw.once("end", () => clearTimeout(cut)).once("close", () => clearTimeout(cut));
  raw.resume();
}
