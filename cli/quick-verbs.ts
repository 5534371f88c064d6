/** First words of verbs that people wait for: the build puts a copy of the command for them into few files (`cli/build.ts`). */
export const QUICK_VERBS: readonly string[] = ["match", "tables", "collect", "rules"];
