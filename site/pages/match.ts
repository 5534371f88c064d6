import { formats } from "../../engine/formats/index.ts";
import { exampleAddress, KNOWLEDGE_ADDRESS } from "../addresses.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { PageSource, SiteContext } from "../page.ts";
import { copyable } from "../parts/copyable.ts";

/** Matching in the page: everything the script fills in or shows is here, so that nothing moves when it starts. */
export const matchPages: PageSource = (context) => [
  {
    path: "match/",
    kind: "match",
    section: "match",
    title: "Match evidence here",
    description: "Drop captures, netstat listings, event logs and traces: they are diagnosed in this page, and nothing is uploaded.",
    scripts: ["match", "copy"],
    styles: ["report", "match"],
    worker: "match.worker",
    body: (to) => html`<div class="page-head"><h1>Match evidence here</h1>
<p class="lead">Drop what you have gathered. Casebook reads it in this page, asks every case whether this is it, and cites the frames, lines and records its answer rests on.</p></div>
<noscript><section class="notice" aria-labelledby="plain"><h2 id="plain">Matching in the page needs JavaScript</h2>
<p>The same engine runs on the command line, with the same result:</p>${copyable("command", "npx casebook match outage.zip", "command that matches a bundle")}</section></noscript>
<div id="matcher" data-knowledge="${to(KNOWLEDGE_ADDRESS)}" data-config="${to("config.json")}" data-service-worker="${to("service-worker.js")}" data-root="${to("")}">
<div id="offer" class="offer">
${place()}
${dropZone()}
${examples(context, to)}
</div>
${progress()}
<div id="trouble" class="notice trouble" role="alert" tabindex="-1" hidden></div>
${result()}
${server()}
</div>
${promise(context)}`,
  },
];

/** Where to match; shown only where a server is configured. */
function place(): Html {
  return html`<fieldset id="place" class="place" hidden><legend>Where to match</legend>
<label><input type="radio" name="place" value="page" checked> <span><strong>In this page</strong>: nothing leaves this machine</span></label>
<label><input type="radio" name="place" value="server"> <span><strong>On <span id="server-name">the server</span></strong>: the files are uploaded</span></label>
<label id="key-field" class="field" hidden><span>Access key, if the server asks for one</span> <input id="key" type="password" autocomplete="off" spellcheck="false"></label>
</fieldset>`;
}

function dropZone(): Html {
  return html`<section id="drop" class="dropzone" aria-labelledby="drop-title">
<h2 id="drop-title">Drop files, a folder or an archive</h2>
<p id="privacy" class="privacy"><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 9V6a5 5 0 0 1 10 0v3M4 9h12v9H4zM10 12v3"/></svg> <span>Nothing is uploaded: the engine comes to your evidence.</span></p>
<p class="actions"><button class="button" id="choose-files" type="button">Choose files</button> <button class="button quiet" id="choose-folder" type="button">Choose a folder</button></p>
<input id="files" type="file" multiple hidden aria-label="Files of the bundle"><input id="folder" type="file" webkitdirectory hidden aria-label="Folder of the bundle">
<details><summary>What is read</summary><p>${formats.map(({ title }) => title).join("; ")}. All of them in zip, tar and gzip archives too, however they are called. <code>bundle.yaml</code> states what cannot be seen: which machine a file came from, its side, its time zone.</p></details>
</section>`;
}

function examples({ reported, catalogue }: SiteContext, to: Link): Html | null {
  const shown = catalogue.cases.filter(({ id }) => reported.has(id));
  if (shown.length === 0) return null;
  return html`<form id="example" class="example"><label class="field"><span>No bundle at hand? Take one of ours</span> <select name="example">${shown.map(
    ({ id, title }) => html`<option value="${to(exampleAddress(id))}">${title}</option>`,
  )}</select></label> <button class="button quiet" type="submit">Try it</button></form>`;
}

function progress(): Html {
  return html`<section id="progress" class="progress" aria-labelledby="progress-title" hidden><h2 id="progress-title">Reading <bdi id="progress-name"></bdi></h2>
<p><span id="stage" role="status"></span> <span id="amount"></span></p>
<progress id="bar" max="1" aria-label="Bytes read"></progress>
<p class="actions"><button class="button quiet" id="cancel" type="button">Cancel</button></p></section>`;
}

function result(): Html {
  return html`<section id="result" aria-labelledby="report-title" hidden>
<div class="toolbar" role="group" aria-label="Report"><button class="button quiet" id="show-all" type="button" aria-pressed="false">Show all rules</button>
<span class="downloads" role="group" aria-label="Download the report"><button class="button quiet" type="button" data-download="html">HTML</button><button class="button quiet" type="button" data-download="json">JSON</button><button class="button quiet" type="button" data-download="markdown">Markdown</button></span>
<button class="button quiet" id="again" type="button">Match something else</button></div>
<div id="report" class="report"></div>
<form id="explain" class="explain"><h2>Why, or why not?</h2><label class="field"><span>Explain the verdict of</span> <select id="explain-rule"></select></label> <button class="button quiet" type="submit">Explain</button></form>
<section id="explanation" class="report" aria-live="polite" aria-label="Explanation" tabindex="-1" hidden></section>
</section>`;
}

/** What became of a bundle that was sent to the server. */
function server(): Html {
  return html`<section id="sent" class="sent" aria-labelledby="sent-title" tabindex="-1" hidden><h2 id="sent-title">On the server</h2><p id="sent-text" role="status"></p><p class="actions" id="sent-links"></p></section>`;
}

function promise({ api }: SiteContext): Html {
  return html`<section class="promise" aria-labelledby="promise-title"><h2 id="promise-title">How you can tell that nothing is uploaded</h2>
<ul><li>The page forbids itself to speak to anybody but the place it came from${api && html` and, should you choose it, <code>${api.host}</code>`}, and its engine with it: see <code>connect-src</code> in the <code>Content-Security-Policy</code> at the top of its source. It loads nothing from anywhere else.</li>
<li>It works without a network. <span id="offline-state">Once it has been loaded, disconnect, and match.</span></li>
<li>Open your browser's network panel and watch: while a bundle is matched, no request carries any of it.</li></ul></section>`;
}
