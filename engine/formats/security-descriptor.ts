import type { Emit, TextFormat, TextReader } from "./format.ts";
import { levelOfSid, levelOfTrustee, levelOfWords } from "./integrity-level.ts";

const MAX_LINE = 4000;
const MAX_ALLOWED = 1000;
/** The debugger's `!sd`. */
const DEBUGGER = /^\s*->(?<part>Revision|Owner|Dacl|Sacl)\s*:\s*(?<rest>.*)$/;
const ACE_TYPE = /->AceType:\s*(\w+)/;
const ACE_SID = /->SID:\s*(S-1-[\d-]{1,100})/;
/** A descriptor in SDDL: owner or group, perhaps, and a DACL or SACL with at least one entry. */
const SDDL = /(?:^|[\s"'=])(?<sddl>(?:[OG]:[\w-]{2,100}){0,2}(?:[DS]:[A-Z]{0,6}(?:\([^()]{5,200}\)){1,100}){1,2})(?=$|[\s"',;])/;
const ACE = /\((?<type>[A-Z]{1,2});(?<flags>[^;]*);(?<rights>[^;]*);[^;]*;[^;]*;(?<trustee>[\w-]{2,100})[^)]*\)/g;
const PIPE_NAME = /\\\\[\w.?-]{1,64}\\pipe\\(?<name>[^\s"'()<>|:]{1,256})/i;
/** accesschk: the object, and below it its label and who may do what. */
const ACCESSCHK_LEVEL = /^\s+(?<words>[A-Z][a-z]+(?: [A-Z][a-z]+)?) Mandatory Level(?<standard> \(Default\))? \[/;
const ACCESSCHK_ENTRY = /^\s+(?:RW|R |\s?W) ?\s?(?<who>[^\s[].{0,200}?)\s*$/;

interface Descriptor {
  readonly at: number;
  readonly name: string | null;
  readonly kind: "pipe" | "other" | null;
  labelled: boolean | null;
  level: string | null;
  saclAt: number;
  readonly allowed: string[];
}

/**
 * Security descriptors: the debugger's `!sd`, `accesschk`, and SDDL wherever it stands on a line. Without a SACL the object has no label,
 * and counts as medium; SDDL that shows no `S:` may have been read without it.
 *
 *     ->Dacl : ->Ace[1]: ->SID: S-1-5-7 (Well Known Group: NT AUTHORITY\ANONYMOUS LOGON)
 *     ->Sacl : is NULL
 */
export const securityDescriptor: TextFormat = {
  kind: "text",
  id: "security-descriptor",
  title: "Security descriptor (!sd, accesschk, SDDL)",
  unit: "line",
  tables: ["object_security"],
  detect: (lines) =>
    lines.some((line) => line.length <= MAX_LINE && (DEBUGGER.test(line) || ACCESSCHK_LEVEL.test(line) || sddlOf(line) !== null)),
  reader: (emit) => new DescriptorReader(emit),
};

function sddlOf(line: string): string | null {
  return line.includes(":(") || /[DS]:[A-Z]{1,6}\(/.test(line) ? (SDDL.exec(line)?.groups?.sddl ?? null) : null;
}

class DescriptorReader implements TextReader {
  private readonly emit: Emit;
  private open: Descriptor | null = null;
  private aceType = "";
  /** The pipe named last, and where: on the line itself, or on one just before. */
  private pipe: { readonly name: string; readonly at: number } | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const name = PIPE_NAME.exec(text)?.groups?.name;
    if (name !== undefined) this.pipe = { name, at: number };
    const part = DEBUGGER.exec(text)?.groups;
    const sddl = part ? null : sddlOf(text);
    const level = ACCESSCHK_LEVEL.exec(text)?.groups;
    if (part) this.debugger(part.part!, part.rest!, number);
    else if (sddl !== null) this.sddl(sddl, number);
    else if (level) this.accesschk(level.words!, level.standard === undefined, number);
    else if (this.open && ACCESSCHK_ENTRY.test(text)) this.allow(this.open, ACCESSCHK_ENTRY.exec(text)!.groups!.who!);
    // Rights are listed below whom they are given to; the debugger's other lines are between those that tell.
    else if (/^(?!->)\S/.test(text)) this.close();
  }

  private begin(at: number): Descriptor {
    const near = this.pipe !== null && at - this.pipe.at <= 3 ? this.pipe.name : null;
    return { at, name: near, kind: near === null ? null : "pipe", labelled: null, level: null, saclAt: 0, allowed: [] };
  }

  private debugger(part: string, rest: string, at: number): void {
    if (part === "Revision") this.close();
    this.open ??= this.begin(at);
    this.aceType = ACE_TYPE.exec(rest)?.[1] ?? this.aceType;
    const sid = ACE_SID.exec(rest)?.[1];
    if (part === "Dacl" && sid !== undefined && this.aceType === "ACCESS_ALLOWED_ACE_TYPE") this.allow(this.open, sid);
    if (part !== "Sacl") return;
    if (/is NULL/i.test(rest)) this.label(this.open, null, at);
    else if (sid !== undefined && levelOfSid(sid) !== null) this.label(this.open, levelOfSid(sid), at);
    // A SACL that only audits has no label either, unless one comes further down.
    else if (this.open.labelled === null) this.label(this.open, null, at);
  }

  private sddl(text: string, at: number): void {
    this.close();
    const found = this.begin(at);
    for (const { groups } of text.matchAll(ACE)) {
      if (groups!.type === "A") this.allow(found, groups!.trustee!);
      else if (groups!.type === "ML") this.label(found, levelOfTrustee(groups!.trustee!), at, true);
    }
    this.open = found;
    this.close();
  }

  private accesschk(words: string, labelled: boolean, at: number): void {
    this.close();
    this.open = this.begin(at);
    this.label(this.open, levelOfWords(words), at, labelled);
  }

  private label(descriptor: Descriptor, level: string | null, at: number, labelled = level !== null): void {
    descriptor.labelled = labelled;
    descriptor.level = labelled || level !== null ? level : "medium";
    descriptor.saclAt = at;
  }

  private allow(descriptor: Descriptor, who: string): void {
    const sid = who.toUpperCase() === "AN" ? "S-1-5-7" : who.toUpperCase() === "WD" ? "S-1-1-0" : who;
    if (descriptor.allowed.length < MAX_ALLOWED) descriptor.allowed.push(sid);
  }

  end(): void {
    this.close();
  }

  private close(): void {
    const { open } = this;
    this.open = null;
    this.aceType = "";
    if (!open) return;
    const { name, kind, labelled, level, saclAt, allowed, at } = open;
    this.emit.row("object_security", { name, kind, labelled, integrity: level, allowed, sacl_line: saclAt || null }, at);
  }
}
