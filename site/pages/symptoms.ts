import { caseAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { counted } from "../../engine/report/wording.ts";
import { pageAddress } from "../addresses.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { PageSource } from "../page.ts";
import { compareText } from "../parts/case-list.ts";
import { pager, pageSuffix, slices } from "../parts/pager.ts";

const FOLDER = "symptoms/";
/** Cases named with a symptom; one that hundreds share tells nothing of any of them. */
const MOST_CASES = 20;
const ABOUT = "What people notice, and the cases that would explain it.";

interface Symptom {
  readonly text: string;
  readonly area: string;
  readonly cases: CaseDocument[];
}

/** Every symptom with its cases, by area, a hundred a page. */
export const symptomPages: PageSource = function* ({ catalogue: { cases } }) {
  const symptoms = new Map<string, Symptom>();
  for (const document of cases)
    for (const text of new Set(document.symptoms)) {
      const known = symptoms.get(text);
      if (known) known.cases.push(document);
      else symptoms.set(text, { text, area: document.area, cases: [document] });
    }
  const sorted = [...symptoms.values()].sort(
    (a, b) => compareText(displayName(a.area), displayName(b.area)) || compareText(a.text, b.text),
  );
  for (const slice of slices(sorted)) {
    yield {
      path: pageAddress(FOLDER, slice.number),
      section: "cases",
      title: `Symptoms${pageSuffix(slice)}`,
      description: `${ABOUT} ${counted(slice.total, "symptom")}${pageSuffix(slice)}.`,
      trail: [{ title: "Cases", address: "cases/" }, ...(slice.number === 1 ? [] : [{ title: "Symptoms", address: FOLDER }])],
      body: (to) => html`<div class="page-head"><h1>Symptoms</h1><p class="lead">${ABOUT}</p></div>
${[...Map.groupBy(slice.items, ({ area }) => area)].map(([area, group]) => symptomGroup(area, group, to))}
${pager(slice, FOLDER, to)}`,
    };
  }
};

function symptomGroup(area: string, symptoms: readonly Symptom[], to: Link): Html {
  return html`<section class="group" aria-labelledby="area-${area}"><h2 id="area-${area}">${displayName(area)}</h2>
<dl class="symptoms">${symptoms.map(
    ({ text, cases }) =>
      html`<div><dt>${text}</dt>${cases.slice(0, MOST_CASES).map(({ id, title }) => html`<dd><a href="${to(caseAddress(id))}">${title}</a></dd>`)}${cases.length > MOST_CASES && html`<dd class="note">and ${counted(cases.length - MOST_CASES, "other case", "other cases")}</dd>`}</div>`,
  )}</dl></section>
`;
}
