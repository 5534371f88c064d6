import type { Socket } from "node:net";
import { Failure } from "../failure.ts";
import { quote } from "../verb.ts";
import { connectFirst, resolveName } from "./connect.ts";
import { handshake } from "./handshake.ts";
import { exchange } from "./http.ts";
import { beginStep, networkProblem, type ProbeContext, type ProbeTarget } from "./step.ts";

/** A URL as people give it: whole, or a name with or without a port, which is then HTTPS. */
export function readUrl(text: string): URL {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}/`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "")
    throw new Failure(`${quote(text)} is no URL or name`, "Use https://meet.contoso.com/ or meet.contoso.com");
  if (url.username !== "" || url.password !== "")
    throw new Failure(
      "a URL may not hold credentials: they would stand in the evidence file",
      "Use casebook probe ews for what asks for credentials",
    );
  return url;
}

export function targetOf(url: URL, kind: ProbeTarget["kind"], role?: ProbeTarget["role"]): ProbeTarget {
  const name = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = Number(url.port || (url.protocol === "http:" ? 80 : 443));
  return { kind, ...(role !== undefined && { role }), target: url.href, name, port, transport: "tcp" };
}

/** Everything up to a connection on which a request may be sent; null where a step before failed. */
export async function reach(
  context: ProbeContext,
  url: URL,
  target: ProbeTarget,
): Promise<{ readonly socket: Socket; readonly ip: string } | null> {
  const addresses = await resolveName(context, target);
  context.signal.throwIfAborted();
  const connected = addresses.length > 0 ? await connectFirst(context, target, addresses) : null;
  if (!connected || url.protocol === "http:") return connected;
  const secure = await handshake(context, target, connected.socket, connected.ip);
  if (!secure) connected.socket.destroy();
  context.signal.throwIfAborted();
  return secure && { socket: secure, ip: connected.ip };
}

/** Tests one URL step by step: name, connection, TLS, certificate, and what HTTP answers. */
export async function probeUrl(context: ProbeContext, url: URL, role?: ProbeTarget["role"]): Promise<void> {
  const target = targetOf(url, "url", role);
  const reached = await reach(context, url, target);
  if (!reached) return;
  const end = beginStep(context, target);
  try {
    const { status } = await exchange(reached.socket, { method: "GET", url }, context.timeout);
    const answered = { step: "http", status, ip: reached.ip, detail: `HTTP ${status}` } as const;
    end(status >= 500 ? { ...answered, outcome: "failed", reason: "status" } : { ...answered, outcome: "passed" });
  } catch (error) {
    end({ step: "http", outcome: "failed", ip: reached.ip, ...networkProblem(error) });
  }
}
