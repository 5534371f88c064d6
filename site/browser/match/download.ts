import type { DownloadFormat } from "./messages.ts";

const FILES: Readonly<Record<DownloadFormat, { readonly extension: string; readonly type: string }>> = {
  html: { extension: "html", type: "text/html" },
  json: { extension: "json", type: "application/json" },
  markdown: { extension: "md", type: "text/markdown" },
};
/** How long a browser may take to begin saving, in milliseconds. */
const KEPT_MS = 60_000;

/** Saves a rendering under the name of the bundle: `outage.zip` gives `outage-report.html`. */
export function saveReport(bundle: string, format: DownloadFormat, text: string): void {
  saveContent(bundle, format, new Blob([text], { type: `${FILES[format].type};charset=utf-8` }));
}

/** The same of a rendering that came from elsewhere. */
export function saveContent(bundle: string, format: DownloadFormat, content: Blob): void {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(content);
  anchor.download = `${stem(bundle)}-report.${FILES[format].extension}`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), KEPT_MS);
}

/** A file name without its extensions and without what file systems refuse. */
function stem(name: string): string {
  const plain = name.replace(/(?:\.[a-z0-9]{1,8}){1,2}$/i, "").replace(/[^\p{L}\p{N}._ -]+/gu, "_");
  return plain === "" ? "bundle" : plain;
}
