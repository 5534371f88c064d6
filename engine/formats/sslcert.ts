import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Coverage } from "../tables/coverage.ts";
import type { Value } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

/** A caption, which may hold a colon itself, and an endpoint: address or name, and port. */
const ENDPOINT = /^\s*\S.{0,60}?\s*:\s+(?<place>\[[\da-f:.%]{2,60}\]|[\w*](?:[\w.-]{0,252}\w)?):(?<port>\d{1,5})\s*$/iu;
const HASH = /^\s*\S.{0,60}?\s*:\s*(?<hash>[\da-f]{40}|[\da-f]{2}(?: [\da-f]{2}){19})\s*$/iu;
const GUID = /^\s*\S.{0,60}?\s*:\s*(?<guid>\{[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\})\s*$/iu;
const WORD = /^\s*\S.{0,60}?\s*:\s*(?<word>[\w-]{1,60})\s*$/u;
/** The command, with whatever narrows its output. */
const COMMAND = /\bnetsh(?:\.exe)?\s+http\s+sh\w*\s+ssl\w*(?<rest>.*)$/i;
const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>/;
/** Lines below the endpoint on which the hash and the GUID that make it a binding stand; empty ones not counted. */
const REACH = 2;
const MAX_LINE = 500;
/** Bindings of one listing; servers have dozens. */
const MAX_BINDINGS = 10_000;

/** GUIDs by which Windows' own services and IIS register their bindings. */
const APPLICATIONS: Readonly<Record<string, string>> = {
  "{5d8e2743-ef20-4d38-8751-7e400f200e65}": "iphttps",
  "{4dc3e181-e14b-4a21-b022-59fc669b0914}": "iis",
  "{ba195980-cd49-458b-9e23-c84ee0adcd75}": "sstp",
  "{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}": "winrm",
};

/**
 * `netsh http show sslcert` in any display language: a binding is an endpoint after a caption with a thumbprint of 40 hexadecimal
 * digits, or a GUID, on the lines below it. No binding in the output of a whole listing means that there is none.
 *
 *     IP:port                      : 203.0.113.5:443
 *     Certificate Hash             : 8691087835614a5f09b5f11c403d595c461ff603
 *     Application ID               : {5d8e2743-ef20-4d38-8751-7e400f200e65}
 *     Certificate Store Name       : MY
 */
export const sslcert: TextFormat = {
  kind: "text",
  id: "sslcert",
  title: "certificate bindings (netsh http show sslcert)",
  unit: "line",
  tables: ["ssl_bindings"],
  detect: (lines) =>
    lines.some(
      (line, at) =>
        readEndpoint(line) !== null &&
        lines
          .slice(at + 1, at + 1 + 2 * REACH)
          .filter((next) => next.trim() !== "")
          .slice(0, REACH)
          .some((next) => next.length < MAX_LINE && (HASH.test(next) || GUID.test(next))),
    ),
  reader: (emit) => new SslcertReader(emit),
};

interface Endpoint {
  readonly ip: string | null;
  readonly name: string | null;
  readonly port: number;
}

function readEndpoint(line: string): Endpoint | null {
  const field = line.length < MAX_LINE ? ENDPOINT.exec(line)?.groups : undefined;
  const port = Number(field?.port);
  if (!field || port > 65535) return null;
  const place = field.place!.replace(/^\[|\]$/g, "");
  const v4 = parseIpv4(place);
  const v6 = v4 === null ? parseIpv6(place) : null;
  const ip = v4 !== null ? ipv4Text(v4) : v6 !== null ? ipv6Text(v6) : null;
  // A name needs a letter and a dot, or it is a number of something else.
  if (ip === null && !/[a-z].*\.|\..*[a-z]/i.test(place)) return null;
  return { ip, name: ip === null ? place.toLowerCase() : null, port };
}

interface Binding extends Endpoint {
  readonly at: number;
  hash: string | null;
  guid: string | null;
  store: string | null;
  storeNext: boolean;
  /** Lines since the endpoint. */
  lines: number;
}

class SslcertReader implements TextReader {
  private readonly emit: Emit;
  private bindings: Binding[] = [];
  private open: Binding | null = null;
  private command: string | null = null;
  private cut: string | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const command = COMMAND.exec(text)?.groups;
    if (command || PROMPT.test(text)) this.close();
    if (command) this.command = command.rest!.trim();
    const endpoint = readEndpoint(text);
    if (endpoint) {
      this.settle();
      this.open = { ...endpoint, at: number, hash: null, guid: null, store: null, storeNext: false, lines: 0 };
    } else if (this.open && text.trim() !== "") this.goOn(this.open, text);
  }

  private goOn(open: Binding, text: string): void {
    if (open.storeNext && open.store === null) {
      open.store = WORD.exec(text)?.groups?.word ?? null;
      open.storeNext = false;
    }
    open.hash ??= HASH.exec(text)?.groups?.hash?.replaceAll(" ", "").toLowerCase() ?? null;
    const guid = GUID.exec(text)?.groups?.guid?.toLowerCase();
    if (guid !== undefined && open.guid === null) [open.guid, open.storeNext] = [guid, true];
    // An endpoint that nothing makes a binding is another command's.
    if (open.hash === null && open.guid === null && ++open.lines >= REACH) this.open = null;
  }

  private settle(): void {
    const { open } = this;
    this.open = null;
    if (!open || (open.hash === null && open.guid === null)) return;
    if (this.bindings.length < MAX_BINDINGS) this.bindings.push(open);
    else this.cut = `more than ${MAX_BINDINGS} bindings`;
  }

  end(): void {
    this.close();
  }

  /** Ends one listing; its addresses are those of the machine. */
  private close(): void {
    this.settle();
    const { bindings, command } = this;
    const why = this.cut ?? (command !== null && command.replace(/^>+\s*\S+$/, "") !== "" ? `the output was narrowed: ${command}` : null);
    [this.bindings, this.command, this.cut] = [[], null, null];
    if (bindings.length === 0) return;
    const addresses = [...new Set(bindings.map(({ ip }) => ip).filter((ip) => ip !== null && isOwn(ip)))] as string[];
    const host = addresses.length > 0 ? addresses : null;
    if (host) this.emit.host({ names: [], addresses: host });
    for (const binding of bindings) this.emit.row("ssl_bindings", cells(binding, host), binding.at);
    const ground: Omit<Coverage, "source" | "complete"> = { table: "ssl_bindings", host, side: null, from: null, to: null };
    if (why !== null) this.emit.coverage({ ...ground, complete: false, why });
    else this.emit.coverage({ ...ground, complete: true, ...(command === null && { assumes: "the list of bindings is taken as whole" }) });
  }
}

function cells({ ip, name, port, hash, guid, store }: Binding, host: readonly string[] | null): Record<string, Value> {
  return {
    host,
    ip,
    any_address: ip === null ? null : ip === "0.0.0.0" || ip === "::",
    host_name: name,
    port,
    certificate_hash: hash,
    application_id: guid,
    application: guid === null ? null : (APPLICATIONS[guid] ?? "other"),
    store: store === null || /^null$/i.test(store) ? null : store,
  };
}

function isOwn(ip: string): boolean {
  return !/^(?:0\.0\.0\.0|127\.|::1?$)/.test(ip);
}
