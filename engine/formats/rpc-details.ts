import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { ANY_ADDRESS, addressDiffers } from "../decoders/endpoint-mapper.ts";
import { interfaceName } from "../decoders/rpc-names.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const IP =
  /^\s*Internet Protocol(?: Version [46])?,\s*Src: ([^\s,]{2,80}?)(?:\s?\(([\da-fA-F.:]{2,45})\))?,\s*Dst: ([^\s,()]{2,80})(?:\s?\(([\da-fA-F.:]{2,45})\))?/;
const TCP =
  /^\s*Transmission Control Protocol,\s*Src Port: (?:[\w-]{1,40} \()?(\d{1,5})\)?(?: \(\d{1,5}\))?,\s*Dst Port: (?:[\w-]{1,40} \()?(\d{1,5})/;
const PDU =
  /^\s*(?:Distributed Computing Environment \/ Remote Procedure Call \(DCE\/RPC\)|DCE\/RPC) (Request|Response)\b.{0,120}?\bFragLen: (\d{1,5})/;
/** What begins another packet. */
const NEXT = /^\s*(?:Frame \d{1,10}\b|No\.\s+Time\b|Ethernet II\b)/;
const INTERFACE = /^\s*(?:Floor 1 )?UUID: ([^\s(]{1,80})(?: \(([\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12})\))?\s*$/;
const PORT_FLOOR = /^\s*Floor \d TCP Port:\s?(\d{1,5})\s*$/;
const ADDRESS_FLOOR = /^\s*Floor \d IP:\s?(\d{1,3}(?:\.\d{1,3}){3})\s*$/;
const RETURN_CODE = /^\s*Return code: (0x[\da-fA-F]{8})/;
const OPERATION = /\b(RemoteCreateInstance|RemoteGetClassObject|RemoteActivation|ResolveOxid2?)\b/;
const BINDING = /^\s*StringBinding\[\d{1,3}\]: TowerId=NCACN_IP_TCP, NetworkAddr="([^\s"[\]\\]{1,255})\[(\d{1,5})\]"/;
const OPERATIONS: Readonly<Record<string, string>> = {
  RemoteCreateInstance: "remote_create_instance",
  RemoteGetClassObject: "remote_get_class_object",
  RemoteActivation: "remote_activation",
  ResolveOxid: "resolve_oxid",
  ResolveOxid2: "resolve_oxid2",
};
/** The well-known floor 2, which is no interface. */
const TRANSFER_SYNTAX = /^(?:32bit NDR|64bit NDR|Version)$/i;
const MAX_ENDPOINTS = 100;

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly lines: readonly number[];
}

/**
 * Single packets as Wireshark prints them with all their details, of which only answers that hand out RPC endpoints are read: towers of the endpoint
 * mapper and string bindings of DCOM. Rows cite the line with the address, for such prints often leave the frame number out.
 *
 *     Floor 4 TCP Port:41376
 *     Floor 5 IP:10.11.2.7
 */
export const rpcDetails: TextFormat = {
  kind: "text",
  id: "rpc-details",
  title: "Wireshark's details of RPC packets",
  unit: "line",
  tables: ["rpc_endpoints"],
  detect: (lines) => lines.some((line) => PORT_FLOOR.test(line) || ADDRESS_FLOOR.test(line) || BINDING.test(line)),
  reader: (emit) => new RpcDetailsReader(emit),
};

/** What is known of the packet whose details are being read. */
class Packet {
  source = "";
  destination = "";
  ports: readonly number[] = [];
  type = "";
  length: number | null = null;
  operation: string | null = null;
  interfaceName: string | null = null;
  interfaceUuid: string | null = null;
  port: { readonly value: number; readonly line: number } | null = null;
  readonly endpoints: Endpoint[] = [];
  status: number | null = null;
}

class RpcDetailsReader implements TextReader {
  private readonly emit: Emit;
  private packet = new Packet();
  private rows = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > 400) return;
    if (NEXT.test(text)) this.flush();
    const ip = IP.exec(text);
    if (ip) {
      this.flush();
      this.packet.source = addressText(ip[2] ?? ip[1]!);
      this.packet.destination = addressText(ip[4] ?? ip[3]!);
    } else this.detail(text, number);
  }

  private detail(text: string, line: number): void {
    const { packet } = this;
    const tcp = TCP.exec(text);
    const pdu = tcp ? null : PDU.exec(text);
    if (tcp) packet.ports = [Number(tcp[1]), Number(tcp[2])];
    else if (pdu) {
      packet.type = pdu[1]!;
      packet.length = Number(pdu[2]);
    } else if (!this.floor(text, line)) {
      const status = RETURN_CODE.exec(text);
      if (status) packet.status = Number(status[1]);
      packet.operation ??= /Endpoint Mapper, Map\b/.test(text) ? "ept_map" : (OPERATIONS[OPERATION.exec(text)?.[1] ?? ""] ?? null);
    }
  }

  /** A line with part of a tower, or a string binding. */
  private floor(text: string, line: number): boolean {
    const { packet } = this;
    const named = INTERFACE.exec(text);
    if (named && !TRANSFER_SYNTAX.test(named[1]!)) {
      packet.interfaceName ??= ` ${named[1]}`.slice(1);
      packet.interfaceUuid ??= named[2]?.toLowerCase() ?? null;
    }
    const port = PORT_FLOOR.exec(text);
    if (port) packet.port = { value: Number(port[1]), line };
    const address = ADDRESS_FLOOR.exec(text);
    const binding = BINDING.exec(text);
    if (address && packet.port) this.endpoint(addressText(address[1]!), packet.port.value, [packet.port.line, line]);
    if (binding) this.endpoint(addressText(binding[1]!), Number(binding[2]), [line]);
    return named !== null || port !== null || address !== null || binding !== null;
  }

  private endpoint(address: string, port: number, lines: readonly number[]): void {
    if (port <= 0xffff && this.packet.endpoints.length < MAX_ENDPOINTS) this.packet.endpoints.push({ address, port, lines });
    this.packet.port = null;
  }

  private flush(): void {
    const { packet } = this;
    this.packet = new Packet();
    // A request has a tower, too: the one that is asked for.
    if (packet.endpoints.length === 0 || packet.source === "" || packet.type === "Request") return;
    const operation = packet.operation ?? (packet.endpoints[0]!.lines.length === 2 ? "ept_map" : null);
    const isMap = operation === "ept_map";
    const differs = isMap
      ? addressDiffers(
          packet.source,
          packet.endpoints.map(({ address }) => address),
        )
      : null;
    for (const { address, port, lines } of packet.endpoints) {
      this.rows++;
      this.emit.row(
        "rpc_endpoints",
        {
          client_ip: packet.destination,
          client_port: packet.ports[1] ?? null,
          server_ip: packet.source,
          server_port: packet.ports[0] ?? null,
          operation,
          interface_uuid: packet.interfaceUuid,
          interface_name: interfaceName(packet.interfaceUuid) ?? packet.interfaceName,
          endpoint_address: address === ANY_ADDRESS ? null : address,
          endpoint_port: port,
          address_differs: differs,
          answer_bytes: packet.length,
          status: isMap ? (packet.status ?? 0) : null,
          endpoint_lines: lines,
        },
        lines.at(-1)!,
      );
    }
  }

  end(): void {
    this.flush();
    if (this.rows === 0) return;
    const why = "only single packets were printed";
    this.emit.coverage({ table: "rpc_endpoints", host: null, side: null, from: null, to: null, complete: false, why });
  }
}

function addressText(text: string): string {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(text);
  return v6 === null ? ` ${text}`.slice(1) : ipv6Text(v6);
}
