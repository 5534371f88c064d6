import type { Update } from "../rules/knowledge-schema.ts";
import { displayName } from "./display-name.ts";

/** What an update is about in a sentence or two; what it brings a product to, where nothing more is said of it. */
export function updateText({ about, builds = [] }: Pick<Update, "about" | "builds">): string {
  if (about !== undefined) return about;
  return builds
    .map(({ product, version }) => `Brings ${displayName(product)} to ${version ?? "a build its source does not name"}.`)
    .join(" ");
}
