import type { Verb } from "./verb.ts";
import { collect } from "./verbs/collect.ts";
import { keysCreate } from "./verbs/keys-create.ts";
import { keysList } from "./verbs/keys-list.ts";
import { keysRevoke } from "./verbs/keys-revoke.ts";
import { match } from "./verbs/match.ts";
import { probeEwsVerb } from "./verbs/probe-ews.ts";
import { probeLyncWeb } from "./verbs/probe-lync-web.ts";
import { probeStunVerb } from "./verbs/probe-stun.ts";
import { probeUrlVerb } from "./verbs/probe-url.ts";
import { rulesExplain } from "./verbs/rules-explain.ts";
import { rulesLint } from "./verbs/rules-lint.ts";
import { rulesNew } from "./verbs/rules-new.ts";
import { rulesTest } from "./verbs/rules-test.ts";
import { serve } from "./verbs/serve.ts";
import { siteBuild } from "./verbs/site-build.ts";
import { submit } from "./verbs/submit.ts";
import { tables } from "./verbs/tables.ts";
import { worker } from "./verbs/worker.ts";

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [
  match,
  tables,
  collect,
  probeUrlVerb,
  probeLyncWeb,
  probeStunVerb,
  probeEwsVerb,
  rulesLint,
  rulesTest,
  rulesNew,
  rulesExplain,
  siteBuild,
  serve,
  submit,
  worker,
  keysCreate,
  keysList,
  keysRevoke,
];
