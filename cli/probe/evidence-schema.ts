import { type Static, Type } from "typebox";
import { PROBE_VERSION } from "../../engine/formats/probe-record.ts";
import { PROBE_KINDS, PROBE_STEPS, URL_ROLES } from "../../engine/tables/web-tables.ts";

const about = (description: string) => ({ description });
const text = (description: string) => Type.String({ minLength: 1, description });
const time = (description: string) =>
  Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$", description: `${description}, ISO 8601 UTC` });
const version = Type.Literal(PROBE_VERSION, about("Version of the format"));

const startLine = Type.Object(
  {
    casebook_probe: version,
    record: Type.Literal("start"),
    time: time("When the probe began"),
    host: text("Name of the machine it runs on"),
    addresses: Type.Array(Type.String(), about("Its addresses, but for loopback and link-local ones")),
    version: text("Version of casebook"),
  },
  about("First line of a run"),
);

const stepLine = Type.Object(
  {
    casebook_probe: version,
    record: Type.Literal("step"),
    kind: Type.Enum([...PROBE_KINDS], about("What the target is")),
    role: Type.Optional(Type.Enum([...URL_ROLES], about("Which published service it is"))),
    target: text("Target as it was given: a URL, a server with its port, a mail address"),
    name: text("Host name or address that is tested"),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: "Port that is tested" })),
    transport: Type.Optional(Type.Enum(["tcp", "udp"])),
    step: Type.Enum([...PROBE_STEPS], about("Step; each needs those before it")),
    outcome: Type.Enum(["passed", "failed", "skipped"], about("How it ended; skipped where nothing was given to test it with")),
    reason: Type.Optional(text("Why it failed or was skipped, in one word; see probe_results in tables.md")),
    ip: Type.Optional(text("Address that was resolved, tried or answered")),
    status: Type.Optional(Type.Integer(about("HTTP status, or error code of a STUN answer"))),
    time: time("When the step began"),
    duration: Type.Number({ minimum: 0, description: "Seconds it took" }),
    subject: Type.Optional(Type.String(about("Subject of the certificate presented"))),
    names: Type.Optional(Type.Array(Type.String(), about("Names it is for"))),
    expires: Type.Optional(time("Until when it is valid")),
    detail: Type.Optional(Type.String(about("What was seen, in words"))),
  },
  about("One step of one target"),
);

const endLine = Type.Object(
  {
    casebook_probe: version,
    record: Type.Literal("end"),
    time: time("When the probe ended"),
    steps: Type.Integer({ minimum: 0, description: "Steps of the run" }),
  },
  about("Last line of a run; without it the file was cut off"),
);

/** A line of the evidence file that `casebook probe` writes. */
export const probeLineSchema = Type.Union([startLine, stepLine, endLine]);

/** One step of one target, as it goes into the evidence file. */
export type ProbeStep = Readonly<Omit<Static<typeof stepLine>, "casebook_probe" | "record">>;
