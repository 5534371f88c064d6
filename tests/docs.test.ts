import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { casebook } from "./support/terminal.ts";

const root = dirname(import.meta.dirname);
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Output the page leaves out. */
const REST = "…";

interface Command {
  readonly page: string;
  readonly line: string;
  readonly args: string[];
  readonly shown: string;
}

const CONSOLE = /```console\n([\s\S]*?)```/g;

/** Commands of ```console blocks: a line that starts with `$ `, then its output. */
function commandsOf(page: string): Command[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(CONSOLE)].flatMap(([, block]) =>
    block!
      .split(/^\$ /m)
      .slice(1)
      .map((entry) => {
        const [line = "", ...output] = entry.split("\n");
        return { page, line, args: line.split(" "), shown: output.join("\n").trimEnd() };
      }),
  );
}

/** Puts real output in place of what a page shows. */
function rewrite(command: Command, output: string): void {
  const path = join(root, command.page);
  const text = readFileSync(path, "utf8");
  const head = `$ ${command.line}\n`;
  const at = text.indexOf(head) + head.length;
  writeFileSync(
    path,
    text.slice(0, at) +
      text.slice(at).replace(command.shown === "" ? "" : command.shown, () => (command.shown === "" ? `${output}\n` : output)),
  );
}

/** Their commands need a server: `tests/api/docs.test.ts` runs them. */
const ELSEWHERE = ["docs/api.md", "docs/operations.md"];
const commands = pages.filter((page) => !ELSEWHERE.includes(page)).flatMap(commandsOf);

describe("the documentation", () => {
  it("is read from the project's folder, as its commands are run", () => expect(process.cwd()).toBe(root));

  it("shows commands with their output", () => {
    expect(commands.filter(({ page }) => page === "README.md").length).toBeGreaterThan(3);
    for (const { line } of commands) expect(line).toMatch(/^npx casebook /);
  });

  it.each(commands)("$page: $line prints what is shown", async (command) => {
    const { code, out, err } = await casebook(command.args.slice(2));
    expect(err).toBe("");
    expect(code).toBe(0);
    const output = out.trimEnd();
    expect(output).not.toBe("");
    if (process.env.UPDATE_GOLDEN && command.shown !== REST) rewrite(command, output);
    else if (command.shown !== REST) expect(output).toBe(command.shown);
  });

  it.each(pages)("%s links only to what is there", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)].map(([, target]) => target!);
    for (const target of links)
      expect(readdirSync(dirname(join(root, dirname(page), target)))).toContain(target.replace(/\/$/, "").split("/").at(-1));
  });

  it("tells the two commands the gate runs", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(readme).toContain("npm ci && npm start");
    expect(readme).toContain("npm ci && npm test");
    const gate = readFileSync(join(root, ".ci/run"), "utf8");
    for (const command of ["npm ci", "npm test", "npm start"]) expect(gate).toContain(command);
  });
});
