import { parseIpv4, parseIpv6 } from "../../engine/bytes/address.ts";
import { concat, u8, u16, u32 } from "./frame-writer.ts";

const TYPES: Readonly<Record<string, number>> = { A: 1, CNAME: 5, SOA: 6, AAAA: 28, SRV: 33 };

export interface DnsAnswerFields {
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME" | "SRV";
  /** An address or a name. */
  readonly data: string;
  readonly port?: number;
}

export interface DnsFields {
  readonly id: number;
  readonly name: string;
  readonly type?: keyof typeof TYPES;
  /** Left out for a question. */
  readonly answers?: readonly DnsAnswerFields[];
  readonly code?: number;
  readonly truncated?: boolean;
}

/** A DNS message, RFC 1035 section 4.1, whose answers name the question by a pointer where they can. */
export function dnsMessage({ id, name, type = "A", answers, code = 0, truncated }: DnsFields): Uint8Array {
  const flags = (answers ? 0x8180 : 0x0100) | code | (truncated ? 0x0200 : 0);
  const records = (answers ?? []).map((answer) => {
    const owner = answer.name === name ? u16(0xc00c) : dnsName(answer.name);
    const data = recordData(answer);
    return concat(owner, u16(TYPES[answer.type]!, 1), u32(300), u16(data.length), data);
  });
  return concat(u16(id, flags, 1, records.length, 0, 0), dnsName(name), u16(TYPES[type]!, 1), ...records);
}

function recordData({ type, data, port = 0 }: DnsAnswerFields): Uint8Array {
  if (type === "A") return u32(parseIpv4(data)!);
  if (type === "AAAA") return parseIpv6(data)!;
  return type === "SRV" ? concat(u16(0, 0, port), dnsName(data)) : dnsName(data);
}

function dnsName(name: string): Uint8Array {
  const labels = name.split(".").map((label) => concat(u8(label.length), new TextEncoder().encode(label)));
  return concat(...labels, u8(0));
}
