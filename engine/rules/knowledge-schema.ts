import { type Static, type TSchema, Type } from "typebox";

/** Declarations of the files below `kb/`: recipes and reference data. Types, tests and editor schemas follow from them. */

const strict = { additionalProperties: false } as const;
const words = (description: string) => Type.String({ minLength: 1, description });
const list = <T extends TSchema>(item: T, description: string) => Type.Array(item, { minItems: 1, description });
const DAY = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
const day = (description: string) => Type.String({ pattern: `^${DAY}$`, description });
const id = Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", description: "The file's name" });
const kb = Type.String({
  pattern: "^(VMware-)?KB\\d{5,8}$",
  description: "Number of Microsoft's knowledge base; other makers' with their name in front, for the numbers overlap",
});
const version = Type.String({ pattern: "^\\d+(\\.\\d+){1,5}$", description: "Dotted version, in quotes: 1.10 is not 1.1" });
const side = Type.Enum(["client", "server"]);
/** Where a fact comes from and since when: on every entry. */
const origin = {
  source: words("Document it is taken from, with its address where it has one"),
  as_of: day("Day up to which it holds: that of the source, or that on which it was written down where the source has none"),
};

const Step = Type.Object(
  {
    text: words("What to do, in a sentence"),
    command: Type.Optional(words("Command to type, alone on its line")),
    at: Type.Optional(
      Type.Enum(["client", "server", "both"], { description: "On which machine; where it is left out, on the one the recipe is run for" }),
    ),
  },
  strict,
);

/** `kb/collect/<id>.yaml`: how to gather one kind of evidence. */
export const recipeSchema = Type.Object(
  {
    id,
    title: words("What it gathers, in a few words"),
    gathers: list(
      Type.Object(
        {
          table: words("Table it fills"),
          side: Type.Optional(side),
          only: Type.Optional(
            Type.Record(Type.String(), list(words("A value"), "Values"), { description: "Only rows with these values, by column" }),
          ),
        },
        strict,
      ),
      "Tables it fills; a side or values only where it fills them for those alone",
    ),
    windows: words("Windows versions it works on"),
    elevated: Type.Boolean({ description: "Needs an elevated command prompt" }),
    start: list(Step, "Before the problem is reproduced"),
    stop: Type.Optional(list(Step, "As soon as it has been seen")),
    bundle: list(words("File to put into the bundle"), "What to put into the bundle"),
    limits: list(words("What it cannot show, and what it costs"), "Limits"),
    privacy: words("What the files may disclose"),
    ...origin,
  },
  strict,
);

/** `kb/reference/updates.yaml` */
export const updatesSchema = list(
  Type.Object(
    {
      id: kb,
      title: words("Its own title, or what it is"),
      kind: Type.Enum(["cumulative_update", "security_update", "update", "service_pack", "hotfix", "knowledge_article"]),
      products: list(words("Product id"), "Products it is for"),
      released: Type.Optional(
        Type.String({
          pattern: `^(\\d{4}-(0[1-9]|1[0-2])|${DAY})$`,
          description: "Day it was released, or month where the source says no more, in quotes",
        }),
      ),
      builds: Type.Optional(
        list(
          Type.Object(
            {
              product: words("Product id, one of products"),
              version: Type.Optional(version),
            },
            strict,
          ),
          "What it brings each product to, where it is one of a series that a version tells apart; without a version where the source has none",
        ),
      ),
      about: Type.Optional(words("What it changes and when it helps; may be left out of one in a series of builds")),
      part_of: Type.Optional(words("Bulletin or service pack that holds it")),
      cases: Type.Optional(list(words("Rule id"), "Cases that name it")),
      url: words("Where it is described"),
      ...origin,
    },
    strict,
  ),
  "Updates and vendor articles that cases name",
);

/** `kb/reference/ports.yaml` */
export const portsSchema = list(
  Type.Object(
    {
      id: words("Stable id, `tcp-3389`"),
      protocol: Type.Enum(["tcp", "udp"]),
      ports: Type.String({ pattern: "^\\d{1,5}(-\\d{1,5})?$" }),
      service: words("What listens there"),
      speaks: Type.Optional(
        list(
          Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$" }),
          "Protocols above TCP and UDP, for search: `rdp`, `tls`; cases that ask for the port are about them",
        ),
      ),
      about: words("Who connects to whom, and what depends on it"),
      cases: Type.Optional(list(words("Rule id"), "Cases that name it")),
      ...origin,
    },
    strict,
  ),
  "Ports that cases name",
);

/** `kb/reference/registry.yaml` */
export const registrySchema = list(
  Type.Object(
    {
      id: words("Stable id, `tcp-ack-frequency`"),
      key: words("HKLM\\…; {interface} stands for an interface's GUID"),
      value: words("Value name"),
      type: Type.Enum(["REG_DWORD", "REG_QWORD", "REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ", "REG_BINARY"]),
      range: words("Valid data"),
      default: words("What holds where the value is absent"),
      honoured_by: words("Windows versions that read it"),
      about: words("What it does, and what data outside the range does"),
      restart: Type.Boolean({ description: "Takes effect after a restart" }),
      kb: Type.Optional(kb),
      cases: Type.Optional(list(words("Rule id"), "Cases that name it")),
      ...origin,
    },
    strict,
  ),
  "Registry values that cases name",
);

/** `kb/reference/errors.yaml` */
export const errorsSchema = list(
  Type.Object(
    {
      id: words("Code as it is most often printed, in lower case"),
      also: Type.Optional(list(words("Other spellings of the same"), "Other spellings of the same")),
      space: Type.Enum(["winsock", "hresult", "ntstatus", "sip", "stun", "http"]),
      name: words("Symbolic name"),
      meaning: words("What it says, and what it leaves open"),
      cases: Type.Optional(list(words("Rule id"), "Cases that name it")),
      ...origin,
    },
    strict,
  ),
  "Error codes that cases name",
);

/** `kb/reference/events.yaml` */
export const eventsSchema = list(
  Type.Object(
    {
      id: words("Stable id, `service-control-manager-7034`"),
      event_id: Type.Integer({ minimum: 0, maximum: 65535 }),
      provider: words("Source as the Event Viewer shows it"),
      channel: words("Log it is written to"),
      level: words("Level"),
      meaning: words("What it says, and what it leaves open"),
      parameters: Type.Optional(list(words("Meaning of param1, param2 …"), "Insertion strings in order")),
      cases: Type.Optional(list(words("Rule id"), "Cases that name it")),
      ...origin,
    },
    strict,
  ),
  "Windows events that cases name",
);

/** Reference files by name. */
export const referenceSchemas = {
  updates: updatesSchema,
  ports: portsSchema,
  registry: registrySchema,
  errors: errorsSchema,
  events: eventsSchema,
} as const;

/** Front matter of `kb/articles/<area>/<id>.md`. */
export const articleSchema = Type.Object(
  {
    id,
    title: words("The case in a sentence"),
    products: list(words("Product id"), "Products it is about"),
    updated: day("Day it was last revised"),
  },
  strict,
);

/** Sections of an article, in order. */
export const ARTICLE_SECTIONS = ["Symptom", "Cause", "How Casebook proves it", "Remedy", "Verify", "Collect", "References"] as const;

export type Recipe = Static<typeof recipeSchema>;
export type Update = Static<typeof updatesSchema>[number];
export type Port = Static<typeof portsSchema>[number];
export type RegistryValue = Static<typeof registrySchema>[number];
export type ErrorCode = Static<typeof errorsSchema>[number];
export type EventReference = Static<typeof eventsSchema>[number];
export type ArticleFrontMatter = Static<typeof articleSchema>;
