/**
 * The report: one versioned JSON document; text, Markdown and HTML are renderings of it. Field names are a contract with
 * other tools: fields may be added, those here keep their names and meaning.
 */
export interface Report {
  readonly report: 1;
  readonly engine: {
    readonly version: string;
    readonly rules: { readonly count: number; readonly digest: string };
    readonly data_as_of: string;
  };
  readonly bundle: { readonly name: string; readonly sha256: string; readonly sources: readonly ReportSource[] };
  readonly findings: readonly Finding[];
  /** How many rules came to each verdict, all of them counted. */
  readonly verdicts: Readonly<Record<VerdictName, number>>;
  /** Recipes to run, those that would settle most first. */
  readonly collect: readonly {
    readonly recipe: string;
    readonly title: string;
    readonly side: Side | null;
    readonly for: readonly string[];
  }[];
  /** Where several findings explain one symptom: what separates them, and what would settle it. */
  readonly competing: readonly { readonly rules: readonly string[]; readonly symptom: string; readonly settled_by: string }[];
  /** Why one rule came to its verdict, where that was asked for. */
  readonly explanation?: { readonly rule: string; readonly verdict: VerdictName | null; readonly queries: readonly object[] };
}

export type VerdictName = "matched" | "ruled_out" | "inconclusive" | "not_applicable" | "error";
export type Side = "client" | "server";
export type Level = "informational" | "low" | "medium" | "high" | "critical";

export interface ReportSource {
  readonly path: string;
  /** Format id; `unrecognised` if nothing claimed it, `container` for an archive, `empty` for an empty file. */
  readonly format: string;
  /** Further formats found in the same text, where it is a transcript. */
  readonly also?: readonly string[];
  readonly bytes: number;
  readonly side: Side | "middle" | null;
  readonly host: readonly string[] | null;
  readonly rows: Readonly<Record<string, number>>;
  /** Packets read, where it is a capture. */
  readonly packets?: number;
  readonly warnings: readonly { readonly code: string; readonly text: string; readonly at: number; readonly count: number }[];
}

export interface Finding {
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  readonly verdict: VerdictName;
  readonly summary: string;
  readonly evidence: readonly ReportEvidence[];
  readonly missing: readonly MissingEvidence[];
  readonly resolutions: readonly ReportResolution[];
  /** How to tell that the fix worked. */
  readonly verify: readonly string[];
  /** Wireshark display filters for the cited sessions. */
  readonly filters: readonly string[];
  /** The cited session drawn: for network cases. */
  readonly ladder: Ladder | null;
  readonly article: string;
  /** Why, for `not_applicable` and `error`. */
  readonly reason?: string;
}

export interface ReportEvidence {
  readonly name: string;
  /** What it looks for, in words. */
  readonly about: string;
  readonly outcome: "true" | "false" | "unknown";
  readonly rows: number;
  readonly citations: readonly ReportCitation[];
  /** Assumptions the outcome rests on, and why it is unknown where it is. */
  readonly notes: readonly string[];
  /** False where being true it speaks for nothing: the bundle merely does not show such a row, or the rule denies it. */
  readonly lead?: false;
}

export interface ReportCitation {
  readonly source: string;
  readonly unit: "frame" | "line" | "record";
  readonly at: number;
  /** The frame as Wireshark's packet list would show it, the line or the record's gist. */
  readonly text: string;
}

export interface MissingEvidence {
  readonly table: string;
  readonly side: Side | null;
  /** Ids of recipes in `kb/collect/`. */
  readonly collect: readonly string[];
  /** What is missing and why what is there does not do, in words. */
  readonly why: string;
}

export interface ReportResolution {
  readonly kind: string;
  readonly text: string;
  /** Kind-specific facts: `kb`, `key`, `value`, `port` … */
  readonly [fact: string]: unknown;
}

/** Frames of one session in time order, at one capture point or two side by side. */
export interface Ladder {
  readonly title: string;
  /** One or two capture points, client side first. */
  readonly points: readonly {
    readonly source: string;
    readonly side: Side | "middle" | null;
    readonly client: string;
    readonly server: string;
  }[];
  readonly steps: readonly {
    /** Frame number at each point, null where it was not seen there. */
    readonly frames: readonly (number | null)[];
    /** Seconds since the first step, on the first point's clock. */
    readonly time: number;
    readonly from: Side;
    readonly text: string;
    readonly mark: "lost" | "foreign" | "retransmission" | "cited" | null;
  }[];
}
