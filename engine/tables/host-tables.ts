import { declareTable } from "./table.ts";

/** `netstat`'s own English spelling of TCP states, whatever language the output was in. */
export const SOCKET_STATES = [
  "LISTENING",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECEIVED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "TIME_WAIT",
  "CLOSE_WAIT",
  "CLOSING",
  "LAST_ACK",
  "CLOSED",
  "BOUND",
] as const;

export const sockets = declareTable({
  name: "sockets",
  shownBy: "netstat listing",
  about: "One endpoint of a machine at the moment `netstat` (or a tool like it) ran.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was listed on; null if nothing tells" },
    protocol: { type: "enum", values: ["tcp", "udp"], about: "Transport" },
    local_ip: { type: "ip", about: "Local address; 0.0.0.0 and :: are any" },
    local_port: { type: "port", about: "Local port" },
    remote_ip: { type: "ip", about: "Remote address; null for UDP" },
    remote_port: { type: "port", about: "Remote port, 0 for a listener; null for UDP" },
    state: {
      type: "enum",
      values: SOCKET_STATES,
      about: "TCP state; null for UDP and for a word of another language that cannot be mapped",
    },
    process_id: { type: "integer", about: "Owning process; null if not listed" },
    process: { type: "text", about: "Executable or service name where listed (`netstat -b`)" },
  },
});

export const EVENT_LEVELS = ["critical", "error", "warning", "information", "verbose", "audit_success", "audit_failure"] as const;

export const events = declareTable({
  name: "events",
  shownBy: "export of the event log",
  about: "One Windows event, from any export of an event log.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Computer the event names, or the source's machine" },
    time: { type: "time", about: "When it was logged" },
    channel: { type: "text", about: "Log: System, Application, Microsoft-Windows-…/Operational; null if not shown" },
    provider: { type: "text", about: "Source of the event: `Service Control Manager`" },
    event_id: { type: "integer", about: "Event id" },
    level: { type: "enum", values: EVENT_LEVELS, about: "Level; null if its word cannot be mapped" },
    record_id: { type: "integer", about: "Record number in the log; null if not shown" },
    message: { type: "text", about: "Rendered message; null where the export has only insertion strings" },
    data: { type: "texts", about: "Insertion strings in order (`param1` …), where the export has them" },
    /** What most rules want: the name may stand in the message or only in `param1`. */
    text: { type: "text", about: "Message and insertion strings together, for `contains`" },
  },
});

export const sipRecords = declareTable({
  name: "sip_records",
  shownBy: "SIPStack or UCCAPI trace",
  protocol: "sip",
  about: "One record of a Lync or Skype for Business SIPStack or UCCAPI trace: a SIP message, a connection or a diagnostic record.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine the trace was taken on; null if nothing tells" },
    time: { type: "time", about: "When it was logged" },
    severity: { type: "enum", values: ["info", "warn", "error"], about: "TL_INFO, TL_WARN, TL_ERROR" },
    component: { type: "text", about: "TF_PROTOCOL, TF_CONNECTION, TF_DIAG …" },
    log_type: { type: "text", about: "LogType of a connection or diagnostic record" },
    direction: { type: "enum", values: ["incoming", "outgoing"], about: "Of a message; null otherwise" },
    peer: { type: "text", about: "Peer or Peer-IP as written: `192.168.3.10:5061`" },
    peer_ip: { type: "ip", about: "Its address; null where only a name is given" },
    peer_port: { type: "port", about: "Its port" },
    peer_fqdn: { type: "text", about: "Peer-FQDN" },
    start_line: { type: "text", about: "SIP start line" },
    status: { type: "integer", about: "Status code of a response; null for requests" },
    method: { type: "text", about: "Method of a request, or of CSeq in a response" },
    call_id: { type: "text", about: "Call-ID" },
    user_agent: { type: "text", about: "User-Agent or Server header" },
    ms_diagnostics: { type: "text", about: "ms-diagnostics header" },
    result_code: { type: "text", about: "Result-Code of a connection record in lower case, `0x8007274c`" },
    text: { type: "text", about: "Text field of a connection or diagnostic record" },
  },
});

export const httpstunnelInterfaces = declareTable({
  name: "httpstunnel_interfaces",
  shownBy: "output of `netsh interface httpstunnel show interface`",
  protocol: "ip-https",
  about: "One IP-HTTPS interface as `netsh interface httpstunnel show interface` prints it.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was printed on; null if nothing tells" },
    role: { type: "enum", values: ["client", "server"], about: "Role" },
    url: { type: "text", about: "URL of the IP-HTTPS server" },
    url_host: { type: "text", about: "Host part of the URL" },
    url_port: { type: "port", about: "Port of the URL, 443 if it names none" },
    last_error: { type: "integer", about: "Last Error Code as a number: 0x274c is 10060" },
    active: { type: "boolean", about: "The interface status says it is connected or active; null if the words cannot be mapped" },
    status: { type: "text", about: "Interface status as printed" },
  },
});

