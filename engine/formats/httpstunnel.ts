import type { Emit, TextFormat, TextReader } from "./format.ts";

const URL_LINE = /^\s*\S[^:]{0,40}?\s*:\s*(?<url>https:\/\/(?<host>\[[\da-f:]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?(?:\/\S*)?)\s*$/iu;
const CODE_LINE = /^\s*\S[^:]{0,40}?\s*:\s*0x(?<code>[\da-f]{1,8})\s*$/iu;
const PAIR = /^\s*(?<caption>\S[^:]{0,40}?)\s*:\s*(?<value>\S.{0,200}?)\s*$/u;
/** Lines between the URL and the other lines of the same interface. */
const REACH = 4;
const ROLES: Readonly<Record<string, string>> = {
  client: "client",
  kunde: "client",
  cliente: "client",
  istemci: "client",
  клиент: "client",
  klient: "client",
  server: "server",
  serveur: "server",
  servidor: "server",
  sunucu: "server",
  сервер: "server",
  serwer: "server",
};
/** `Get-NetIPHttpsState` prints the same without the URL. */
const POWERSHELL_CODE = /^LastErrorCode\s*:\s*0x(?<code>[\da-f]{1,8})\b/i;
const POWERSHELL_STATUS = /^InterfaceStatus\s*:\s*(?<status>\S.{0,200}?)\s*$/i;

/**
 * `netsh interface httpstunnel show interfaces`, in any display language: the URL and the 0x code are known by shape, the role stands
 * on the line before the URL, the status on the line after the code. Also `Get-NetIPHttpsState`, which has no URL.
 *
 *     Role                       : client
 *     URL                        : https://da.contoso.com:443/IPHTTPS
 *     Last Error Code            : 0x274c
 *     Interface Status           : failed to connect to the IPHTTPS server. Waiting to reconnect
 */
export const httpstunnel: TextFormat = {
  kind: "text",
  id: "httpstunnel",
  title: "IP-HTTPS interface state (netsh interface httpstunnel)",
  unit: "line",
  tables: ["httpstunnel_interfaces"],
  detect: detectTunnel,
  reader: (emit) => new HttpstunnelReader(emit),
};

/** The command itself, in a transcript that may show only part of its output. */
const COMMAND = /\bhttpstunnel\s+sh\w*\s+int\w*/i;
/** Lines between the command and the error code where an excerpt left the URL out. */
const COMMAND_REACH = 10;

function detectTunnel(lines: readonly string[]): boolean {
  const codeFollows = (at: number, reach: number) => lines.slice(at + 1, at + 1 + reach).some((next) => CODE_LINE.test(next));
  return lines.some(
    (line, at) =>
      line.length < 400 &&
      ((urlLine(line) !== null && codeFollows(at, REACH)) ||
        (COMMAND.test(line) && codeFollows(at, COMMAND_REACH)) ||
        POWERSHELL_CODE.test(line)),
  );
}

interface Interface {
  readonly at: number;
  readonly role: string | null;
  readonly url: string | null;
  readonly urlHost: string | null;
  readonly urlPort: number | null;
  code: number | null;
  codeAt: number;
}

function urlLine(line: string): { url: string; host: string; port: number } | null {
  const found = line.length < 400 ? URL_LINE.exec(line)?.groups : undefined;
  if (!found) return null;
  const port = Number(found.port ?? 443);
  return port <= 65535 ? { url: found.url!, host: found.host!.replace(/^\[|\]$/g, ""), port } : null;
}

class HttpstunnelReader implements TextReader {
  private readonly emit: Emit;
  private open: Interface | null = null;
  private role: { value: string; at: number } | null = null;
  private commandAt = Number.NEGATIVE_INFINITY;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > 400) return;
    const url = urlLine(text);
    const excerpt = number - this.commandAt <= COMMAND_REACH ? CODE_LINE.exec(text)?.groups : undefined;
    const urlless = POWERSHELL_CODE.exec(text)?.groups ?? excerpt;
    if (COMMAND.test(text)) this.commandAt = number;
    if (url) {
      this.close(null);
      const role = this.role && number - this.role.at <= 2 ? this.role.value : null;
      this.open = { at: number, role, url: url.url, urlHost: url.host, urlPort: url.port, code: null, codeAt: number };
      this.commandAt = Number.NEGATIVE_INFINITY;
    } else if (urlless && (this.open?.code ?? 0) !== null) {
      this.close(null);
      const role = this.role && number - this.role.at <= 2 ? this.role.value : null;
      this.open = { at: number, role, url: null, urlHost: null, urlPort: null, code: Number.parseInt(urlless.code!, 16), codeAt: number };
    } else if (this.open) this.goOn(this.open, text, number);
    const pair = PAIR.exec(text)?.groups;
    const role = pair ? ROLES[pair.value!.toLowerCase()] : undefined;
    if (role !== undefined) this.role = { value: role, at: number };
  }

  private goOn(open: Interface, text: string, number: number): void {
    const code = CODE_LINE.exec(text)?.groups?.code;
    if (open.code === null && code !== undefined) [open.code, open.codeAt] = [Number.parseInt(code, 16), number];
    else if (open.code !== null && open.url === null) {
      const status =
        POWERSHELL_STATUS.exec(text)?.groups?.status ?? (number - open.codeAt === 1 ? PAIR.exec(text)?.groups?.value : undefined);
      if (status !== undefined || number - open.codeAt > REACH) this.close(status ?? null);
    } else if (open.code !== null && text.trim() !== "") this.close(PAIR.exec(text)?.groups?.value ?? null);
    else if (number - open.at > REACH) this.close(null);
  }

  private close(status: string | null): void {
    const { open } = this;
    this.open = null;
    // A URL without an error code is another tool's.
    if (!open || open.code === null) return;
    this.emit.row(
      "httpstunnel_interfaces",
      {
        role: open.role,
        url: open.url,
        url_host: open.urlHost,
        url_port: open.urlPort,
        last_error: open.code,
        active: isActive(status),
        status,
      },
      open.at,
    );
  }

  end(): void {
    this.close(null);
  }
}

/** Whether the status words say that the tunnel stands; null for words of a language that is not known. */
function isActive(status: string | null): boolean | null {
  if (status === null) return null;
  if (
    /\bfail|not connected|\binactive\b|\bdisconnected\b|waiting to (?:re)?connect|fehler|nicht verbunden|échec|error\b|erro\b|hata|ошибк/iu.test(
      status,
    )
  )
    return false;
  return /\bactive\b|\baktiv|\bactiv|\bativ|\battiv|\betkin|\bactief|aktywn|активн/iu.test(status) ? true : null;
}
