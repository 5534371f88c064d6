import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { packageRoot } from "../../engine/node/package-root.ts";
import { Failure } from "../failure.ts";
import { fileProblem } from "../output.ts";
import { RULES_OPTION } from "../reading-options.ts";
import { EXIT } from "../terminal.ts";
import { quote, type Verb } from "../verb.ts";

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const rulesNew: Verb = {
  name: "rules new",
  usage: "<id>",
  arity: [1, 1],
  about: "Writes a new case: rule, article and test bundles",
  details:
    "What it writes lints and passes its tests as it stands; replace the example piece by piece. Nothing that exists is overwritten.",
  options: { area: { value: "AREA", about: "Folder below rules/ and kb/articles/: tcp, rds, lync …" }, ...RULES_OPTION },
  examples: ["casebook rules new tcp-my-case --area tcp"],
  async run({ values, positionals }, terminal) {
    const { skeleton } = await import("../skeleton.ts");
    const id = positionals[0]!;
    const { area } = values;
    if (!NAME.test(id))
      throw new Failure(`a rule cannot be called ${quote(id)}`, "Use small letters, digits and hyphens: <area>-<symptom-or-cause>");
    if (area === undefined || !NAME.test(area))
      throw new Failure(
        area === undefined ? "--area is missing" : `an area cannot be called ${quote(area)}`,
        "Name a folder below rules/: --area tcp",
      );
    const root = values.rules === undefined ? await packageRoot() : dirname(join(values.rules, "."));
    const files = [...skeleton(id, area, new Date().toISOString().slice(0, 10))].map(([path, text]) => ({ path: join(root, path), text }));
    for (const { path } of files)
      if (await exists(path)) throw new Failure(`${relative("", path)} exists already`, "Choose another id, or edit what is there");
    try {
      for (const { path, text } of files) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text, { flag: "wx" });
        await terminal.write(`${relative("", path)}\n`);
      }
    } catch (error) {
      throw new Failure(`cannot write: ${fileProblem(error)}`, "Run it inside a checkout that you may write to");
    }
    await terminal.write(`\nNext: casebook rules lint, casebook rules test ${id}\n`);
    return EXIT.done;
  },
};

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
