/** Types and operations of the HTTP API, written by `npm run gen` from its OpenAPI document. */

/** What went wrong and what to do about it, RFC 9457 */
export type Problem = {
  /** What kind of problem, for programs: `urn:casebook:problem:<kind>` */
  readonly type: string;
  /** The status in words */
  readonly title: string;
  /** HTTP status */
  readonly status: number;
  /** What was wrong */
  readonly detail: string;
  /** What can be done about it */
  readonly what_to_do: string;
  readonly errors?: ReadonlyArray<{
    /** Which part of the request, `query/limit` */
    readonly field: string;
    /** What is wrong with it */
    readonly problem: string;
  }>;
  /** Id of the request in the server's log */
  readonly request_id: string;
};

/** One analysis of one bundle */
export type Job = {
  /** Id of the job, and of its report */
  readonly id: string;
  /** Id of the bundle */
  readonly bundle: string;
  /** queued, running, and then for good: done, failed or cancelled */
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  /** When it was submitted; RFC 3339, UTC */
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** How often it was begun; more than once where a worker was lost */
  readonly attempts: number;
  readonly progress: {
    /** opening, reading, correlating, matching, quoting */
    readonly stage: string;
    /** Bytes read */
    readonly bytes: number;
    /** Bytes to read */
    readonly total_bytes: number;
    /** Packets read */
    readonly packets: number;
    /** Rules asked; 0 before the stage matching */
    readonly rules: number;
  } | null;
  readonly error: string | null;
  /** It was asked to stop */
  readonly cancel_requested: boolean;
  readonly links: {
    /** Path of this job */
    readonly job: string;
    /** Path of its events */
    readonly events: string;
    /** Path of its bundle */
    readonly bundle: string;
    readonly report: string | null;
  };
};

/** The job that was queued, or that there was already */
export type AcceptedJob = {
  /** Id of the job, and of its report */
  readonly id: string;
  /** Id of the bundle */
  readonly bundle: string;
  /** queued, running, and then for good: done, failed or cancelled */
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  /** When it was submitted; RFC 3339, UTC */
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** How often it was begun; more than once where a worker was lost */
  readonly attempts: number;
  readonly progress: {
    /** opening, reading, correlating, matching, quoting */
    readonly stage: string;
    /** Bytes read */
    readonly bytes: number;
    /** Bytes to read */
    readonly total_bytes: number;
    /** Packets read */
    readonly packets: number;
    /** Rules asked; 0 before the stage matching */
    readonly rules: number;
  } | null;
  readonly error: string | null;
  /** It was asked to stop */
  readonly cancel_requested: boolean;
  readonly links: {
    /** Path of this job */
    readonly job: string;
    /** Path of its events */
    readonly events: string;
    /** Path of its bundle */
    readonly bundle: string;
    readonly report: string | null;
  };
  /** The same was submitted before: this is the job it got then, and nothing is analysed twice */
  readonly existing: boolean;
};

/** A bundle that was submitted */
export type Bundle = {
  /** Id of the bundle */
  readonly id: string;
  /** Its name */
  readonly name: string;
  /** Size of its files together */
  readonly bytes: number;
  /** Files */
  readonly file_count: number;
  /** When it was submitted; RFC 3339, UTC */
  readonly created_at: string;
  readonly expires_at: string | null;
  /** Its analyses, newest first */
  readonly jobs: ReadonlyArray<Job>;
  readonly files: ReadonlyArray<{
    /** Path inside the bundle */
    readonly path: string;
    /** Size */
    readonly bytes: number;
    /** SHA-256 of its content */
    readonly sha256: string;
  }>;
};

/** Bundles of one's own */
export type BundleList = {
  /** Newest first */
  readonly bundles: ReadonlyArray<{
    /** Id of the bundle */
    readonly id: string;
    /** Its name */
    readonly name: string;
    /** Size of its files together */
    readonly bytes: number;
    /** Files */
    readonly file_count: number;
    /** When it was submitted; RFC 3339, UTC */
    readonly created_at: string;
    readonly expires_at: string | null;
    /** Its analyses, newest first */
    readonly jobs: ReadonlyArray<Job>;
  }>;
  readonly next: string | null;
};

