import { caseAddress, recipeAddress, referenceAddress } from "../engine/catalogue/addresses.ts";
import type { Catalogue } from "../engine/catalogue/catalogue.ts";

/** Words that may be a known term: KB numbers, codes, ports, events, symbolic names, registry values. Plain numbers mean too much to be one. */
const CANDIDATE =
  /\bKB\d{5,8}\b|\b0x[0-9a-f]{3,8}\b|\b(?:TCP|UDP) (?:port )?\d{1,5}\b|\bevents? (?:id )?\d{1,5}\b|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z][A-Za-z0-9]{5,}\b/gi;

/** A stretch of text, and where it leads if it names something the knowledge base describes. */
export interface Stretch {
  readonly text: string;
  readonly address: string | null;
}

/** Finds what texts name: `KB823764`, `0x274C`, `TCP 3389`, `event 7034`, `WSAETIMEDOUT`, `TcpAckFrequency`. */
export class KnownTerms {
  private readonly addresses = new Map<string, string>();
  private readonly ids = new Map<string, string>();

  constructor({ references, cases, recipes }: Catalogue) {
    const { updates, errors, ports, registry, events } = references;
    for (const { id } of updates) this.add(id, referenceAddress("updates", id));
    for (const { id, name, also = [] } of errors)
      for (const term of [id, name, ...also]) if (/^0x|[A-Z]/.test(term)) this.add(term, referenceAddress("errors", id));
    for (const { id, protocol, ports: range } of ports) this.add(`${protocol} ${range}`, referenceAddress("ports", id));
    for (const { id, value } of registry) if (value.length > 5) this.add(value, referenceAddress("registry", id));
    for (const { id, event_id } of events) this.add(`event ${event_id}`, referenceAddress("events", id));
    for (const { id } of cases) this.ids.set(id, caseAddress(id));
    for (const { id } of recipes) this.ids.set(id, recipeAddress(id));
  }

  /** The first to claim a term keeps it. */
  private add(term: string, address: string): void {
    const key = normal(term);
    if (!this.addresses.has(key)) this.addresses.set(key, address);
  }

  /** What a whole text names, ids of cases and recipes among it. */
  named(text: string): string | null {
    return this.addresses.get(normal(text)) ?? this.ids.get(text) ?? null;
  }

  /** The text cut where known terms begin and end. */
  split(text: string): Stretch[] {
    const stretches: Stretch[] = [];
    let from = 0;
    for (const match of text.matchAll(CANDIDATE)) {
      const address = this.addresses.get(normal(match[0]));
      if (address === undefined) continue;
      if (match.index > from) stretches.push({ text: text.slice(from, match.index), address: null });
      stretches.push({ text: match[0], address });
      from = match.index + match[0].length;
    }
    if (from < text.length || text === "") stretches.push({ text: text.slice(from), address: null });
    return stretches;
  }
}

/** Terms without regard to case and to the words between: `TCP port 3389` is `tcp 3389`. */
function normal(term: string): string {
  return term
    .toLowerCase()
    .replace(/^events? (?:id )?/, "event ")
    .replace(" port ", " ");
}
