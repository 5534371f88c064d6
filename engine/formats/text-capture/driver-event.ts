import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../../bytes/address.ts";
import type { Value } from "../../tables/table.ts";

/** A trace provider's protocol name: `TCPIP_MicrosoftWindowsTCPIP`. */
const PROVIDER = /^[A-Za-z]\w{0,40}_MicrosoftWindows(\w{1,60})$/;
/** Providers' own names, where Network Monitor leaves out the hyphens inside them. */
const HYPHENATED: Readonly<Record<string, string>> = {
  WinsockAFD: "Winsock-AFD",
  NDISPacketCapture: "NDIS-PacketCapture",
  DNSClient: "DNS-Client",
  WinsockNameResolution: "Winsock-NameResolution",
  KernelProcess: "Kernel-Process",
  KernelNetwork: "Kernel-Network",
  HttpService: "HttpService",
  WebIO: "WebIO",
};

/** The provider's registered name, or null if the protocol is none. */
export function providerName(protocol: string): string | null {
  const name = PROVIDER.exec(protocol)?.[1];
  return name === undefined ? null : `Microsoft-Windows-${HYPHENATED[name] ?? name}`;
}

const ENDPOINT = String.raw`([\da-fA-F:.[\]]{3,60})`;
const LOCAL_REMOTE = new RegExp(String.raw`\blocal=${ENDPOINT}(?:\s\(0x[\da-fA-F]{1,8}\))?\s+remote=${ENDPOINT}`);
/** The drop message names the endpoint of this machine first, even for a segment that came in. */
const SOURCE_DESTINATION = new RegExp(String.raw`\bSource = ${ENDPOINT}, Destination = ${ENDPOINT}`);
const RECEIVED = new RegExp(String.raw`\breceive\b.*\bSourceAddress = ${ENDPOINT}.{0,20}?\bDestAddress = ${ENDPOINT}`);
const BOUND = new RegExp(String.raw`\bsockaddr=${ENDPOINT}`);
const AFD_ADDRESS = new RegExp(String.raw`^(bind|connect|accept)\b.*\bAddress ${ENDPOINT}`);
const STATUS = /\b(0x[\da-f]{8})\s?-\s?STATUS_\w+|\bstatus\s?=?\s?(0x[\da-f]{8})\b/i;

/** Columns of `driver_events` that the description of a provider's row yields. */
export function driverEventValues(provider: string, text: string): Record<string, Value> {
  const [local, remote] = endpoints(text);
  const status = STATUS.exec(text);
  return {
    provider,
    local_ip: local?.ip ?? null,
    local_port: local?.port ?? null,
    remote_ip: remote?.ip ?? null,
    remote_port: remote?.port ?? null,
    status: (status?.[1] ?? status?.[2])?.toLowerCase() ?? null,
    text,
  };
}

interface Endpoint {
  readonly ip: string;
  readonly port: number | null;
}

function endpoints(text: string): [Endpoint | null, Endpoint | null] {
  const pair = LOCAL_REMOTE.exec(text) ?? SOURCE_DESTINATION.exec(text);
  if (pair) return [endpoint(pair[1]!), endpoint(pair[2]!)];
  const received = RECEIVED.exec(text);
  if (received) return [endpoint(received[2]!), endpoint(received[1]!)];
  const bound = BOUND.exec(text);
  if (bound) return [endpoint(bound[1]!), null];
  const socket = AFD_ADDRESS.exec(text);
  if (!socket) return [null, null];
  return socket[1] === "bind" ? [endpoint(socket[2]!), null] : [null, endpoint(socket[2]!)];
}

/** `192.168.1.1:50357`, or IPv6 with the port as a ninth group; an address alone has no port. */
function endpoint(written: string): Endpoint | null {
  const text = written.replace(/\.$/, "");
  const alone = addressText(text);
  const groups = text.split(":").length;
  // Eight groups are an address; with fewer and no ::, the last is a port.
  if (alone !== null && (groups <= 8 || text.includes("::"))) return { ip: alone, port: null };
  const colon = text.lastIndexOf(":");
  const ip = addressText(text.slice(0, colon).replace(/^\[|\]$/g, ""));
  const port = Number(text.slice(colon + 1));
  return ip === null || !/^\d{1,5}$/.test(text.slice(colon + 1)) || port > 65535 ? null : { ip, port };
}

function addressText(text: string): string | null {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(text);
  return v6 === null ? null : ipv6Text(v6);
}