/** What `casebook match --format json` prints */
export type Report = {
  /** Version of this document's format */
  readonly report: 1;
  readonly engine: {
    /** Version of Casebook */
    readonly version: string;
    readonly rules: {
      /** Rules asked */
      readonly count: number;
      /** Over the texts of all rules */
      readonly digest: string;
    };
    /** Newest date in the reference data, `2026-11-20`; empty if it has none */
    readonly data_as_of: string;
  };
  readonly bundle: {
    /** Name of the folder, archive or file */
    readonly name: string;
    /** SHA-256 over the bundle's files, lower-case hexadecimal */
    readonly sha256: string;
    readonly sources: ReadonlyArray<{
      /** Path inside the bundle */
      readonly path: string;
      /** Format id; `unrecognised` if nothing claimed it, `refused` if it was not opened, `empty` for an empty file, `zip`, `tar`, `gz` or `tar.gz` for an archive, `bundle-yaml` for the bundle's description */
      readonly format: string;
      /** Further formats found in the same text */
      readonly also?: ReadonlyArray<string>;
      /** Size */
      readonly bytes: number;
      /** Where it was captured; null where nothing tells */
      readonly side: "client" | "server" | "middle" | null;
      /** Addresses and names of the machine it speaks for */
      readonly host: ReadonlyArray<string> | null;
      /** Rows it gave, by table */
      readonly rows: Readonly<Record<string, number>>;
      /** Packets read, where it is a capture */
      readonly packets?: number;
      readonly warnings: ReadonlyArray<{
        /** Stable name, `<format>.<what>` or `source.<what>` */
        readonly code: string;
        /** What went wrong, in words */
        readonly text: string;
        /** First frame, line or record concerned; 0 for the whole source */
        readonly at: number;
        /** How often */
        readonly count: number;
      }>;
    }>;
  };
  /** Every rule that matched, and every inconclusive one with evidence that points to it; with `--all`, every rule */
  readonly findings: ReadonlyArray<{
    /** Rule id */
    readonly rule: string;
    /** Title of the case */
    readonly title: string;
    readonly level: "informational" | "low" | "medium" | "high" | "critical";
    readonly verdict: "matched" | "ruled_out" | "inconclusive" | "not_applicable" | "error";
    /** What was found, with the values of this bundle */
    readonly summary: string;
    readonly evidence: ReadonlyArray<{
      /** Its name in the rule */
      readonly name: string;
      /** What it looks for */
      readonly about: string;
      readonly outcome: "true" | "false" | "unknown";
      /** Rows that satisfy it */
      readonly rows: number;
      readonly citations: ReadonlyArray<{
        /** Path of the source */
        readonly source: string;
        readonly unit: "frame" | "line" | "record";
        /** Number, from 1, as the tool shows it that opens the source */
        readonly at: number;
        /** The frame as a packet list shows it, the line, or the record's gist */
        readonly text: string;
      }>;
      /** Assumptions the outcome rests on, and why it is unknown where it is */
      readonly notes: ReadonlyArray<string>;
      /** Being true it speaks for nothing: the bundle merely does not show such a row, or the rule denies it */
      readonly lead?: false;
    }>;
    readonly missing: ReadonlyArray<{
      /** Table that nothing in the bundle could fill */
      readonly table: string;
      /** End of the session; null for either, or where nothing tells */
      readonly side: "client" | "server" | null;
      /** Recipes that gather it */
      readonly collect: ReadonlyArray<string>;
      /** What is missing, and why what is there does not do */
      readonly why: string;
    }>;
    readonly resolutions: ReadonlyArray<({
      /** update, registry, firewall … */
      readonly kind: string;
      /** What to change */
      readonly text: string;
    }) & (Readonly<Record<string, unknown>>)>;
    /** How to tell that the fix worked */
    readonly verify: ReadonlyArray<string>;
    /** Wireshark display filters for the cited sessions */
    readonly filters: ReadonlyArray<string>;
    readonly ladder: {
      /** What is drawn */
      readonly title: string;
      /** Capture points, client side first */
      readonly points: ReadonlyArray<{
        /** Path of the source */
        readonly source: string;
        /** Where it was captured; null where nothing tells */
        readonly side: "client" | "server" | "middle" | null;
        /** Client's address and port as seen there */
        readonly client: string;
        /** Server's address and port as seen there */
        readonly server: string;
      }>;
      readonly steps: ReadonlyArray<{
        /** Frame number at each point; null where it was not seen there */
        readonly frames: ReadonlyArray<number | null>;
        /** Seconds since the first step, on the first point's clock */
        readonly time: number;
        readonly from: "client" | "server";
        /** The packet as a packet list shows it */
        readonly text: string;
        readonly mark: "lost" | "foreign" | "retransmission" | "cited" | null;
      }>;
    } | null;
    /** Article id, `<area>/<id>` */
    readonly article: string;
    /** Why, for `not_applicable` and `error` */
    readonly reason?: string;
  }>;
  /** How many rules came to each verdict, all of them counted */
  readonly verdicts: {
    /** Rules */
    readonly matched: number;
    /** Rules */
    readonly ruled_out: number;
    /** Rules */
    readonly inconclusive: number;
    /** Rules */
    readonly not_applicable: number;
    /** Rules */
    readonly error: number;
  };
  /** Recipes to run, those that would settle most first */
  readonly collect: ReadonlyArray<{
    /** Recipe id */
    readonly recipe: string;
    /** Its title */
    readonly title: string;
    /** End of the session; null for either, or where nothing tells */
    readonly side: "client" | "server" | null;
    /** Rules it would decide */
    readonly for: ReadonlyArray<string>;
  }>;
  /** Where several findings explain one symptom */
  readonly competing: ReadonlyArray<{
    /** Rules that each explain the symptom */
    readonly rules: ReadonlyArray<string>;
    /** What they all explain */
    readonly symptom: string;
    /** What separates them */
    readonly settled_by: string;
  }>;
};

