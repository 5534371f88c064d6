import { reportParts } from "./html-parts.ts";
import { STYLE } from "./html-style.ts";
import { html, Markup } from "./markup.ts";
import { quoted } from "./printable.ts";
import type { Report } from "./report.ts";

/** Nothing is fetched and nothing runs: not even a slip in escaping could make this page act. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one self-contained HTML page without scripts. Ends with a line end. */
export function renderHtml(report: Report): string {
  const { name, facts, glance, body, foot } = reportParts(report);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Markup.trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${quoted(report.bundle.name, 120)} · Casebook report</title>
<style>${Markup.trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<p class="eyebrow">Casebook report</p>
<h1>${name}</h1>
${facts}
${glance}
</header>
<main id="findings">
${body}
</main>
<footer>
${foot}
</footer>
</body>
</html>
`.text;
}
