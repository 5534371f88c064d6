import { lookup } from "node:dns/promises";
import { type AddressInfo, BlockList, isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { listenFailure } from "./start-failure.ts";

/** Lets requests in, and returns the address to reach it by: `http://127.0.0.1:8080`, one of this machine where it listens on all. Rejects as `listenFailure` says. */
export async function listen(app: FastifyInstance, host: string, port: number, flags?: string): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw listenFailure(error, host, port, flags);
  }
  const { address, port: actual } = app.server.address() as AddressInfo;
  const shown = address === "0.0.0.0" || address === "::" ? "localhost" : isIPv6(address) ? `[${address}]` : address;
  return `http://${shown}:${actual}`;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether an address is one of this machine's own, by which nobody else can ask. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** Whether a name or address leads to this machine alone. */
export async function isLoopback(host: string): Promise<boolean> {
  try {
    const found = await lookup(host, { all: true });
    return found.length > 0 && found.every(({ address }) => isLoopbackAddress(address));
  } catch (error) {
    throw listenFailure(error, host, 0);
  }
}
