import type { TcpBinding } from "../decoders/dcom-activation.ts";
import { ANY_ADDRESS, addressDiffers, type EptMapAnswer } from "../decoders/endpoint-mapper.ts";
import { interfaceName } from "../decoders/rpc-names.ts";
import type { Value } from "../tables/table.ts";
import type { Place, ProtocolEmit, StreamConnection } from "./stream-protocol.ts";

/** What was asked, and how long the answer was. */
export interface RpcAsked {
  readonly operation: string;
  /** Frame of the request. */
  readonly frame: number;
  readonly answerBytes: number;
  /** Class a DCOM activation asked for. */
  readonly classId?: string | null;
}

/** Rows of `rpc_endpoints` for the answers in one connection. */
export class RpcAnswers {
  private readonly connection: StreamConnection;
  private readonly emit: ProtocolEmit;

  constructor(connection: StreamConnection, emit: ProtocolEmit) {
    this.connection = connection;
    this.emit = emit;
  }

  /** The endpoint mapper's answer; null is one that could not be read. */
  towers(asked: RpcAsked, answer: EptMapAnswer | null, place: Place): void {
    if (!answer) return;
    const reached = answer.towers.filter(({ tcpPort }) => tcpPort !== null);
    const differs = addressDiffers(
      this.connection.serverIp,
      reached.flatMap(({ ip }) => (ip === null ? [] : [ip])),
    );
    const common = { status: answer.status, address_differs: differs };
    for (const { interfaceUuid, ip, tcpPort } of reached)
      this.row(asked, place, {
        ...common,
        interface_uuid: interfaceUuid,
        interface_name: interfaceName(interfaceUuid),
        endpoint_address: ip === ANY_ADDRESS ? null : ip,
        endpoint_port: tcpPort,
      });
    if (reached.length === 0) this.row(asked, place, common);
  }

  /** The string bindings of a DCOM answer; null is one without any. */
  bindings(asked: RpcAsked, bindings: readonly TcpBinding[] | null, place: Place): void {
    for (const { host, port } of bindings ?? []) this.row(asked, place, { endpoint_address: host, endpoint_port: port });
  }

  private row(asked: RpcAsked, { frame, time }: Place, values: Readonly<Record<string, Value>>): void {
    const { clientIp, clientPort, serverIp, serverPort, stream } = this.connection;
    this.emit.row(
      "rpc_endpoints",
      {
        time,
        client_ip: clientIp,
        client_port: clientPort,
        server_ip: serverIp,
        server_port: serverPort,
        stream,
        operation: asked.operation,
        class_id: asked.classId ?? null,
        answer_bytes: asked.answerBytes,
        request_frame: asked.frame,
        ...values,
      },
      frame,
    );
  }
}