/** One evidence query: what it considered and what was left */
export type QueryExplanation = {
  /** Its name in the rule */
  readonly name: string;
  /** What it looks for */
  readonly about: string;
  /** Table it reads */
  readonly table: string;
  /** What it came to */
  readonly outcome: "true" | "false" | "unknown";
  /** Rows of the table */
  readonly considered: number;
  /** For each alternative, what each predicate left */
  readonly funnels: ReadonlyArray<ReadonlyArray<{
    /** What a row has to fulfil */
    readonly predicate: string;
    /** Rows left */
    readonly left: number;
    /** Of these, those with a cell that is not known */
    readonly unknown: number;
  }>>;
  /** Rows it selects by itself */
  readonly selected: number;
  /** Of these, those that hang on cells that are not known */
  readonly perhaps: number;
  /** Rows that belong together with the rest of the evidence */
  readonly joined: number;
  readonly nearest: {
    readonly citation: {
      /** Path of the source */
      readonly source: string;
      /** What is counted */
      readonly unit: "frame" | "line" | "record";
      /** Its number */
      readonly at: number;
    } | null;
    /** Predicates it fulfils */
    readonly passed: number;
    readonly failed: ReadonlyArray<{
      /** Asked for */
      readonly predicate: string;
      /** Column */
      readonly column: string;
      /** What it holds */
      readonly cell: string;
      /** What it came to */
      readonly truth: "true" | "false" | "unknown";
    }>;
  } | null;
  /** Assumptions, and why it is unknown where it is */
  readonly notes: ReadonlyArray<string>;
};

/** Why a rule came to its verdict */
export type Explanation = {
  /** Id of the report */
  readonly id: string;
  /** Rule id */
  readonly rule: string;
  /** Its verdict */
  readonly verdict: "matched" | "ruled_out" | "inconclusive" | "not_applicable" | "error";
  /** Empty for a rule that could not be asked */
  readonly queries: ReadonlyArray<QueryExplanation>;
};

/** One piece of evidence a case rests on */
export type Evidence = {
  /** Name in the condition */
  readonly name: string;
  /** What it looks for */
  readonly about: string;
  /** Table it reads; null for a sequence of other evidence */
  readonly table: string | null;
  /** What a row has to fulfil, a predicate each in plain words; any of the lists, all of its predicates */
  readonly where: ReadonlyArray<ReadonlyArray<string>>;
  /** How its rows belong to other evidence, in plain words */
  readonly belongs: ReadonlyArray<string>;
  /** How rows are taken together and counted, in plain words */
  readonly counted: ReadonlyArray<string>;
  /** `some`, `none`, `unseen`, `at least 3` */
  readonly expect: string;
  /** The block as the rule has it, YAML */
  readonly source: string;
};

/** What to change; the facts beside the text depend on the kind */
export type Resolution = {
  /** `update`, `registry`, `firewall`, `configuration`, `driver`, `service`, `certificate`, `contact`, `investigate` */
  readonly kind: string;
  /** What to do, in a sentence */
  readonly text: string;
  /** Number in the maker's knowledge base, `KB2621440` */
  readonly kb?: string;
  /** Product id */
  readonly product?: string;
  /** Registry key */
  readonly key?: string;
  /** Registry value's name */
  readonly value?: string;
  /** Registry value's type */
  readonly type?: string;
  /** Registry value's data, as text */
  readonly data?: string;
  /** `tcp` or `udp` */
  readonly protocol?: string;
  /** Ports to open */
  readonly ports?: ReadonlyArray<string>;
  /** `inbound`, `outbound` or `both` */
  readonly direction?: string;
  /** Where it is described */
  readonly url?: string;
  /** What may go wrong */
  readonly risk?: string;
  /** Takes effect after a restart */
  readonly restart?: boolean;
};

