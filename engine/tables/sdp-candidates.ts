import { declareTable } from "./table.ts";

/** Addresses that the ends of a call offer each other, from SIP messages of traces. */
export const sdpCandidates = declareTable({
  name: "sdp_candidates",
  shownBy: "SIPStack or UCCAPI trace of a call",
  protocol: "sip",
  about:
    "One transport address a SIP message offers for media: a candidate of ICE (RFC 8445), a media line, or a relay its diagnostics name.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine the trace was taken on; null if nothing tells" },
    time: { type: "time", about: "When the message was logged" },
    direction: { type: "enum", values: ["incoming", "outgoing"], about: "Of the message, seen from the machine of the trace" },
    call_id: { type: "text", about: "Call-ID of the message" },
    media: { type: "text", about: "Media the address is for: `audio`, `video`, `applicationsharing`" },
    source: {
      type: "enum",
      values: ["candidate", "remote_candidate", "media_line", "diagnostics"],
      words: {
        candidate: "an a=candidate line",
        remote_candidate: "an a=remote-candidates line",
        media_line: "the m= and c= lines",
        diagnostics: "the diagnostics header",
      },
      about:
        "What names it: `a=candidate`, `a=remote-candidates` (what was chosen), `m=` with `c=` (the default), or ms-client-diagnostics",
    },
    component: { type: "integer", about: "ICE component, 1 RTP, 2 RTCP; null of a media line" },
    transport: { type: "text", about: "Transport as written: `UDP`, `TCP-PASS`, `TCP-ACT`" },
    protocol: { type: "enum", values: ["tcp", "udp"], about: "Transport protocol" },
    ip: { type: "ip", about: "Address" },
    port: { type: "port", about: "Port" },
    type: {
      type: "enum",
      values: ["host", "srflx", "prflx", "relay"],
      words: { host: "of the host itself", srflx: "server reflexive", prflx: "peer reflexive", relay: "of a relay" },
      about: "Type of the candidate, RFC 8445 section 5.1.1; null where the line does not say",
    },
    related_ip: { type: "ip", about: "raddr: of a relay or reflexive candidate, the address it stands for" },
    related_port: { type: "port", about: "rport: its port" },
  },
});
