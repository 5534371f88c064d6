import { Type } from "typebox";
import { findTestCases } from "../../engine/node/test-cases.ts";
import { audit } from "../audit.ts";
import { type LocalBlob, NoSuchBlob } from "../blobs/blobs.ts";
import { callerOf, mayUse } from "../caller.ts";
import { places } from "../plugins/places.ts";
import { notFound, Problem } from "../problem.ts";
import { problems } from "../schemas/problem.ts";
import { ruleCheckRequest, ruleCheckSchema } from "../schemas/rule-check.ts";
import type { Services } from "../services.ts";
import type { Bundle } from "../store/store.ts";
import type { TypedApp } from "../typed-app.ts";
import { LimitExceeded, Refused } from "../work/runner.ts";
import type { RuleTrial, TaskFile } from "../work/task.ts";

/** Longest body, in bytes: a rule of the most characters, escaped. */
const BODY_LIMIT = 2 << 20;
/** Rules that may wait for the thread that checks them, one after the other. */
const MOST_WAITING = 8;
/** Of these, those of one tenant: whoever brings many that take long leaves places to others. */
const MOST_OF_ONE = 4;

/** Trying a rule before it is contributed; nothing is installed. */
export function ruleRoutes(app: TypedApp, services: Services): void {
  app.addSchema(ruleCheckSchema);
  const room = places({ most: MOST_WAITING, ofOne: MOST_OF_ONE, what: "rule checks", again: 10 });
  app.post(
    "/rules/check",
    {
      bodyLimit: BODY_LIMIT,
      config: { access: ["contribute"], dear: true },
      schema: {
        operationId: "checkRule",
        tags: ["rules"],
        summary: "Check a rule, and try it on a stored bundle or on test bundles",
        description: "Nothing is installed. A rule with problems is still tried where it can be asked at all.",
        body: ruleCheckRequest,
        response: { 200: Type.Ref("RuleCheck"), ...problems(404, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { rule, bundle: id, cases = [] } = request.body;
      const leave = room.enter(callerOf(request).tenant);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      if (reply.raw.closed) gone.abort();
      const locals: LocalBlob[] = [];
      try {
        const bundle = id === undefined ? null : await ownBundle(id);
        const tests = await testBundles(cases, services.testCases);
        // A trial may take its time without a word.
        request.raw.socket.setTimeout(0);
        await audit(services, request, "rule.check", bundle?.id ?? "");
        const stored = bundle ? [await trialOf(bundle, services, locals)] : [];
        const check = await services.checkRule(rule, [...stored, ...tests], { signal: gone.signal });
        return reply.send({
          ...check,
          problems: check.problems.map(({ line, column, code, message }) => ({ line, column, code, message })),
        });
      } catch (error) {
        if (error instanceof LimitExceeded || error instanceof Refused)
          throw new Problem(422, "limit-exceeded", error.message, {
            whatToDo: "Try the rule on less evidence, and look for regular expressions that backtrack and joins of large tables.",
          });
        throw gone.signal.aborted ? new Problem(400, "bad-request", "The request was broken off.", { whatToDo: "Send it again." }) : error;
      } finally {
        leave();
        await Promise.all(locals.map((local) => local.release()));
      }

      async function ownBundle(wanted: string): Promise<Bundle> {
        const caller = callerOf(request);
        const found = await services.store.bundle(caller.tenant, wanted);
        if (found === null) throw notFound("bundle");
        if (mayUse(caller, ["read"])) return found;
        throw new Problem(403, "missing-scope", "To try a rule on a stored bundle the key needs the scope read as well.", {
          whatToDo: "Use a key that has it, or try the rule on test bundles of cases.",
        });
      }
    },
  );
}

async function trialOf({ name, files }: Bundle, { blobs }: Services, locals: LocalBlob[]): Promise<RuleTrial> {
  const fetched: TaskFile[] = [];
  for (const { path, bytes, blob, sha256 } of files) {
    const local = await blobs.local(blob).catch((error: unknown) => {
      throw error instanceof NoSuchBlob ? notFound("bundle") : error;
    });
    locals.push(local);
    fetched.push({ path, bytes, location: local.path, stored: { blob, sha256 } });
  }
  return { name, bundle: { name, files: fetched } };
}

async function testBundles(cases: readonly string[], folder: string | null): Promise<RuleTrial[]> {
  if (cases.length === 0) return [];
  if (folder === null)
    throw new Problem(404, "not-found", "This server has no test bundles of cases.", {
      whatToDo: "Run it from a checkout of the repository, or try the rule on a stored bundle.",
    });
  const known = await findTestCases(folder);
  return [...new Set(cases)].flatMap((wanted) => {
    const own = known.filter(({ rule }) => rule === wanted);
    if (own.length === 0) throw notFound("case with test bundles");
    return own.map((one) => ({ name: `${one.rule}/${one.variant}`, case: one }));
  });
}
