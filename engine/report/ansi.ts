/** Select Graphic Rendition codes, ECMA-48 section 8.3.117: the few a report needs. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], cyan: [36, 39] } as const;

export type Paint = (text: string) => string;
export type Palette = Readonly<Record<keyof typeof CODES, Paint>>;

/** Functions that colour a text, or leave it as it is. */
export function palette(colour: boolean): Palette {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    colour ? (text: string) => `\x1b[${on}m${text}\x1b[${off}m` : (text: string) => text,
  ]);
  return Object.fromEntries(entries) as Palette;
}
