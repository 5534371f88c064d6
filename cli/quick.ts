/** The command for the verbs in `quick-verbs.ts`; once built, a copy without what only other verbs load. */
export { runOnProcess } from "./process-terminal.ts";