/** One case: rule and article together */
export type Case = {
  /** Id, the name of its rule */
  readonly id: string;
  /** Folder of the rule */
  readonly area: string;
  /** The case in a sentence */
  readonly title: string;
  /** As in Sigma */
  readonly status: "experimental" | "test" | "stable" | "deprecated";
  /** As in Sigma */
  readonly level: "informational" | "low" | "medium" | "high" | "critical";
  /** Products it is found on */
  readonly products: ReadonlyArray<string>;
  /** What a person notices */
  readonly symptoms: ReadonlyArray<string>;
  /** Protocols it is about */
  readonly protocols: ReadonlyArray<string>;
  /** Day its article was last revised; empty if it has none */
  readonly updated: string;
  /** What it rests on, in the order of the rule */
  readonly evidence: ReadonlyArray<Evidence>;
  /** How the evidence decides: names with and, or, not and brackets */
  readonly condition: string;
  /** Line that a finding shows, with {evidence.column} to be filled in */
  readonly summary: string;
  /** What to change */
  readonly resolutions: ReadonlyArray<Resolution>;
  /** How to tell that it worked */
  readonly verify: ReadonlyArray<string>;
  /** Wireshark display filters, with {evidence.column} to be filled in */
  readonly filters: ReadonlyArray<string>;
  /** What may look like it and is not */
  readonly falsepositives: ReadonlyArray<string>;
  /** Further reading */
  readonly references: ReadonlyArray<string>;
  /** Recipes that gather what its evidence reads */
  readonly collect: ReadonlyArray<string>;
  /** Cases to compare */
  readonly related: ReadonlyArray<string>;
  /** Cases that share a symptom with it */
  readonly competes_with: ReadonlyArray<string>;
  /** More particular cases it stands back for */
  readonly yields_to: ReadonlyArray<string>;
  /** The article in order; links in it are those of the knowledge base's own files */
  readonly sections: ReadonlyArray<{
    /** Heading */
    readonly title: string;
    /** What stands below it, Markdown without HTML */
    readonly markdown: string;
  }>;
};

/** A case as a list names it */
export type CaseSummary = {
  /** Id, the name of its rule */
  readonly id: string;
  /** Folder of the rule */
  readonly area: string;
  /** The case in a sentence */
  readonly title: string;
  /** As in Sigma */
  readonly status: "experimental" | "test" | "stable" | "deprecated";
  /** As in Sigma */
  readonly level: "informational" | "low" | "medium" | "high" | "critical";
  /** Products it is found on */
  readonly products: ReadonlyArray<string>;
  /** What a person notices */
  readonly symptoms: ReadonlyArray<string>;
  /** Protocols it is about */
  readonly protocols: ReadonlyArray<string>;
  /** Day its article was last revised; empty if it has none */
  readonly updated: string;
  /** Address of its page on the site, relative to the site's own */
  readonly page: string;
};

/** How to gather one kind of evidence */
export type Recipe = {
  /** The file's name */
  readonly id: string;
  /** What it gathers, in a few words */
  readonly title: string;
  /** Tables it fills; a side or values only where it fills them for those alone */
  readonly gathers: ReadonlyArray<{
    /** Table it fills */
    readonly table: string;
    readonly side?: "client" | "server";
    /** Only rows with these values, by column */
    readonly only?: Readonly<Record<string, ReadonlyArray<string>>>;
  }>;
  /** Windows versions it works on */
  readonly windows: string;
  /** Needs an elevated command prompt */
  readonly elevated: boolean;
  /** Before the problem is reproduced */
  readonly start: ReadonlyArray<{
    /** What to do, in a sentence */
    readonly text: string;
    /** Command to type, alone on its line */
    readonly command?: string;
    /** On which machine; where it is left out, on the one the recipe is run for */
    readonly at?: "client" | "server" | "both";
  }>;
  /** As soon as it has been seen; may be empty */
  readonly stop: ReadonlyArray<{
    /** What to do, in a sentence */
    readonly text: string;
    /** Command to type, alone on its line */
    readonly command?: string;
    /** On which machine; where it is left out, on the one the recipe is run for */
    readonly at?: "client" | "server" | "both";
  }>;
  /** What to put into the bundle */
  readonly bundle: ReadonlyArray<string>;
  /** Limits */
  readonly limits: ReadonlyArray<string>;
  /** What the files may disclose */
  readonly privacy: string;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
  /** Cases whose evidence it gathers */
  readonly cases: ReadonlyArray<string>;
};

/** Every recipe */
export type RecipeList = {
  /** Version of Casebook */
  readonly version: string;
  /** `sha256:…` over the rules */
  readonly digest: string;
  /** Newest date in the reference data */
  readonly data_as_of: string;
  /** Recipes */
  readonly count: number;
  /** In order of id */
  readonly recipes: ReadonlyArray<Recipe>;
};

