import { declareTable } from "./table.ts";

export const iisRequests = declareTable({
  name: "iis_requests",
  shownBy: "IIS log",
  protocol: "http",
  about: "One request in a web server's log in the W3C extended format, as IIS writes it.",
  host: "host",
  time: "time",
  columns: {
    host: { type: "host", about: "The web server: its address, and its name where the log has a column for it" },
    time: { type: "time", about: "When the answer was logged" },
    client_ip: { type: "ip", about: "Address of the client, or of the proxy in front of it (c-ip)" },
    server_ip: { type: "ip", about: "Address of the server (s-ip)" },
    server_port: { type: "port", about: "Its port (s-port)" },
    method: { type: "text", about: "Request method (cs-method)" },
    uri: { type: "text", about: "Path asked for (cs-uri-stem)" },
    user: { type: "text", about: "User who was authenticated (cs-username); null for nobody" },
    status: { type: "integer", about: "HTTP status (sc-status)" },
    substatus: {
      type: "integer",
      about: "IIS's own code behind the status (sc-substatus): 7 of 403.7; null where the log has no such column",
    },
    win32_status: { type: "integer", about: "Windows error code (sc-win32-status)" },
    duration: { type: "duration", about: "Time taken (time-taken)" },
  },
});
