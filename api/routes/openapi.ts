import { Type } from "typebox";
import type { TypedApp } from "../typed-app.ts";

/** The description of the API, for programs. */
export function openapiRoute(app: TypedApp): void {
  app.get(
    "/openapi.json",
    {
      config: { access: "everybody" },
      schema: {
        operationId: "readOpenapi",
        tags: ["operations"],
        summary: "This description, OpenAPI 3.1",
        response: { 200: Type.Object({}, { description: "OpenAPI 3.1" }) },
      },
    },
    async (_request, reply) => reply.header("cache-control", "no-cache").send(app.swagger()),
  );
}
