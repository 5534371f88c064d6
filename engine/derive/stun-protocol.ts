import { decodeStun, isStun } from "../decoders/stun.ts";
import { StunPairs } from "../tables/stun-pairs.ts";
import type { Datagram, DatagramProtocol, DatagramReader } from "./datagram-protocol.ts";
import type { ProtocolEmit } from "./stream-protocol.ts";

/** STUN and TURN over UDP: RFC 5389, RFC 5766 and [MS-TURN], known by their cookies, on port 3478 by their shape. */
export const stunProtocol: DatagramProtocol = {
  id: "stun",
  ports: [3478],
  recognises: isStun,
  open: (emit) => new StunReader(emit),
};

class StunReader implements DatagramReader {
  private readonly pairs: StunPairs;
  private start: bigint | null = null;

  constructor(emit: ProtocolEmit) {
    this.pairs = new StunPairs((values, frame) => emit.row("stun_transactions", values, frame));
  }

  datagram({ frame, time, bytes, length, ...ends }: Datagram): void {
    const message = decodeStun(bytes, 0, bytes.length, length);
    if (message) this.pairs.message({ frame, time, elapsed: this.elapsed(time), ...ends, ...message });
  }

  end(until: bigint | null): void {
    this.pairs.end(this.elapsed(until));
  }

  private elapsed(time: bigint | null): number {
    if (time === null) return Number.NaN;
    this.start ??= time;
    return Number(time - this.start);
  }
}
