// What Wireshark's `tcp.analysis` says of one segment.
export const ANALYSIS_RETRANSMISSION = 1;
export const ANALYSIS_LOST_SEGMENT = 2;
export const ANALYSIS_ACK_LOST_SEGMENT = 4;
export const ANALYSIS_KEEP_ALIVE = 8;
export const ANALYSIS_DUPLICATE_ACK = 16;
export const ANALYSIS_ZERO_WINDOW = 32;
export const ANALYSIS_ZERO_WINDOW_PROBE = 64;
export const ANALYSIS_ZERO_WINDOW_PROBE_ACK = 128;
export const ANALYSIS_KEEP_ALIVE_ACK = 256;
export const ANALYSIS_OUT_OF_ORDER = 512;
export const ANALYSIS_FAST_RETRANSMISSION = 1024;
export const ANALYSIS_WINDOW_UPDATE = 2048;
export const ANALYSIS_WINDOW_FULL = 4096;
export const ANALYSIS_SPURIOUS_RETRANSMISSION = 8192;
/** Any of the three kinds of retransmission; Wireshark's expert information counts all of them. */
export const ANALYSIS_ANY_RETRANSMISSION = 9217;

/** The same by the names Wireshark's fields have. */
export const Analysis = {
  retransmission: ANALYSIS_RETRANSMISSION,
  lostSegment: ANALYSIS_LOST_SEGMENT,
  ackLostSegment: ANALYSIS_ACK_LOST_SEGMENT,
  keepAlive: ANALYSIS_KEEP_ALIVE,
  duplicateAck: ANALYSIS_DUPLICATE_ACK,
  zeroWindow: ANALYSIS_ZERO_WINDOW,
  zeroWindowProbe: ANALYSIS_ZERO_WINDOW_PROBE,
  zeroWindowProbeAck: ANALYSIS_ZERO_WINDOW_PROBE_ACK,
  keepAliveAck: ANALYSIS_KEEP_ALIVE_ACK,
  outOfOrder: ANALYSIS_OUT_OF_ORDER,
  fastRetransmission: ANALYSIS_FAST_RETRANSMISSION,
  windowUpdate: ANALYSIS_WINDOW_UPDATE,
  windowFull: ANALYSIS_WINDOW_FULL,
  spuriousRetransmission: ANALYSIS_SPURIOUS_RETRANSMISSION,
  anyRetransmission: ANALYSIS_ANY_RETRANSMISSION,
} as const;
