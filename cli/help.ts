import { layoutRow } from "../engine/report/text-layout.ts";
import type { Option, Verb } from "./verb.ts";

/** `casebook --help`. */
export function overview(verbs: readonly Verb[], width: number): string {
  const nameWidth = Math.max(...verbs.map(({ name }) => name.length));
  const lines = verbs.flatMap(({ name, about }) =>
    layoutRow(2, [
      { text: name, width: nameWidth },
      { text: about, width: width - nameWidth - 4 },
    ]),
  );
  return `casebook: reads a pile of network evidence and says which known case it is, with the frames and lines to prove it

usage: casebook <verb> [options]

${lines.join("\n")}

examples:
  casebook match capture.pcapng
  casebook match outage.zip --format html --out report.html
  casebook collect

casebook <verb> --help tells more about one. --version prints the version.
Exit codes: 0 done, 1 problems found (probe, rules lint, rules test), 2 could not be done, 130 stopped.
`;
}

/** `casebook <verb> --help`. */
export function verbHelp(verb: Verb, width: number): string {
  const options = Object.entries(verb.options);
  const heads = options.map(
    ([name, option]) => `--${name}${option.value ? ` ${option.choices ? option.choices.join("|") : option.value}` : ""}`,
  );
  const headWidth = Math.min(30, Math.max(0, ...heads.map((head) => head.length)));
  const lines = options.flatMap(([, option], index) => describeOption(heads[index]!, option, headWidth, width));
  return [
    `usage: casebook ${[verb.name, verb.usage, options.length > 0 ? "[options]" : ""].filter((part) => part !== "").join(" ")}\n\n`,
    `${layoutRow(0, [{ text: verb.details ? `${verb.about}. ${verb.details}` : `${verb.about}.`, width }]).join("\n")}\n`,
    options.length > 0 ? `\noptions:\n${lines.join("\n")}\n` : "",
    `\nexamples:\n${verb.examples.map((example) => `  ${example}`).join("\n")}\n`,
  ].join("");
}

function describeOption(head: string, option: Option, headWidth: number, width: number): string[] {
  const about = { text: option.about, width: Math.max(20, width - headWidth - 4) };
  if (head.length <= headWidth) return layoutRow(2, [{ text: head, width: headWidth }, about]);
  return [`  ${head}`, ...layoutRow(4 + headWidth, [about])];
}