/** An update, or an article of a maker's knowledge base */
export type Update = {
  /** Number of Microsoft's knowledge base; other makers' with their name in front, for the numbers overlap */
  readonly id: string;
  /** Its own title, or what it is */
  readonly title: string;
  readonly kind: "cumulative_update" | "security_update" | "update" | "service_pack" | "hotfix" | "knowledge_article";
  /** Products it is for */
  readonly products: ReadonlyArray<string>;
  /** Day it was released, or month where the source says no more, in quotes */
  readonly released?: string;
  /** What it brings each product to, where it is one of a series that a version tells apart; without a version where the source has none */
  readonly builds?: ReadonlyArray<{
    /** Product id, one of products */
    readonly product: string;
    /** Dotted version, in quotes: 1.10 is not 1.1 */
    readonly version?: string;
  }>;
  /** What it changes and when it helps; may be left out of one in a series of builds */
  readonly about?: string;
  /** Bulletin or service pack that holds it */
  readonly part_of?: string;
  /** Cases that name it */
  readonly cases?: ReadonlyArray<string>;
  /** Where it is described */
  readonly url: string;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
};

/** A port and what listens there */
export type Port = {
  /** Stable id, `tcp-3389` */
  readonly id: string;
  readonly protocol: "tcp" | "udp";
  readonly ports: string;
  /** What listens there */
  readonly service: string;
  /** Protocols above TCP and UDP, for search: `rdp`, `tls`; cases that ask for the port are about them */
  readonly speaks?: ReadonlyArray<string>;
  /** Who connects to whom, and what depends on it */
  readonly about: string;
  /** Cases that name it */
  readonly cases?: ReadonlyArray<string>;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
};

/** A registry value */
export type RegistryValue = {
  /** Stable id, `tcp-ack-frequency` */
  readonly id: string;
  /** HKLM\…; {interface} stands for an interface's GUID */
  readonly key: string;
  /** Value name */
  readonly value: string;
  readonly type: "REG_DWORD" | "REG_QWORD" | "REG_SZ" | "REG_EXPAND_SZ" | "REG_MULTI_SZ" | "REG_BINARY";
  /** Valid data */
  readonly range: string;
  /** What holds where the value is absent */
  readonly default: string;
  /** Windows versions that read it */
  readonly honoured_by: string;
  /** What it does, and what data outside the range does */
  readonly about: string;
  /** Takes effect after a restart */
  readonly restart: boolean;
  /** Number of Microsoft's knowledge base; other makers' with their name in front, for the numbers overlap */
  readonly kb?: string;
  /** Cases that name it */
  readonly cases?: ReadonlyArray<string>;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
};

/** An error code */
export type ErrorCode = {
  /** Code as it is most often printed, in lower case */
  readonly id: string;
  /** Other spellings of the same */
  readonly also?: ReadonlyArray<string>;
  readonly space: "winsock" | "hresult" | "ntstatus" | "sip" | "stun" | "http";
  /** Symbolic name */
  readonly name: string;
  /** What it says, and what it leaves open */
  readonly meaning: string;
  /** Cases that name it */
  readonly cases?: ReadonlyArray<string>;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
};

/** A Windows event */
export type Event = {
  /** Stable id, `service-control-manager-7034` */
  readonly id: string;
  readonly event_id: number;
  /** Source as the Event Viewer shows it */
  readonly provider: string;
  /** Log it is written to */
  readonly channel: string;
  /** Level */
  readonly level: string;
  /** What it says, and what it leaves open */
  readonly meaning: string;
  /** Insertion strings in order */
  readonly parameters?: ReadonlyArray<string>;
  /** Cases that name it */
  readonly cases?: ReadonlyArray<string>;
  /** Document it is taken from, with its address where it has one */
  readonly source: string;
  /** Day up to which it holds: that of the source, or that on which it was written down where the source has none */
  readonly as_of: string;
};

/** Cases that fit, a page of them; `count` is of all that fit */
export type CasePage = {
  /** Version of Casebook */
  readonly version: string;
  /** `sha256:…` over the rules */
  readonly digest: string;
  /** Newest date in the reference data */
  readonly data_as_of: string;
  /** Cases */
  readonly count: number;
  /** In order of id */
  readonly cases: ReadonlyArray<CaseSummary>;
  readonly next: string | null;
};

