import { declareTable } from "./table.ts";

/** Where an RPC service listens, as its machine tells callers. */
export const rpcEndpoints = declareTable({
  name: "rpc_endpoints",
  shownBy: "packet capture of RPC calls",
  protocol: "rpc",
  about:
    "One TCP endpoint an RPC server hands out: a tower in the endpoint mapper's answer to ept_map (C706), or a string binding in the answer to a DCOM activation or OXID resolution (MS-DCOM). An answer of the endpoint mapper that names none has one row without endpoint.",
  host: "server_ip",
  peer: "client_ip",
  time: "time",
  columns: {
    time: { type: "time", about: "When the answer was seen" },
    client_ip: { type: "ip", about: "Who asked" },
    client_port: { type: "port", about: "Its port" },
    server_ip: { type: "ip", about: "Who answered, by the IP header" },
    server_port: { type: "port", about: "Its port, 135 for the endpoint mapper and DCOM" },
    stream: { type: "integer", about: "The connection's number in its capture (tcp.stream); null for a text that prints single packets" },
    operation: {
      type: "enum",
      values: ["ept_map", "remote_create_instance", "remote_get_class_object", "remote_activation", "resolve_oxid", "resolve_oxid2"],
      words: {
        remote_create_instance: "RemoteCreateInstance",
        remote_get_class_object: "RemoteGetClassObject",
        remote_activation: "RemoteActivation",
        resolve_oxid: "ResolveOxid",
        resolve_oxid2: "ResolveOxid2",
      },
      about: "What was asked",
    },
    interface_uuid: { type: "text", about: "Interface a tower is for, lower case; null for DCOM" },
    interface_name: { type: "text", about: "Its name where it is a well-known one: `MAPI`, `DRSUAPI`" },
    class_id: { type: "text", about: "Class a DCOM activation asked for, lower case; null if the request does not show it" },
    endpoint_address: { type: "ip", about: "Address or name in the answer; null where it names none (0.0.0.0)" },
    endpoint_port: { type: "port", about: "TCP port in the answer" },
    address_differs: {
      type: "boolean",
      about: "ept_map: the answer names addresses, and none of them is the one that answered; null if they cannot be compared",
    },
    follow_up: {
      type: "enum",
      values: ["established", "refused", "unanswered"],
      about:
        "What became of the caller's connections to that port, at the address that answered or the one in the answer, in any capture of the bundle; null where none shows one",
    },
    answer_bytes: { type: "integer", unit: "bytes", about: "The answer's PDUs together" },
    status: { type: "integer", about: "Status of ept_map, 0 for success; null for DCOM" },
    request_frame: { type: "frame", about: "The request, where it was captured" },
    endpoint_lines: { type: "frames", about: "In a text that prints single packets: the lines with port and address" },
  },
});
