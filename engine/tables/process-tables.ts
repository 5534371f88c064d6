import { declareTable } from "./table.ts";

export const processes = declareTable({
  name: "processes",
  shownBy: "process list",
  about: "One process of a machine at the moment `tasklist` (or a tool like it) ran.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it was listed on; null if nothing tells" },
    process_id: { type: "integer", about: "Process id" },
    name: { type: "text", about: "Image name as printed: `store.exe`; Get-Process leaves the ending out" },
    services: { type: "texts", about: "Short names of the services it hosts (`tasklist /svc`); null where they were not listed" },
  },
});

export const flowProcesses = declareTable({
  name: "flow_processes",
  shownBy: "capture or trace that names processes",
  about:
    "One flow of which the process is known by its id: from a capture that names processes, from a kernel trace, or because a list of sockets shows the flow's own endpoints. A list of processes of the same machine adds the name.",
  host: "host",
  time: "start",
  columns: {
    host: { type: "host", about: "Machine the process runs on; null if nothing tells" },
    protocol: { type: "enum", values: ["tcp", "udp"], about: "Transport" },
    process_id: { type: "integer", about: "Process id" },
    process: { type: "text", about: "Its name; null where nothing names it" },
    named: {
      type: "boolean",
      toldBy: "processes",
      about:
        "Something names it: the capture itself, the list of sockets, or a list of processes; null where the machine has no list of processes, false where its list does not show the id",
    },
    told_by: { type: "enum", values: ["capture", "trace", "sockets"], about: "What tells the process id" },
    local_ip: { type: "ip", about: "Address of the process's own end; where nothing tells which that is, of the end that opened the flow" },
    local_port: { type: "port", about: "Its port" },
    remote_ip: { type: "ip", about: "Address of the other end" },
    remote_port: { type: "port", about: "Its port" },
    start: { type: "time", about: "First packet or event" },
    label: { type: "text", about: "All of it in words: `store.exe (2136): UDP 192.0.2.15:36003 to 198.51.100.1:2762`" },
    flow_lines: { type: "citations", about: "The flow: its first packet, or the first events of a trace" },
    socket_lines: { type: "citations", about: "The row of the list of sockets that shows its endpoints" },
    process_lines: { type: "citations", about: "The row of the list of processes that names it" },
  },
});

export const processTraffic = declareTable({
  name: "process_traffic",
  shownBy: "kernel trace of network activity",
  about:
    "One TCP or UDP flow of a process as the Windows kernel logger saw it, from `dumpfile.csv` of tracerpt: all its Send and Recv events together.",
  host: "host",
  time: "start",
  columns: {
    host: { type: "host", about: "Machine the trace was taken on" },
    protocol: { type: "enum", values: ["tcp", "udp"], about: "Transport: TcpIp or UdpIp" },
    process_id: { type: "integer", about: "Process that sent or received; null where the kernel names none" },
    local_ip: { type: "ip", about: "Address of the machine itself" },
    local_port: { type: "port", about: "Its port" },
    remote_ip: { type: "ip", about: "Address of the other end" },
    remote_port: { type: "port", about: "Its port" },
    start: { type: "time", about: "First event" },
    end: { type: "time", about: "Last event" },
    sent_events: { type: "integer", about: "Send events" },
    received_events: { type: "integer", about: "Recv events" },
    sent_bytes: { type: "integer", unit: "bytes", about: "Payload of its Send events" },
    received_bytes: { type: "integer", unit: "bytes", about: "Payload of its Recv events" },
    lines: { type: "frames", about: "Lines of its first events, at most 8" },
  },
});
