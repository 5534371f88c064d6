import { Failure } from "../failure.ts";
import { RULES_OPTION } from "../reading-options.ts";
import { EXIT, type Terminal } from "../terminal.ts";
import { quote, type Verb } from "../verb.ts";

const DEFAULT_OUT = "casebook-site";

export const siteBuild: Verb = {
  name: "site build",
  usage: "",
  arity: [0, 0],
  about: "Writes the site: cases, reference data, search, matching in the browser",
  details:
    "The site is a folder of plain files for any host, below any path. A folder that is not empty is overwritten only if it holds an earlier build; files that are no longer part of the site are removed from it. Exits 1 where a rule, article, recipe or reference file is broken: the site is written without it.",
  options: {
    out: { value: "DIR", about: `Folder to write to; ${DEFAULT_OUT} if not given` },
    url: { value: "URL", about: "Where the site will stand; adds a sitemap, a search description and full addresses in feeds" },
    api: { value: "URL", about: "A Casebook server that visitors may send evidence to, if they ask for it" },
    "no-progress": { about: "Draw no progress line" },
    ...RULES_OPTION,
  },
  examples: ["casebook site build", "casebook site build --out /srv/www/casebook --url https://kb.example.org/casebook/"],
  async run({ values, switches }, terminal) {
    const url = address("url", values.url);
    const api = address("api", values.api);
    const [{ buildSite }, { AssetsError }, { OutputError }, { withKnowledge }, { byteSize, counted }] = await Promise.all([
      import("../../site/build.ts"),
      import("../../site/assets.ts"),
      import("../../site/output-folder.ts"),
      import("../knowledge.ts"),
      import("../../engine/report/wording.ts"),
    ]);
    const out = values.out ?? DEFAULT_OUT;
    const start = terminal.now();
    const line = progressLine(terminal, !switches.has("no-progress"));
    const build = withKnowledge(() =>
      buildSite({
        out,
        ...(url ? { url } : {}),
        ...(api ? { api } : {}),
        ...(values.rules === undefined ? {} : { rulesDir: values.rules }),
        signal: terminal.signal,
        onProgress: ({ stage, done }) => line.update(`${stage}${done > 0 ? `  ${done}` : ""}`),
      }),
    );
    const { pages, files, bytes, removed, problems } = await build
      .catch((error: unknown) => {
        if (error instanceof AssetsError) throw new Failure(error.message, "npm run build bundles them");
        if (error instanceof OutputError) throw new Failure(error.message, "Name another folder with --out, or empty this one");
        throw error;
      })
      .finally(() => line.end());
    for (const { file, line: row, column, code, message } of problems) terminal.complain(`${file}:${row}:${column}: ${code} ${message}\n`);
    const took = terminal.columns === null ? "" : ` in ${((terminal.now() - start) / 1000).toFixed(1)} s`;
    const gone = removed > 0 ? `, ${counted(removed, "file")} of an earlier build removed` : "";
    await terminal.write(`${out}   ${counted(pages, "page")}, ${counted(files, "file")}, ${byteSize(bytes)}${gone}${took}\n`);
    return problems.length > 0 ? EXIT.found : EXIT.done;
  },
};

/** An address that pages can stand below or speak to. */
function address(option: string, value: string | undefined): URL | null {
  if (value === undefined) return null;
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "")
    throw new Failure(`--${option} cannot be ${quote(value)}`, "Use an address such as https://kb.example.org/casebook/");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Short work shows no line: it would only flicker. */
const PATIENCE_MS = 1000;
const REDRAW_MS = 100;

/** One line on standard error, if that is a terminal. */
function progressLine(terminal: Terminal, wanted: boolean): { update(text: string): void; end(): void } {
  const start = terminal.now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(text) {
      const now = terminal.now();
      if (!wanted || !terminal.interactive || now - start < PATIENCE_MS || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      terminal.complain(`\r\x1b[K${text}`);
    },
    end() {
      if (drawnAt > Number.NEGATIVE_INFINITY) terminal.complain("\r\x1b[K");
    },
  };
}
