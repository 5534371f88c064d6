import type { Ladder } from "../engine/report/report.ts";

/** What Casebook says of a case's own test bundle. */
export interface ReportedCase {
  /** The report as one self-contained HTML page. */
  readonly report: string;
  /** The session that decided, where one is drawn. */
  readonly ladder: Ladder | null;
}
