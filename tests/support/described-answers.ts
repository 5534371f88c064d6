import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Answer } from "./api-server.ts";

export interface DescribedAnswers {
  /** Throws where an answer is not one that the description declares for that route, status and content type. */
  check(method: string, path: string, answer: Answer<unknown>): void;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>>;
}
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, object>>;
}

/** Statuses that belong to no route: nothing there, not this method, a path beyond all measure. */
const OF_NO_ROUTE = new Set([404, 405, 414]);

/** Holds answers against an OpenAPI description, so that every test of a route is a test of its description. */
export function describedAnswers(document: object): DescribedAnswers {
  const description = document as Description;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  ajv.addFormat("binary", true);
  ajv.addSchema(document, "openapi");
  const routes = Object.keys(description.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  const compiled = new Map<string, ValidateFunction>();
  return {
    check(method, path, { status, headers, text, body }) {
      const bare = path.split("?")[0]!;
      if (!/^\/(?:v1|health|metrics)/.test(bare)) return;
      const template = routes.find((route) => route.pattern.test(bare))?.template;
      const operation = template && description.paths[template]?.[method.toLowerCase()];
      if (!template || !operation) {
        if (OF_NO_ROUTE.has(status)) return;
        throw new Error(`${method} ${bare} answers ${status}, but is not described`);
      }
      const where = `${method} ${template} ${status}`;
      if (status === 414) return;
      const response = operation.responses[status];
      if (!response) throw new Error(`${where} is not described: ${text.slice(0, 300)}`);
      for (const name of Object.keys(response.headers ?? {})) if (!headers.has(name)) throw new Error(`${where} lacks the header ${name}`);
      if (!response.content) {
        if (text !== "") throw new Error(`${where} has a body, which is not described`);
        return;
      }
      const type = (headers.get("content-type") ?? "").split(";")[0]!.trim();
      if (!(type in response.content)) throw new Error(`${where} is ${type}, which is not described`);
      if (body === null) return;
      const pointer = `openapi#/paths/${escaped(template)}/${method.toLowerCase()}/responses/${status}/content/${escaped(type)}/schema`;
      const validate = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
      compiled.set(pointer, validate);
      if (!validate(body)) throw new Error(`${where} is not as described: ${ajv.errorsText(validate.errors)}\n${text.slice(0, 600)}`);
    },
  };
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
