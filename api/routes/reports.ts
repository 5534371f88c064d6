import { createHash } from "node:crypto";
import { Type } from "typebox";
import { briefReport } from "../../engine/report/brief.ts";
import type { Report } from "../../engine/report/report.ts";
import { audit } from "../audit.ts";
import { callerOf } from "../caller.ts";
import { matchesTag, preferred } from "../negotiation.ts";
import { notFound, Problem } from "../problem.ts";
import { FORMATS, HTML_POLICY, MEDIA_TYPES, type ReportFormat, renderReport } from "../reports/formats.ts";
import { doneJob, readExplanations, readReport } from "../reports/stored-report.ts";
import { idParams } from "../schemas/fields.ts";
import { problems } from "../schemas/problem.ts";
import { explanationSchema, isOn, queryExplanationSchema, readVerdicts, reportBodySchema, reportQuery } from "../schemas/report.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";

/** Reading reports, and why a rule came to its verdict. */
export function reportRoutes(app: TypedApp, services: Services): void {
  for (const schema of [reportBodySchema, queryExplanationSchema, explanationSchema]) app.addSchema(schema);
  readRoute(app, services);
  explainRoute(app, services);
}

function readRoute(app: TypedApp, services: Services): void {
  const textual = (format: ReportFormat) => [MEDIA_TYPES[format], { schema: Type.String() }] as const;
  app.get(
    "/reports/:id",
    {
      config: { access: ["read"] },
      schema: {
        operationId: "readReport",
        tags: ["reports"],
        summary: "The report of a job",
        description: "As JSON, HTML, Markdown or text, as Accept or ?format= says. Findings worth telling; ?all for every rule.",
        params: idParams("job"),
        querystring: reportQuery,
        response: {
          200: {
            description: "The report",
            headers: { ETag: { type: "string", description: "Tag of this form of the report, for If-None-Match" } },
            content: Object.fromEntries([
              [MEDIA_TYPES.json, { schema: Type.Ref("Report") }],
              textual("html"),
              textual("markdown"),
              textual("text"),
            ]),
          },
          304: Type.Null({ description: "Unchanged" }),
          ...problems(404, 406, 409),
        },
      },
    },
    async (request, reply) => {
      const { query, params, headers } = request;
      const format = query.format ?? formatFor(headers.accept);
      const verdicts = readVerdicts(query.verdict);
      const all = isOn(query.all);
      const job = await doneJob(services, callerOf(request).tenant, params.id);
      const form = [job.id, job.results.report, format, all, [...(verdicts ?? [])].sort().join(), services.catalogue.version];
      const tag = `"${createHash("sha256").update(JSON.stringify(form)).digest("base64url").slice(0, 24)}"`;
      reply.headers({ etag: tag, "cache-control": "private, no-cache", vary: "Accept, Authorization" });
      if (matchesTag(headers["if-none-match"], tag)) return reply.code(304).send(null);
      const full = await readReport(services, job);
      await audit(services, request, "report.read", job.id);
      const report = verdicts ? ofVerdicts(full, verdicts) : all ? full : briefReport(full);
      if (format === "html") reply.header("content-security-policy", HTML_POLICY);
      return reply
        .type(`${MEDIA_TYPES[format]}; charset=utf-8`)
        .serializer(asIs)
        .send(renderReport(report, format, all));
    },
  );
}

const asIs = (text: unknown) => text as string;

function formatFor(accept: string | undefined): ReportFormat {
  const type = preferred(accept, Object.values(MEDIA_TYPES));
  const format = FORMATS.find((one) => MEDIA_TYPES[one] === type);
  if (format) return format;
  throw new Problem(406, "not-acceptable", `A report can be had as ${Object.values(MEDIA_TYPES).join(", ")}.`, {
    whatToDo: `Ask for one of these with Accept, or with ?format=${FORMATS.join("|")}.`,
  });
}

function ofVerdicts(report: Report, verdicts: ReadonlySet<string>): Report {
  return { ...report, findings: report.findings.filter(({ verdict }) => verdicts.has(verdict)) };
}

function explainRoute(app: TypedApp, services: Services): void {
  app.get(
    "/reports/:id/explain/:rule",
    {
      config: { access: ["read"] },
      schema: {
        operationId: "explainRule",
        tags: ["reports"],
        summary: "Why a rule came to its verdict, query by query",
        params: Type.Object({ ...idParams("job").properties, rule: Type.String({ minLength: 1, maxLength: 200, description: "Rule id" }) }),
        response: { 200: Type.Ref("Explanation"), ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id, rule } = request.params;
      const job = await doneJob(services, callerOf(request).tenant, id);
      const [report, explanations] = await Promise.all([readReport(services, job), readExplanations(services, job)]);
      const finding = report.findings.find((one) => one.rule === rule);
      if (!finding) throw notFound("rule in this report");
      await audit(services, request, "report.read", job.id);
      return reply
        .header("cache-control", "private, no-cache")
        .send({ id: job.id, rule, verdict: finding.verdict, queries: explanations[rule] ?? [] });
    },
  );
}