/** Reference data of one kind, a page of it */
export type ReferencePage = {
  /** Kind of entries */
  readonly kind: "updates" | "ports" | "registry" | "errors" | "events";
  /** Newest date of its entries; empty if there are none */
  readonly as_of: string;
  /** Entries of this kind */
  readonly count: number;
  /** In order of id */
  readonly entries: ReadonlyArray<Update | Port | RegistryValue | ErrorCode | Event>;
  readonly next: string | null;
};

/** Something in the knowledge base that has an address */
export type Entry = {
  /** Path of its page on the site, relative to the site's root */
  readonly address: string;
  /** What it is */
  readonly kind: "case" | "recipe" | "update" | "port" | "registry" | "error" | "event" | "area" | "product" | "page";
  /** Title */
  readonly title: string;
  /** One or two sentences */
  readonly text: string;
  readonly facets: {
    /** Area */
    readonly area?: string;
    /** Products */
    readonly product?: ReadonlyArray<string>;
    /** Protocols */
    readonly protocol?: ReadonlyArray<string>;
    /** Level */
    readonly level?: string;
    /** Tables its evidence reads */
    readonly evidence?: ReadonlyArray<string>;
  };
};

/** What was found */
export type SearchResult = {
  /** What was searched for */
  readonly query: string;
  /** Exact matches first, then by how well they fit */
  readonly hits: ReadonlyArray<{
    readonly entry: Entry;
    /** Its title, with what was found */
    readonly title: {
      /** Text */
      readonly text: string;
      /** Ranges of what was found, in UTF-16 units: start and end */
      readonly marks: ReadonlyArray<ReadonlyArray<number>>;
    };
    /** The sentence that shows most of what was found */
    readonly snippet: {
      /** Text */
      readonly text: string;
      /** Ranges of what was found, in UTF-16 units: start and end */
      readonly marks: ReadonlyArray<ReadonlyArray<number>>;
    };
    /** What it is, where the query is a notation of it: `Winsock error 10060 = 0x274C` */
    readonly is?: string;
    /** What was asked for itself, a range that holds it, or another face of it */
    readonly relation?: "itself" | "within" | "related";
  }>;
  /** All hits there are */
  readonly total: number;
  /** By facet, what the hits could be narrowed to */
  readonly facets: {
    readonly kind: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
    readonly area: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
    readonly product: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
    readonly protocol: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
    readonly level: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
    readonly evidence: ReadonlyArray<{
      /** Value */
      readonly value: string;
      /** Hits it would leave */
      readonly count: number;
    }>;
  };
  readonly corrected: ReadonlyArray<{
    /** Word that nothing holds */
    readonly word: string;
    /** Spellings looked for in its place */
    readonly as: ReadonlyArray<string>;
  }>;
  /** Words that were not looked for: too common, or too many */
  readonly ignored: ReadonlyArray<string>;
  /** A quoted phrase stands nowhere as such; entries that have its words are given */
  readonly loosened: boolean;
  readonly next_offset: number | null;
};

/** What a notation leads to */
export type LookUp = {
  /** What was looked up */
  readonly term: string;
  /** Best first; none where nothing has that notation */
  readonly matches: ReadonlyArray<{
    readonly entry: Entry;
    /** What it is, in a few words */
    readonly is: string;
    /** What was asked for itself, a range that holds it, or another face of it */
    readonly relation: "itself" | "within" | "related";
  }>;
};

