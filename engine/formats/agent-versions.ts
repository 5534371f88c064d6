import { isComparable, productOfAgent } from "../tables/product-names.ts";
import type { Emit } from "./format.ts";

/** Different headers of one trace that are looked at; a busy pool sees some hundred kinds of clients. */
const MAX_AGENTS = 5000;

/** The builds that the User-Agent and Server headers of one SIP trace name, each once. */
export class AgentVersions {
  private readonly emit: Emit;
  private readonly seen = new Set<string>();
  private comparable = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  /** `own`: the header is of the machine that keeps the trace, not of somebody it speaks with. */
  add(agent: unknown, own: boolean, at: number): void {
    if (typeof agent !== "string" || this.seen.size >= MAX_AGENTS || this.seen.has(agent)) return;
    this.seen.add(agent);
    const found = productOfAgent(agent);
    if (!found || !isComparable(found)) return;
    this.comparable = true;
    this.emit.row("product_versions", { host: own ? null : [], via: "sip_header", name: agent.slice(0, 200), ...found }, at);
  }

  end(): void {
    const what = "a trace shows only who spoke while it ran";
    if (this.comparable)
      this.emit.coverage({ table: "product_versions", host: null, side: null, from: null, to: null, complete: false, why: what });
  }
}
