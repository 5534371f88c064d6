/** Matching in the page: takes what is dropped or chosen, gives it to the engine or to a server, and shows what comes back. */
import { saveContent, saveReport } from "./match/download.ts";
import { element } from "./match/elements.ts";
import { type Match, StoppedError, startMatch } from "./match/matcher.ts";
import { DOWNLOAD_FORMATS, type DownloadFormat, type PickedBundle, type ShownReport } from "./match/messages.ts";
import { prepareOffline } from "./match/offline.ts";
import { bundleOfDrop, bundleOfFiles, bundleOfFolder } from "./match/picked-files.ts";
import { progressView } from "./match/progress-view.ts";
import { clearReport, showExplanation, showReport } from "./match/report-view.ts";
import { configuredServer, type Server } from "./match/server.ts";

const page = element("matcher", HTMLElement);
const { knowledge = "", config = "", root = "", serviceWorker = "" } = page.dataset;
const sources = { worker: document.body.dataset.worker ?? "", knowledge };
const [offer, drop] = [element("offer", HTMLElement), element("drop", HTMLElement)];
const [trouble, sent] = [element("trouble", HTMLElement), element("sent", HTMLElement)];
const [showAll, cancel] = [element("show-all", HTMLButtonElement), element("cancel", HTMLButtonElement)];
const progress = progressView();

let stopping = new AbortController();
let match: Match | null = null;
let shown: ShownReport | null = null;
let server: Server | null = null;

/** Takes a bundle that is still being listed, in place of whatever is going on. */
async function take(picking: PickedBundle | Promise<PickedBundle>): Promise<void> {
  stop();
  reset();
  const { signal } = stopping;
  offer.hidden = true;
  try {
    const bundle = await picking;
    if (bundle.files.length === 0) throw new Error(`There are no files in ${bundle.name === "" ? "what was dropped" : bundle.name}.`);
    progress.begin(bundle.name, "loading");
    cancel.focus();
    await (atServer() ? send(bundle, signal) : read(bundle, signal));
  } catch (error) {
    if (!signal.aborted) fail(error);
  } finally {
    if (!signal.aborted) {
      progress.end();
      offer.hidden = shown !== null;
    }
  }
}

async function read(bundle: PickedBundle, signal: AbortSignal): Promise<void> {
  match = await startMatch(bundle, sources, progress.update, signal);
  shown = await match.show(false);
  show(shown);
  if (shown.unreadable !== null) tellTrouble(`“${shown.name}” could not be read: ${shown.unreadable}.`);
}

async function send(bundle: PickedBundle, signal: AbortSignal): Promise<void> {
  if (server === null) return;
  const key = element("key", HTMLInputElement).value.trim();
  const report = await server.send(bundle, key, progress.update, signal);
  element("sent-text", HTMLElement).textContent = `${server.host} has analysed ${bundle.name}.`;
  const link = document.createElement("a");
  [link.className, link.textContent, link.href] = ["button", "Open the report", report.address];
  // A link carries no key; the report is then saved instead.
  if (key !== "") {
    link.textContent = "Save the report";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      report.fetchHtml().then((content) => saveContent(bundle.name, "html", content), fail);
    });
  }
  element("sent-links", HTMLElement).replaceChildren(link);
  sent.hidden = false;
  sent.focus();
}

function show(report: ShownReport): void {
  showReport(report, root, (rule) => void explain(rule));
}

async function explain(rule: string): Promise<void> {
  const title = shown?.rules.find(({ id }) => id === rule)?.title ?? rule;
  await attempt(async (running) => showExplanation(rule, title, await running.explain(rule)));
}

/** Asks something more of the bundle that was read. */
async function attempt(ask: (running: Match) => Promise<void>): Promise<void> {
  if (match === null) return;
  try {
    await ask(match);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  if (error instanceof StoppedError) return;
  tellTrouble(error instanceof Error ? error.message : String(error));
}

function tellTrouble(text: string): void {
  trouble.textContent = text;
  trouble.hidden = false;
}

function stop(): void {
  stopping.abort();
  stopping = new AbortController();
  match?.stop();
  [match, shown] = [null, null];
}

function reset(): void {
  clearReport();
  progress.end();
  [trouble.hidden, sent.hidden, offer.hidden] = [true, true, false];
  showAll.setAttribute("aria-pressed", "false");
}

function startOver(): void {
  stop();
  reset();
  element("choose-files", HTMLButtonElement).focus();
}

function allShown(): boolean {
  return showAll.getAttribute("aria-pressed") === "true";
}

function atServer(): boolean {
  return server !== null && page.querySelector<HTMLInputElement>("input[name=place]:checked")?.value === "server";
}

/** A chooser opened by a button of its own; choosing the same again counts, too. */
function connectChooser(button: string, input: string, bundleOf: (files: readonly File[]) => PickedBundle): void {
  const chooser = element(input, HTMLInputElement);
  element(button, HTMLButtonElement).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    const files = [...(chooser.files ?? [])];
    chooser.value = "";
    if (files.length > 0) void take(bundleOf(files));
  });
}

connectChooser("choose-files", "files", bundleOfFiles);
connectChooser("choose-folder", "folder", bundleOfFolder);

// Anywhere on the page: a browser that is dropped a file beside the mark would open it in place of the page.
addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  drop.toggleAttribute("data-over", true);
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) drop.removeAttribute("data-over");
});
addEventListener("drop", (event) => {
  drop.removeAttribute("data-over");
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  void take(bundleOfDrop(event.dataTransfer));
});

const examples = document.getElementById("example");
examples?.addEventListener("submit", (event) => {
  event.preventDefault();
  const address = new FormData(event.target as HTMLFormElement).get("example");
  if (typeof address === "string") void take(fetchExample(address));
});

async function fetchExample(address: string): Promise<PickedBundle> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The example could not be loaded: ${response.status} ${response.statusText}`);
  return bundleOfFiles([new File([await response.blob()], address.split("/").at(-1) ?? "example.zip")]);
}

cancel.addEventListener("click", startOver);
element("again", HTMLButtonElement).addEventListener("click", startOver);
showAll.addEventListener("click", () => {
  const all = !allShown();
  showAll.setAttribute("aria-pressed", String(all));
  void attempt(async (running) => {
    shown = await running.show(all);
    show(shown);
  });
});
for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-download]")) {
  button.addEventListener("click", () => {
    const format = DOWNLOAD_FORMATS.find((name) => name === button.dataset.download);
    if (format) void attempt((running) => download(running, format));
  });
}
element("explain", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void explain(element("explain-rule", HTMLSelectElement).value);
});

async function download(running: Match, format: DownloadFormat): Promise<void> {
  saveReport(shown?.name ?? "", format, await running.render(format, allShown()));
}

page.addEventListener("change", (event) => {
  if ((event.target as HTMLElement).matches("input[name=place]")) {
    element("key-field", HTMLElement).hidden = !atServer();
    element("privacy", HTMLElement).hidden = atServer();
  }
});

const wanted = new URLSearchParams(location.search).get("example");
if (wanted !== null && examples) {
  const choice = examples.querySelector("select");
  const option = [...(choice?.options ?? [])].find(({ value }) => value.endsWith(`/${wanted}.zip`));
  if (choice && option) choice.value = option.value;
}

prepareOffline(serviceWorker, root, element("offline-state", HTMLElement));
server = await configuredServer(config);
if (server) {
  element("server-name", HTMLElement).textContent = server.host;
  element("place", HTMLElement).hidden = false;
}