/** What came of a submitted rule */
export type RuleCheck = {
  readonly rule: string | null;
  /** Everything that is wrong with it, as casebook rules lint says it */
  readonly problems: ReadonlyArray<{
    /** Line, from 1 */
    readonly line: number;
    /** Column, from 1 */
    readonly column: number;
    /** Kind of problem */
    readonly code: string;
    /** What is wrong */
    readonly message: string;
  }>;
  /** What it says of each bundle; none where its problems keep it from being asked */
  readonly trials: ReadonlyArray<{
    /** Name of the bundle, or `<case>/<variant>` */
    readonly name: string;
    readonly finding: {
      /** Rule id */
      readonly rule: string;
      /** Title of the case */
      readonly title: string;
      readonly level: "informational" | "low" | "medium" | "high" | "critical";
      readonly verdict: "matched" | "ruled_out" | "inconclusive" | "not_applicable" | "error";
      /** What was found, with the values of this bundle */
      readonly summary: string;
      readonly evidence: ReadonlyArray<{
        /** Its name in the rule */
        readonly name: string;
        /** What it looks for */
        readonly about: string;
        readonly outcome: "true" | "false" | "unknown";
        /** Rows that satisfy it */
        readonly rows: number;
        readonly citations: ReadonlyArray<{
          /** Path of the source */
          readonly source: string;
          readonly unit: "frame" | "line" | "record";
          /** Number, from 1, as the tool shows it that opens the source */
          readonly at: number;
          /** The frame as a packet list shows it, the line, or the record's gist */
          readonly text: string;
        }>;
        /** Assumptions the outcome rests on, and why it is unknown where it is */
        readonly notes: ReadonlyArray<string>;
        /** Being true it speaks for nothing: the bundle merely does not show such a row, or the rule denies it */
        readonly lead?: false;
      }>;
      readonly missing: ReadonlyArray<{
        /** Table that nothing in the bundle could fill */
        readonly table: string;
        /** End of the session; null for either, or where nothing tells */
        readonly side: "client" | "server" | null;
        /** Recipes that gather it */
        readonly collect: ReadonlyArray<string>;
        /** What is missing, and why what is there does not do */
        readonly why: string;
      }>;
      readonly resolutions: ReadonlyArray<({
        /** update, registry, firewall … */
        readonly kind: string;
        /** What to change */
        readonly text: string;
      }) & (Readonly<Record<string, unknown>>)>;
      /** How to tell that the fix worked */
      readonly verify: ReadonlyArray<string>;
      /** Wireshark display filters for the cited sessions */
      readonly filters: ReadonlyArray<string>;
      readonly ladder: {
        /** What is drawn */
        readonly title: string;
        /** Capture points, client side first */
        readonly points: ReadonlyArray<{
          /** Path of the source */
          readonly source: string;
          /** Where it was captured; null where nothing tells */
          readonly side: "client" | "server" | "middle" | null;
          /** Client's address and port as seen there */
          readonly client: string;
          /** Server's address and port as seen there */
          readonly server: string;
        }>;
        readonly steps: ReadonlyArray<{
          /** Frame number at each point; null where it was not seen there */
          readonly frames: ReadonlyArray<number | null>;
          /** Seconds since the first step, on the first point's clock */
          readonly time: number;
          readonly from: "client" | "server";
          /** The packet as a packet list shows it */
          readonly text: string;
          readonly mark: "lost" | "foreign" | "retransmission" | "cited" | null;
        }>;
      } | null;
      /** Article id, `<area>/<id>` */
      readonly article: string;
      /** Why, for `not_applicable` and `error` */
      readonly reason?: string;
    };
    readonly explanation: ReadonlyArray<QueryExplanation>;
    /** Rules that match this bundle, the submitted one included */
    readonly matched: ReadonlyArray<string>;
    readonly differences: ReadonlyArray<string> | null;
  }>;
};

