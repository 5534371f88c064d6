import { sameWithin } from "./recorded-twice.ts";
import { type SegmentLog, Shape, shapeLength } from "./segment-log.ts";
import type { AnalysedCapture } from "./source-result.ts";

/** Segments before it, of any session, among which the first of the two is looked for. */
const LOOKED_AT = 64;
/** Segments without data that tell whether a capture records twice, at most. */
const SAMPLE = 4096;
/** Of these the share that must have a twin, with the same IP identification, for the capture to be one that does. */
const TWICE = 0.25;
const IP_ID = 0xffff;
/** Longest time between the two, ns: that a packet is recorded twice is known of the capture, which tells as much as an identification. */
const AGAIN = sameWithin(IP_ID);

/**
 * By segment of a log: the capture holds it twice, other packets in between, and this is the second. Null where the capture is not one
 * that records packets twice: single twins are segments sent again at once, which a capture taken elsewhere may lack.
 */
export function twinSegments({ quality, segments }: AnalysedCapture): Uint8Array | null {
  // Where every packet comes twice some come one right behind the other, which the analyser has counted.
  if (!segments || quality.duplicates === 0) return null;
  let [asked, twins] = [0, 0];
  for (let i = 0; i < segments.count && asked < SAMPLE; i++) {
    if (shapeLength(segments.shape[i]!) > 0 || (segments.print[i]! & IP_ID) === 0) continue;
    asked++;
    if (hasTwin(segments, i)) twins++;
  }
  if (asked === 0 || twins < asked * TWICE) return null;
  return Uint8Array.from({ length: segments.count }, (_, i) => (hasTwin(segments, i) ? 1 : 0));
}

function hasTwin(log: SegmentLog, i: number): boolean {
  if (!(log.shape[i]! & Shape.knownSeq)) return false;
  for (let k = i - 1; k >= Math.max(0, i - LOOKED_AT) && log.time[i]! - log.time[k]! < AGAIN; k--) {
    if (
      log.seq[k] === log.seq[i] &&
      log.stream[k] === log.stream[i] &&
      log.ack[k] === log.ack[i] &&
      log.shape[k] === log.shape[i] &&
      log.print[k] === log.print[i]
    )
      return true;
  }
  return false;
}
