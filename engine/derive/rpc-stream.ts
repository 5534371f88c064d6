import { ByteQueue } from "../decoders/byte-queue.ts";
import {
  decodeRpcBody,
  decodeRpcContexts,
  decodeRpcHeader,
  decodeRpcResults,
  looksLikeRpc,
  RPC_HEADER,
  type RpcBody,
  type RpcContext,
  type RpcHeader,
  RpcType,
} from "../decoders/dcerpc.ts";
import { activatedClass, BINDING_OPERATIONS, tcpBindings } from "../decoders/dcom-activation.ts";
import { decodeEptMapAnswer, ENDPOINT_MAPPER, EPT_MAP, NDR64 } from "../decoders/endpoint-mapper.ts";
import { RpcAnswers } from "./rpc-answers.ts";
import type { Place, ProtocolEmit, StreamConnection, StreamProtocol, StreamReader } from "./stream-protocol.ts";

/** Longest PDU: its length has 16 bits. */
const MAX_PDU = 0xffff;
/** Octets of one call's parameters that are put together from fragments. */
const MAX_STUB = 256 * 1024;
/** Calls of one connection that wait for their answer. */
const MAX_CALLS = 64;
/** Calls without a bind before them are only guessed at here. */
const MAPPER_PORT = 135;

/** A call on its way. */
interface Call {
  readonly opnum: number;
  readonly contextId: number;
  readonly frame: number;
  /** What it means; null if its interface was not seen. */
  readonly operation: string | null;
  request: Uint8Array;
  answer: Uint8Array;
  answerBytes: number;
  /** A fragment of the answer is encrypted, or there are too many. */
  unreadable: boolean;
}

/** Connection-oriented DCE/RPC: where the endpoint mapper, and DCOM's activation and OXID resolution, say that services listen. */
export const rpcStream: StreamProtocol = {
  id: "rpc",
  starts: (head) => (looksLikeRpc(head) ? (head.length < RPC_HEADER ? null : decodeRpcHeader(head) !== null) : false),
  open: (connection, emit) => new RpcReader(connection, emit),
};

class RpcReader implements StreamReader {
  private readonly connection: StreamConnection;
  private readonly answers: RpcAnswers;
  private readonly queues = [new ByteQueue(2 * MAX_PDU), new ByteQueue(2 * MAX_PDU)] as const;
  private offered: readonly RpcContext[] = [];
  private readonly contexts = new Map<number, { readonly uuid: string; wide: boolean }>();
  private readonly calls = new Map<number, Call>();
  private bound = false;

  constructor(connection: StreamConnection, emit: ProtocolEmit) {
    this.connection = connection;
    this.answers = new RpcAnswers(connection, emit);
  }

  read(fromClient: boolean, bytes: Uint8Array, place: Place): boolean {
    const queue = this.queues[fromClient ? 0 : 1];
    for (let at = 0; at < bytes.length; at += MAX_PDU) {
      if (!queue.push(bytes.subarray(at, at + MAX_PDU))) return false;
      while (queue.length >= RPC_HEADER) {
        const header = decodeRpcHeader(queue.bytes.subarray(0, RPC_HEADER));
        // What is no PDU is another protocol, or the stream was joined in the middle of one.
        if (!header) return false;
        if (queue.length < header.length) break;
        this.pdu(fromClient, header, queue.bytes.subarray(0, header.length), place);
        queue.drop(header.length);
      }
    }
    return !this.bound || this.isOfInterest();
  }

  gap(): boolean {
    // Where the next PDU begins nobody can tell.
    return false;
  }

  end(): void {}

  private isOfInterest(): boolean {
    return [...this.contexts.values()].some(({ uuid }) => uuid === ENDPOINT_MAPPER || uuid in BINDING_OPERATIONS);
  }

  private pdu(fromClient: boolean, header: RpcHeader, pdu: Uint8Array, place: Place): void {
    const { type, little } = header;
    if (type === RpcType.bind || type === RpcType.alterContext) this.offer(decodeRpcContexts(pdu, little));
    else if (type === RpcType.bindAck || type === RpcType.alterContextResponse) this.accept(decodeRpcResults(pdu, little));
    else if (type === RpcType.request || type === RpcType.response || type === RpcType.fault) {
      const body = decodeRpcBody(pdu, header);
      if (!body) return;
      if (type === RpcType.request && fromClient) this.request(header, body, place);
      else if (type !== RpcType.request && !fromClient) this.response(header, body, pdu.length, place);
    }
  }

  private offer(contexts: readonly RpcContext[]): void {
    this.bound = true;
    this.offered = contexts;
    for (const { id, uuid, syntaxes } of contexts) this.contexts.set(id, { uuid, wide: syntaxes[0] === NDR64 });
  }

  private accept(results: readonly (string | null)[]): void {
    for (const [n, { id }] of this.offered.entries()) {
      const context = this.contexts.get(id);
      const syntax = results[n];
      if (context && syntax) context.wide = syntax === NDR64;
    }
  }

  private request(header: RpcHeader, { contextId, opnum, stub }: RpcBody, { frame }: Place): void {
    const known = this.calls.get(header.callId);
    if (known && !header.first) {
      known.request = joined(known.request, stub) ?? known.request;
      return;
    }
    if (this.calls.size >= MAX_CALLS) this.calls.delete(this.calls.keys().next().value!);
    this.calls.set(header.callId, {
      opnum,
      contextId,
      frame,
      operation: this.operation(contextId, opnum),
      request: stub?.slice() ?? new Uint8Array(0),
      answer: new Uint8Array(0),
      answerBytes: 0,
      unreadable: false,
    });
  }

  /** What a call asks; guessed by its number where the capture began after the bind. */
  private operation(contextId: number, opnum: number): string | null {
    const uuid = this.contexts.get(contextId)?.uuid;
    if (uuid === undefined) {
      if (this.bound || this.connection.serverPort !== MAPPER_PORT) return null;
      return opnum === EPT_MAP ? "ept_map" : opnum === 4 ? "remote_create_instance" : null;
    }
    if (uuid === ENDPOINT_MAPPER) return opnum === EPT_MAP ? "ept_map" : null;
    return BINDING_OPERATIONS[uuid]?.[opnum] ?? null;
  }

  private response(header: RpcHeader, { stub }: RpcBody, length: number, place: Place): void {
    const call = this.calls.get(header.callId);
    if (!call) return;
    call.answerBytes += length;
    const answer = header.type === RpcType.fault ? null : joined(call.answer, stub);
    if (answer) call.answer = answer;
    else call.unreadable = true;
    if (!header.last) return;
    this.calls.delete(header.callId);
    if (call.operation === null || call.unreadable) return;
    const asked = { operation: call.operation, frame: call.frame, answerBytes: call.answerBytes };
    if (call.operation !== "ept_map")
      this.answers.bindings({ ...asked, classId: activatedClass(call.request) }, tcpBindings(call.answer), place);
    else this.answers.towers(asked, this.eptMap(call, header.little), place);
  }

  private eptMap({ answer, contextId }: Call, little: boolean) {
    const context = this.contexts.get(contextId);
    if (context) return decodeEptMapAnswer(answer, little, context.wide);
    return decodeEptMapAnswer(answer, little, false) ?? decodeEptMapAnswer(answer, little, true);
  }
}

/** Both parts in one; null where there is nothing to add or too much. */
function joined(before: Uint8Array, after: Uint8Array | null): Uint8Array | null {
  if (after === null || before.length + after.length > MAX_STUB) return null;
  const whole = new Uint8Array(before.length + after.length);
  whole.set(before);
  whole.set(after, before.length);
  return whole;
}
