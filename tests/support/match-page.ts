import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { complaints } from "./browser.ts";

/** The page that matches, used as a person does. */
export interface MatchPage {
  readonly page: Page;
  /** What the page complained of so far. */
  readonly found: readonly string[];
  /** Chooses a folder, or files, and waits for what comes of it. */
  chooseFolder(folder: string): Promise<void>;
  chooseFiles(paths: readonly string[]): Promise<void>;
  /** Drops files and folders of the disk onto the page. */
  drop(paths: readonly string[]): Promise<void>;
  /** Waits until a report is shown, or the page says why there is none. */
  settled(): Promise<void>;
  /** The report as the page saves it. */
  download(format: "html" | "json" | "markdown"): Promise<{ readonly name: string; readonly text: string }>;
  /** What the page says went wrong; null where nothing did. */
  trouble(): Promise<string | null>;
}

export async function openMatchPage(context: BrowserContext, site: string): Promise<MatchPage> {
  const page = await context.newPage();
  const found = complaints(page);
  await page.goto(`${site}match/`);
  const settled = async () => void (await page.waitForSelector("#result:not([hidden]), #trouble:not([hidden]), #sent:not([hidden])"));
  return {
    page,
    found,
    settled,
    async chooseFolder(folder) {
      await page.setInputFiles("#folder", folder);
      await settled();
    },
    async chooseFiles(paths) {
      await page.setInputFiles("#files", [...paths]);
      await settled();
    },
    async drop(paths) {
      const devtools = await context.newCDPSession(page);
      const data = { items: [], files: [...paths], dragOperationsMask: 1 };
      for (const type of ["dragEnter", "dragOver", "drop"] as const)
        await devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 200, data });
      await devtools.detach();
    },
    async download(format) {
      const [saved] = await Promise.all([page.waitForEvent("download"), page.click(`[data-download=${format}]`)]);
      return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), "utf8") };
    },
    trouble: async () => ((await page.isVisible("#trouble")) ? page.textContent("#trouble") : null),
  };
}