/** Rows of Windows' own TCP/IP and socket trace providers inside a Network Monitor export. */
export const driverEvents = declareTable({
  name: "driver_events",
  shownBy: "trace of the TCP/IP driver",
  about: "One row a Windows provider logged between the packets: the TCPIP driver, Winsock-AFD, WFP.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "Machine of the capture" },
    time: { type: "time", about: "When" },
    provider: { type: "text", about: "`Microsoft-Windows-TCPIP`, `Microsoft-Windows-Winsock-AFD`, or as written" },
    process: { type: "text", about: "Process name of the row" },
    process_id: { type: "integer", about: "Its id" },
    local_ip: { type: "ip", about: "Local address in the text, where it names one" },
    local_port: { type: "port", about: "Its port" },
    remote_ip: { type: "ip", about: "Remote address in the text" },
    remote_port: { type: "port", about: "Its port" },
    status: { type: "text", about: "Status code in lower case where the text has one, `0xc00000b5`" },
    text: { type: "text", about: "The row's description" },
  },
});

export const arpPackets = declareTable({
  name: "arp_packets",
  shownBy: "packet capture",
  protocol: "arp",
  about: "One ARP packet, RFC 826.",
  time: "time",
  columns: {
    time: { type: "time", about: "When" },
    elapsed: { type: "duration", about: "Time since the capture began; known where the capture has no absolute time, too" },
    operation: { type: "enum", values: ["request", "reply"], about: "Operation; null for others" },
    sender_mac: { type: "text", about: "Sender hardware address, `00:11:22:33:44:55`" },
    sender_ip: { type: "ip", about: "Sender protocol address" },
    target_mac: { type: "text", about: "Target hardware address" },
    target_ip: { type: "ip", about: "Target protocol address" },
  },
});

export const icmpMessages = declareTable({
  name: "icmp_messages",
  shownBy: "packet capture",
  protocol: "icmp",
  about: "One ICMP or ICMPv6 error message with the packet it quotes; echo and neighbour discovery are counted, not listed.",
  time: "time",
  columns: {
    time: { type: "time", about: "When" },
    from_ip: { type: "ip", about: "Who reports" },
    to_ip: { type: "ip", about: "To whom" },
    type: { type: "integer", about: "ICMP type" },
    code: { type: "integer", about: "ICMP code" },
    mtu: { type: "integer", unit: "bytes", about: "Next-hop MTU of fragmentation needed or packet too big; null otherwise" },
    quoted_protocol: { type: "integer", about: "IP protocol of the quoted packet" },
    quoted_source_ip: { type: "ip", about: "Its source" },
    quoted_source_port: { type: "port", about: "Its source port" },
    quoted_destination_ip: { type: "ip", about: "Its destination" },
    quoted_destination_port: { type: "port", about: "Its destination port" },
  },
});

export const udpFlows = declareTable({
  name: "udp_flows",
  shownBy: "packet capture",
  protocol: "udp",
  about: "One UDP conversation at one capture point; Zeek's notion, conn_state and history.",
  host: "server_ip",
  peer: "client_ip",
  time: "start",
  columns: {
    client_ip: { type: "ip", about: "Who sent first: Zeek's orig" },
    client_port: { type: "port", about: "Its port" },
    server_ip: { type: "ip", about: "The other end" },
    server_port: { type: "port", about: "Its port" },
    start: { type: "time", about: "First packet" },
    duration: { type: "duration", about: "First to last packet" },
    conn_state: {
      type: "enum",
      values: ["S0", "SF", "SHR"],
      about: "Zeek's conn_state: S0 unanswered, SF both ways, SHR only answers seen",
    },
    history: { type: "text", about: "Zeek's history letters: D, d" },
    orig_bytes: { type: "integer", unit: "bytes", about: "Payload of the client" },
    resp_bytes: { type: "integer", unit: "bytes", about: "Payload of the server" },
    orig_pkts: { type: "integer", unit: "packets", about: "Packets of the client" },
    resp_pkts: { type: "integer", unit: "packets", about: "Packets of the server" },
    orig_ip_bytes: { type: "integer", unit: "bytes", about: "IP-level bytes of the client" },
    resp_ip_bytes: { type: "integer", unit: "bytes", about: "IP-level bytes of the server" },
    first_frame: { type: "frame", about: "First packet" },
    last_frame: { type: "frame", about: "Last packet" },
    process: { type: "text", about: "Process name Network Monitor gives for the conversation; null if it gives none" },
    process_id: { type: "integer", about: "Its id" },
  },
});

/** Facts about machines that decide whether a case applies. */
export const hosts = declareTable({
  name: "hosts",
  shownBy: "description of the machines",
  about: "One machine the bundle speaks of, gathered from every source and bundle.yaml.",
  host: "host",
  columns: {
    host: { type: "host", about: "Its addresses and names" },
    name: { type: "text", about: "Computer name" },
    product: { type: "text", about: "Product id as rules name it, `windows-server-2008-r2`; null if not known" },
    version: { type: "text", about: "Version as printed, `6.1.7601`" },
    service_pack: { type: "integer", about: "Number of the service pack, 0 for none; null if not known" },
  },
});

/** Evidence that breaks its own format: Zeek's weird. */
export const anomalies = declareTable({
  name: "anomalies",
  shownBy: "file that could be checked",
  about: "Something in a source that breaks its own format, or that could not be read.",
  columns: {
    name: { type: "text", about: "Stable name, `<format>.<what>`" },
    detail: { type: "text", about: "What was wrong, in words" },
    count: { type: "integer", about: "How often; the row cites the first" },
  },
});
