import type { DatagramProtocol } from "./datagram-protocol.ts";
import type { StreamProtocol } from "./stream-protocol.ts";

/** Protocols read in TCP connections, alphabetical by id. The first whose `starts` says yes reads the connection. */
export const streamProtocols: readonly StreamProtocol[] = [];

/** Protocols read in UDP packets, alphabetical by id. A packet goes to the first that lists its port or recognises it. */
export const datagramProtocols: readonly DatagramProtocol[] = [];
