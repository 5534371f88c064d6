import type { Emit, TextFormat, TextReader } from "./format.ts";
import { emitReport, inlineItems, type ReportField, type SystemReport, VERSION_VALUE } from "./systeminfo-report.ts";

/** Longest line that can be part of a report: `/fo csv` puts all of it, hundreds of updates, into one. */
const MAX_LINE = 64 * 1024;
/** Fields beyond which a report ended without our seeing it; Windows prints about 35. */
const MAX_FIELDS = 60;
/** Numbered entries kept of one field. */
const MAX_ITEMS = 5000;
const FIELD = /^\s*(?:\S[^:：\t]{0,60}?)\s*(?:[:：]|\t)\s*(?<value>.*?)\s*$/u;
const ITEM = /^\s*\[(?<number>\d{1,4})\]\s*:\s*(?<text>.*?)\s*$/;
const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>/;
/** Fields of the CSV form, of which the first three are host name, OS name and version. */
const CSV_FIELDS = 25;

/**
 * `systeminfo` as text, `/fo list` or `/fo csv`, in any display language: known by its version, which ends in the number of the build
 * as it began; the fields around it come in a fixed order. Covers `installed_updates` where all the updates it announces are there.
 *
 *     Host Name:                 SRV01
 *     OS Name:                   Microsoft Windows Server 2008 R2 Standard
 *     OS Version:                6.1.7601 Service Pack 1 Build 7601
 *     Hotfix(s):                 2 Hotfix(s) Installed.
 *                                [01]: KB2621440
 *                                [02]: KB976902
 */
export const systeminfo: TextFormat = {
  kind: "text",
  id: "systeminfo",
  title: "systeminfo output",
  unit: "line",
  tables: ["hosts", "installed_updates"],
  detect: (lines) => lines.some((line) => line.length <= MAX_LINE && (versionField(line) !== null || csvFields(line, 0) !== null)),
  reader: (emit) => new SysteminfoReader(emit),
};

function versionField(line: string): string | null {
  // The build's second half is rare enough to spare nearly every line the expression.
  if (line.length > 1000 || !/\d\.\d{4,5}\s/.test(line)) return null;
  const value = FIELD.exec(line)?.groups?.value;
  return value !== undefined && VERSION_VALUE.test(value) ? value : null;
}

function csvFields(line: string, at: number): ReportField[] | null {
  if (!/^\s*"[^"]{1,64}","[^"]*","\d{1,2}\.\d/.test(line)) return null;
  const values = line.trim().slice(1, -1).split('","');
  if (values.length < CSV_FIELDS || !VERSION_VALUE.test(values[2]!.trim())) return null;
  return values.map((value) => ({ value: value.trim(), items: inlineItems(value, at), at }));
}

class SysteminfoReader implements TextReader {
  private readonly emit: Emit;
  /** The newest fields while no report is open: host name and OS name come before the version. */
  private before: ReportField[] = [];
  private report: SystemReport | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE || text.trim() === "") return;
    const csv = csvFields(text, number);
    if (csv) {
      this.close();
      emitReport({ fields: csv, version: 2 }, this.emit);
    } else if (PROMPT.test(text)) this.close();
    else if (!this.item(text, number)) this.field(text, number);
  }

  private item(text: string, number: number): boolean {
    const item = ITEM.exec(text)?.groups;
    const last = this.report?.fields.at(-1);
    if (!item) return false;
    if (last && last.items.length < MAX_ITEMS) last.items.push({ number: Number(item.number), text: item.text!, at: number });
    return true;
  }

  private field(text: string, number: number): void {
    const value = FIELD.exec(text)?.groups?.value;
    // What is set further in belongs to the network card above it.
    if (value === undefined || (this.report !== null && /^\s{8}/.test(text))) return;
    const field: ReportField = { value, items: inlineItems(value, number), at: number };
    if (versionField(text) !== null) {
      const ahead = this.report ? this.report.fields.slice(-2) : this.before.slice(-2);
      this.close();
      this.report = { fields: [...ahead, field], version: ahead.length };
    } else if (this.report) {
      if (this.report.fields.push(field) > MAX_FIELDS) this.close();
    } else {
      this.before = [...this.before.slice(-1), field];
    }
  }

  end(): void {
    this.close();
  }

  private close(): void {
    const { report } = this;
    this.report = null;
    this.before = [];
    if (report) emitReport(report, this.emit);
  }
}
