import type { Place, ProtocolEmit } from "./stream-protocol.ts";

/** One UDP payload with its ends; `bytes` stay valid until the call returns, and are shorter than `length` where the capture cut them off. */
export interface Datagram extends Place {
  readonly sourceIp: string;
  readonly sourcePort: number;
  readonly destinationIp: string;
  readonly destinationPort: number;
  readonly bytes: Uint8Array;
  /** Payload on the wire, bytes. */
  readonly length: number;
}

/** Reads the datagrams of one protocol at one capture point, in the order they were captured. */
export interface DatagramReader {
  datagram(datagram: Datagram): void;
  /** The capture ended, with a packet of any kind at `until` where its times are known: what never got its answer can be told now. */
  end(until: bigint | null): void;
}

/** A protocol over UDP, known by a port of either end, or by its bytes whatever the port. */
export interface DatagramProtocol {
  /** The protocol's usual name, lower case. */
  readonly id: string;
  readonly ports: readonly number[];
  /** Whether the payload from `at` to `end` is the protocol's, on any port; called for every UDP packet. */
  recognises?(bytes: Uint8Array, at: number, end: number): boolean;
  open(emit: ProtocolEmit): DatagramReader;
}