/** What each operation takes and gives, by its id. */
export interface Operations {
  /** Cancel a job */
  readonly cancelJob: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Job;
  };
  /** Check a rule, and try it on a stored bundle or on test bundles */
  readonly checkRule: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      /** The rule, YAML */
      readonly rule: string;
      /** Id of a stored bundle to try it on */
      readonly bundle?: string;
      /** Ids of cases on whose test bundles to try it */
      readonly cases?: ReadonlyArray<string>;
    };
    readonly response: RuleCheck;
  };
  /** Delete a bundle with its files, jobs and reports */
  readonly deleteBundle: {
    readonly params: {
      /** Id of the bundle */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: undefined;
  };
  /** Why a rule came to its verdict, query by query */
  readonly explainRule: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
      /** Rule id */
      readonly rule: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Explanation;
  };
  /** Follow a job as server-sent events */
  readonly followJob: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: undefined;
  };
  /** List one's bundles, newest first */
  readonly listBundles: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: {
      /** Most entries of a page */
      readonly limit?: number;
      /** `next` of the page before; none for the first page */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly response: BundleList;
  };
  /** List the cases */
  readonly listCases: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: {
      /** Only of this area */
      readonly area?: string;
      /** Only about this product */
      readonly product?: string;
      /** Only about this protocol */
      readonly protocol?: string;
      /** Only of this level */
      readonly level?: "informational" | "low" | "medium" | "high" | "critical";
      /** Only of this status */
      readonly status?: "experimental" | "test" | "stable" | "deprecated";
      /** Only such whose evidence reads this table */
      readonly table?: string;
      /** Most entries of a page */
      readonly limit?: number;
      /** `next` of the page before; none for the first page */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly response: CasePage;
  };
  /** How to collect evidence */
  readonly listRecipes: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: RecipeList;
  };
  /** Reference data of one kind: updates, ports, registry values, error codes, events */
  readonly listReference: {
    readonly params: {
      /** Kind of entries */
      readonly kind: "updates" | "ports" | "registry" | "errors" | "events";
    };
    readonly query: {
      /** Most entries of a page */
      readonly limit?: number;
      /** `next` of the page before; none for the first page */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly response: ReferencePage;
  };
  /** Whether the process lives */
  readonly live: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: {
      /** ok */
      readonly status: string;
    };
  };
  /** Look up a code, port, KB number, version or event id in any notation */
  readonly lookUp: {
    readonly params: {
      /** 0x274C, 10060, KB823764, 3389/tcp, 4.0.7577.4356 … */
      readonly term: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: LookUp;
  };
  /** Figures for Prometheus */
  readonly metrics: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: undefined;
  };
  /** What a bundle holds, and its analyses */
  readonly readBundle: {
    readonly params: {
      /** Id of the bundle */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Bundle;
  };
  /** A case with its article */
  readonly readCase: {
    readonly params: {
      /** Rule id */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Case;
  };
  /** State and progress of a job */
  readonly readJob: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Job;
  };
  /** This description, OpenAPI 3.1 */
  readonly readOpenapi: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: Readonly<Record<string, unknown>>;
  };
  /** The report of a job */
  readonly readReport: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
    };
    readonly query: {
      /** Format, whatever `Accept` says */
      readonly format?: "json" | "html" | "markdown" | "text";
      /** Only findings of these verdicts, separated by commas: matched, ruled_out, inconclusive, not_applicable, error */
      readonly verdict?: string;
      /** Tell every rule, not only those worth telling */
      readonly all?: "" | "true" | "false" | "1" | "0";
    };
    readonly body: undefined;
    readonly response: Report;
  };
  /** Whether requests can be answered */
  readonly ready: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: {
      /** In a word */
      readonly status: "ready" | "not ready" | "ending";
      /** Whether it can be reached */
      readonly store: "ok" | "unreachable";
      /** Whether it can be reached */
      readonly blobs: "ok" | "unreachable";
      /** Whether it can be reached */
      readonly queue: "ok" | "unreachable";
    };
  };
  /** Analyse a job's bundle anew, under the rules there are now */
  readonly rerunJob: {
    readonly params: {
      /** Id of the job */
      readonly id: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly response: AcceptedJob;
  };
  /** Search cases, recipes and reference data */
  readonly search: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: {
      /** Words, all of which have to be found; "phrases"; codes, ports, KB numbers, versions in any notation */
      readonly q: string;
      /** Only of this kind; several separated by commas */
      readonly kind?: string;
      /** Only of this area; several separated by commas */
      readonly area?: string;
      /** Only about this product; several separated by commas */
      readonly product?: string;
      /** Only about this protocol; several separated by commas */
      readonly protocol?: string;
      /** Only of this level; several separated by commas */
      readonly level?: string;
      /** Only whose evidence reads this table; several separated by commas */
      readonly evidence?: string;
      /** Most hits */
      readonly limit?: number;
      /** Hits to leave out at the beginning */
      readonly offset?: number;
    };
    readonly body: undefined;
    readonly response: SearchResult;
  };
  /** Submit a bundle for analysis */
  readonly submitBundle: {
    readonly params: Readonly<Record<string, never>>;
    readonly query: {
      /** Name of the bundle; of the file, where the body is one */
      readonly name?: string;
    };
    readonly body: undefined;
    readonly response: AcceptedJob;
  };
}

/** How each operation is asked for. */
export const operations = {
  cancelJob: { method: "DELETE", path: "/v1/jobs/{id}" },
  checkRule: { method: "POST", path: "/v1/rules/check" },
  deleteBundle: { method: "DELETE", path: "/v1/bundles/{id}" },
  explainRule: { method: "GET", path: "/v1/reports/{id}/explain/{rule}" },
  followJob: { method: "GET", path: "/v1/jobs/{id}/events" },
  listBundles: { method: "GET", path: "/v1/bundles" },
  listCases: { method: "GET", path: "/v1/cases" },
  listRecipes: { method: "GET", path: "/v1/recipes" },
  listReference: { method: "GET", path: "/v1/reference/{kind}" },
  live: { method: "GET", path: "/health/live" },
  lookUp: { method: "GET", path: "/v1/lookup/{term}" },
  metrics: { method: "GET", path: "/metrics" },
  readBundle: { method: "GET", path: "/v1/bundles/{id}" },
  readCase: { method: "GET", path: "/v1/cases/{id}" },
  readJob: { method: "GET", path: "/v1/jobs/{id}" },
  readOpenapi: { method: "GET", path: "/v1/openapi.json" },
  readReport: { method: "GET", path: "/v1/reports/{id}" },
  ready: { method: "GET", path: "/health/ready" },
  rerunJob: { method: "POST", path: "/v1/jobs/{id}/rerun" },
  search: { method: "GET", path: "/v1/search" },
  submitBundle: { method: "POST", path: "/v1/bundles" },
} as const;
