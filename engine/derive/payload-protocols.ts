import type { DatagramProtocol } from "./datagram-protocol.ts";
import { dnsProtocol } from "./dns-protocol.ts";
import { rpcStream } from "./rpc-stream.ts";
import type { StreamProtocol } from "./stream-protocol.ts";
import { stunProtocol } from "./stun-protocol.ts";
import { tlsStream } from "./tls-stream.ts";

/** What reads payloads. */
export interface PayloadProtocols {
  /** Read in TCP connections; the first whose `starts` says yes reads the connection. */
  readonly streams: readonly StreamProtocol[];
  /** Read in UDP packets; a packet goes to the first that lists its port, or else recognises it. */
  readonly datagrams: readonly DatagramProtocol[];
}

/** The shipped protocols, alphabetical by id. */
export const payloadProtocols: PayloadProtocols = {
  streams: [rpcStream, tlsStream],
  datagrams: [dnsProtocol, stunProtocol],
};
