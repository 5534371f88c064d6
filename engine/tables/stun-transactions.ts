import { STUN_METHODS } from "../decoders/stun.ts";
import { declareTable } from "./table.ts";

/** Requests to STUN and TURN servers with what came of them, whatever shows it. */
export const stunTransactions = declareTable({
  name: "stun_transactions",
  shownBy: "capture, probe or transcript of a STUN or TURN request",
  protocol: "stun",
  about: "One STUN or TURN request with its answer, if any: in a capture, or as a probe or a script's transcript tells it.",
  host: "server_ip",
  peer: "client_ip",
  time: "time",
  columns: {
    time: { type: "time", about: "When the request was first sent; of an answer whose request is not shown, when it came" },
    via: { type: "enum", values: ["capture", "probe", "transcript"], about: "What shows it" },
    transport: { type: "enum", values: ["udp", "tcp"], about: "Transport" },
    client_ip: { type: "ip", about: "Who asks; null in a probe or transcript" },
    client_port: { type: "port", about: "Its port; null where a text export does not show it" },
    server_ip: { type: "ip", about: "Who is asked" },
    server_port: { type: "port", about: "Its port; null where a text export does not show it" },
    method: { type: "enum", values: STUN_METHODS, about: "Method; a TURN client's first is allocate" },
    microsoft: { type: "boolean", about: "The request carries the cookie of [MS-TURN]; null where that is not shown" },
    requests: { type: "integer", about: "Times the request was sent, 0 where only its answer was seen; null if not known" },
    answered: {
      type: "boolean",
      about: "An answer came, an error included; null where the capture ends too early after the request, or shows too little, to tell",
    },
    outcome: { type: "enum", values: ["success", "error"], about: "Kind of the answer; null if there is none" },
    error_code: { type: "integer", about: "Error code of the answer: 401 asks for credentials, 438 says that the nonce is stale" },
    reason: { type: "text", about: "Its reason phrase" },
    server_answers: { type: "boolean", about: "The same server answers this or another request in the same source" },
    response_time: { type: "duration", about: "Last request to answer" },
    mapped_ip: { type: "ip", about: "Address the server saw the client at" },
    mapped_port: { type: "port", about: "Its port" },
    relayed_ip: { type: "ip", about: "Address of the relay that was allocated" },
    relayed_port: { type: "port", about: "Its port" },
    request_frames: { type: "frames", about: "The request and its repetitions, at most 16" },
    response_frame: { type: "frame", about: "The answer" },
  },
});
