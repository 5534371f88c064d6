import type { Update } from "../../engine/rules/knowledge-schema.ts";
import { type Standing, updatesBehind } from "../../engine/rules/updates-behind.ts";

/** Says how many updates an installed build is behind, and marks them in the table, which is all the data there is. */
const form = document.querySelector<HTMLFormElement>("form[data-behind]");
const input = form?.querySelector<HTMLInputElement>("input[name=build]");
const answer = form?.querySelector<HTMLElement>("[data-standing-text]");
const rows = [...document.querySelectorAll<HTMLTableRowElement>("tr[data-kb]")];

if (form && input && answer) {
  const product = form.dataset.behind ?? "";
  const invitation = answer.textContent;
  const updates = rows.map((row) => readUpdate(row, product));
  const show = () => {
    const standing = input.value.trim() === "" ? null : updatesBehind(updates, product, input.value);
    for (const row of rows) delete row.dataset.standing;
    if (standing === null) answer.textContent = invitation;
    else if ("problem" in standing) answer.textContent = standing.problem;
    else {
      answer.replaceChildren(...sentence(standing));
      mark(standing);
    }
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", show);
  if (input.value !== "") show();
}

function readUpdate({ dataset }: HTMLTableRowElement, product: string): Update {
  const { kb = "", version, released, asOf = "" } = dataset;
  return {
    id: kb,
    title: kb,
    kind: "cumulative_update",
    products: [product],
    builds: [{ product, ...(version === undefined ? {} : { version }) }],
    ...(released === undefined ? {} : { released }),
    url: "",
    source: "",
    as_of: asOf,
  };
}

function sentence({ installed, missing, undecided, newest, ahead, asOf }: Standing): (Node | string)[] {
  const strong = document.createElement("strong");
  const count = `${missing.length} ${missing.length === 1 ? "update" : "updates"} behind`;
  strong.textContent = ahead ? "newer than the newest known" : missing.length === 0 ? "up to date" : count;
  const doubt = undecided.length > 0 ? ` It may lack up to ${undecided.length} more whose builds are not stated.` : "";
  const goal = missing.length > 0 ? `; the newest known is ${newest.version} (${newest.update.id})` : "";
  return [`${installed} is `, strong, `${goal}, as of ${asOf}.${doubt}`];
}

function mark({ at, exact, missing, undecided }: Standing): void {
  const standings = new Map([
    ...undecided.map(({ update }) => [update.id, "undecided"] as const),
    ...missing.map(({ update }) => [update.id, "missing"] as const),
    ...(at ? [[at.update.id, exact ? "installed" : "held"] as const] : []),
  ]);
  for (const row of rows) {
    const standing = standings.get(row.dataset.kb ?? "");
    if (standing !== undefined) row.dataset.standing = standing;
  }
}
