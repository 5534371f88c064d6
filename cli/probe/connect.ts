import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { beginStep, networkProblem, type ProbeContext, type ProbeTarget, within } from "./step.ts";

/** Addresses of one name that are tried. */
const MAX_ADDRESSES = 8;

/** Resolves the target's name as programs on this machine do; no addresses where that fails, which is reported. */
export async function resolveName(context: ProbeContext, target: ProbeTarget): Promise<readonly string[]> {
  const { name } = target;
  if (isIP(name) !== 0) return [name];
  const end = beginStep(context, target);
  try {
    const found = await within(lookup(name, { all: true, verbatim: true }), context.timeout);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const [ip] = addresses;
    if (ip === undefined) end({ step: "name", outcome: "failed", reason: "no_address" });
    else end({ step: "name", outcome: "passed", ip, detail: addresses.join(", ") });
    return addresses.slice(0, MAX_ADDRESSES);
  } catch (error) {
    end({ step: "name", outcome: "failed", ...networkProblem(error) });
    return [];
  }
}

/** A TCP connection to the first address that takes one; null where none does, which is reported. */
export async function connectFirst(
  context: ProbeContext,
  target: ProbeTarget,
  addresses: readonly string[],
): Promise<{ readonly socket: Socket; readonly ip: string } | null> {
  const end = beginStep(context, target);
  const problems: { reason: string; detail: string }[] = [];
  for (const ip of addresses) {
    context.signal.throwIfAborted();
    try {
      const socket = await open(ip, target.port!, context);
      end({ step: "connect", outcome: "passed", ip, detail: problems.map(({ detail }) => detail).join("; ") || undefined });
      return { socket, ip };
    } catch (error) {
      context.signal.throwIfAborted();
      problems.push(networkProblem(error));
    }
  }
  const [first] = problems;
  end({ step: "connect", outcome: "failed", ...first, ip: addresses[0], detail: problems.map(({ detail }) => detail).join("; ") });
  return null;
}

async function open(host: string, port: number, { timeout, signal }: ProbeContext): Promise<Socket> {
  const socket = connectTcp({ host, port, signal });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
  try {
    return await within(connected, timeout);
  } catch (error) {
    connected.catch(() => {});
    socket.on("error", () => {}).destroy();
    throw error;
  }
}
