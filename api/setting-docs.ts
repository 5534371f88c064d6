import type { Command, Setting } from "./setting.ts";
import { settingDeclarations } from "./settings.ts";

const declarations: readonly Setting<unknown>[] = Object.values<Setting<unknown>>(settingDeclarations);

/** A flag as the command line declares its options. */
export interface SettingFlag {
  readonly about: string;
  readonly value: string;
  readonly choices?: readonly string[];
}

/** Flags of a command by name without dashes. */
export function settingFlags(command: Command): Readonly<Record<string, SettingFlag>> {
  return Object.fromEntries(
    declarations
      .filter(({ flag, of }) => flag !== null && of.includes(command))
      .map(({ flag, about, value, choices, variable, standard }) => [
        flag!,
        { about: `${about} (${standard ? `${standard}; ` : ""}${variable})`, value, ...(choices ? { choices } : {}) },
      ]),
  );
}

/** The page of all settings for the operator's manual, Markdown. */
export function settingsPage(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = declarations.map(({ variable, flag, value, about, standard, of }) =>
    [
      `\`${variable}\``,
      flag === null ? "" : `\`--${flag} ${cell(value)}\``,
      standard ? `\`${standard}\`` : "",
      of.length === 1 ? `\`${of[0]}\`` : "both",
      cell(about),
    ].join(" | "),
  );
  return [
    "# Settings",
    "",
    "What `casebook serve` and `casebook worker` can be told. A flag goes before its variable, a variable before the standard. Sizes are",
    "written `500MB` or `2GiB`, times `30s`, `15m`, `12h` or `30d`. What has no flag is a secret: flags can be seen by others on the machine.",
    "",
    "| Variable | Flag | If not given | Of | What it sets |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
