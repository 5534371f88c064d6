import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where a Debian package puts it; another one is named in the environment. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Whether a browser can be run; where it cannot, tests that need one skip. */
export const hasChromium = existsSync(CHROMIUM);

/** Says in one line that tests in a real browser are skipped, where they are. */
export function tellWithoutChromium(what: string): void {
  if (!hasChromium) console.warn(`${what} in a browser: skipped, there is no ${CHROMIUM}`);
}

/** Headless, without a sandbox (containers have none to give) and without a word to its maker. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The machine's chromium; whoever launches it closes it. */
export function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...FLAGS, ...flags] });
}

/** What a page complains of from now on: errors, failed requests, breaches of its Content-Security-Policy. A sound page leaves it empty. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") found.push(`${message.type()}: ${message.text()}`);
  });
  page.on("requestfailed", (request) => found.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
  return found;
}
