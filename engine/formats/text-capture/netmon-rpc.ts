import { ANY_ADDRESS, addressDiffers } from "../../decoders/endpoint-mapper.ts";
import { interfaceName } from "../../decoders/rpc-names.ts";
import type { Value } from "../../tables/table.ts";
import type { ExtraRow, TextPacketLog, TextRow } from "./text-packet-log.ts";

const UUID = String.raw`\{([\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12})\}`;
const EPT_MAP = /^EPM:\s?(?:\[[^\]]{1,40}\]\s?){0,3}Response: ept_map:/;
const MAPPED = /(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5}) \(0x[\da-fA-F]{1,4}\)/;
const MAP_STATUS = /ept_map: (0x[\da-fA-F]{8})\b/;
const INTERFACE = new RegExp(UUID);
const ACTIVATION =
  /^(?:DCOM|MSRPC):\s?(?:\[[^\]]{1,40}\]\s?){0,3}(RemoteCreateInstance|RemoteGetClassObject|RemoteActivation|ResolveOxid2?) Response\b/;
const OPERATIONS: Readonly<Record<string, string>> = {
  RemoteCreateInstance: "remote_create_instance",
  RemoteGetClassObject: "remote_get_class_object",
  RemoteActivation: "remote_activation",
  ResolveOxid: "resolve_oxid",
  ResolveOxid2: "resolve_oxid2",
};
const REQUEST = /^DCOM:.{0,80}\bRequest\b/;
const ACTIVATED = new RegExp(String.raw`^\s*InstantiatedObjectClsId:\s*${UUID}`);
/** A string binding; pipes have a path in the brackets. */
const BINDING = /^\s*NetworkAddress:\s*([^\s[\]\\]{1,255})\[(\d{1,5})\]\s*$/;
const NUMERIC = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Reads from Network Monitor's descriptions, and from the details below them, which endpoints RPC servers hand out. */
export class NetmonRpc {
  private readonly log: TextPacketLog;
  /** Answers seen. */
  answers = 0;
  /** The answer of DCOM whose details may follow. */
  private open: ExtraRow | null = null;
  private activated: string | null = null;

  constructor(log: TextPacketLog) {
    this.log = log;
  }

  /** A row whose addresses are known; an answer becomes the row's extra. */
  row(row: TextRow, description: string): void {
    this.open = null;
    const mapped = EPT_MAP.test(description);
    const activation = mapped ? null : ACTIVATION.exec(description);
    if (!mapped && !activation) {
      if (REQUEST.test(description)) this.activated = null;
      return;
    }
    const { texts } = this.log.addresses;
    const ends = { client_ip: texts[row.destination] || null, server_ip: texts[row.source] || null };
    const values = mapped
      ? mappedEndpoint(description, ends.server_ip ?? "")
      : { operation: OPERATIONS[activation![1]!]!, class_id: this.activated };
    const extra: ExtraRow = { table: "rpc_endpoints", values: { ...ends, ...values } };
    row.extra = this.log.extras.push(extra);
    this.answers++;
    if (activation) this.open = extra;
  }

  /** A line below a row; whether it is one of those looked for. */
  detail(line: string): boolean {
    const activated = ACTIVATED.exec(line);
    if (activated) this.activated = activated[1]!.toLowerCase();
    const binding = activated ? null : BINDING.exec(line);
    if (!binding || !this.open || Number(binding[2]) > 0xffff) return activated !== null;
    const { endpoint_address: known } = this.open.values;
    // Bindings are alternatives; an address says more than a name.
    if (typeof known !== "string" || (!NUMERIC.test(known) && NUMERIC.test(binding[1]!)))
      this.open.values = { ...this.open.values, endpoint_address: ` ${binding[1]}`.slice(1), endpoint_port: Number(binding[2]) };
    return true;
  }
}

/** `EPM:Response: ept_map: NDR, DRSR(DRSR) {…} v4.0, RPC v5, 192.168.100.10:49664 (0xC200) [49664]` */
function mappedEndpoint(description: string, server: string): Record<string, Value> {
  const endpoint = MAPPED.exec(description);
  const status = MAP_STATUS.exec(description);
  const uuid = INTERFACE.exec(description)?.[1]?.toLowerCase() ?? null;
  const ip = endpoint ? ` ${endpoint[1]}`.slice(1) : null;
  return {
    operation: "ept_map",
    interface_uuid: uuid,
    interface_name: interfaceName(uuid) ?? (/\bMAPI\b/.test(description) ? "MAPI" : null),
    endpoint_address: ip === ANY_ADDRESS ? null : ip,
    endpoint_port: endpoint ? Number(endpoint[2]) : null,
    address_differs: ip === null ? (status ? false : null) : addressDiffers(server, [ip]),
    status: status ? Number(status[1]) : 0,
  };
}
