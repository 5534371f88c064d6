import { PacketStream } from "../../engine/decoders/packet-stream.ts";
import { type CollectedPacket, packetAt } from "./collect.ts";

/** A frame of a link type, captured whole unless `wireLength` says it was longer. */
export interface LinkFrame {
  linkType?: number;
  bytes: Uint8Array;
  wireLength?: number;
  /** Nanoseconds. */
  time?: number;
}

/** The packets that frames of one capture decode to, in order of frame. */
export function decodeFrames(frames: readonly LinkFrame[]): CollectedPacket[] {
  const packets: CollectedPacket[] = [];
  const stream = new PacketStream((batch) => {
    for (let i = 0; i < batch.count; i++) packets.push(packetAt(batch, i));
  });
  for (const { bytes, linkType = 1, wireLength = bytes.length, time = 0 } of frames) {
    stream.frame(bytes, 0, bytes.length, wireLength, time, linkType);
    stream.flush();
  }
  return packets;
}

/** The packet a single frame decodes to. */
export function decodeOne(bytes: Uint8Array, linkType = 1, wireLength = bytes.length): CollectedPacket {
  return decodeFrames([{ bytes, linkType, wireLength }])[0]!;
}
