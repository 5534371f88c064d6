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
