import type { PageSource } from "../page.ts";
import { aboutPages } from "./about.ts";
import { authorPages } from "./authors.ts";
import { caseIndexPages } from "./case-index.ts";
import { caseReportPages } from "./case-reports.ts";
import { casePages } from "./cases.ts";
import { changelogPages } from "./changelog.ts";
import { matchPages } from "./match.ts";
import { notFoundPages } from "./not-found.ts";
import { recipePages } from "./recipes.ts";
import { referencePages } from "./reference.ts";
import { searchPages } from "./search.ts";
import { startPages } from "./start.ts";
import { symptomPages } from "./symptoms.ts";
import { updatePages } from "./updates.ts";

/** Every kind of page, one line each. */
export const pageSources: readonly PageSource[] = [
  startPages,
  caseIndexPages,
  casePages,
  caseReportPages,
  symptomPages,
  recipePages,
  referencePages,
  updatePages,
  searchPages,
  matchPages,
  aboutPages,
  authorPages,
  changelogPages,
  notFoundPages,
];
