import type { PageSource } from "../page.ts";
import { startPages } from "./start.ts";

/** Every kind of page, one line each. */
export const pageSources: readonly PageSource[] = [startPages];
