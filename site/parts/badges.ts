import type { RuleLevel, RuleStatus } from "../../engine/rules/rule.ts";
import { type Html, html } from "../html.ts";

/** From the least to the gravest. */
export const LEVELS: readonly RuleLevel[] = ["informational", "low", "medium", "high", "critical"];

/** What a status promises; the words of Sigma. */
export const STATUS_MEANINGS: Readonly<Record<RuleStatus, string>> = {
  experimental: "New: tested on bundles made for it, not yet on many from elsewhere",
  test: "Has matched real bundles and is being watched",
  stable: "Proven on real bundles",
  deprecated: "Replaced or withdrawn; kept so that old reports can be read",
};

/** A gauge with as many bars as the level is high, and the word: neither needs colour. */
export function levelBadge(level: RuleLevel): Html {
  const reached = LEVELS.indexOf(level) + 1;
  return html`<span class="level level-${level}"><svg class="gauge" viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">${LEVELS.map(
    (_, index) =>
      html`<rect${index < reached && html` class="on"`} x="${index * 4.5}" y="${8 - index * 2}" width="3" height="${4 + index * 2}" rx=".5"/>`,
  )}</svg><span class="unseen-text">Level: </span>${level}</span>`;
}

export function statusBadge(status: RuleStatus): Html {
  return html`<span class="status status-${status}" title="${STATUS_MEANINGS[status]}"><span class="unseen-text">Status: </span>${status}</span>`;
}
