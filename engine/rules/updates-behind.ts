import type { Update } from "./knowledge-schema.ts";

/** One step of a product's series. */
export interface Build {
  readonly update: Update;
  /** What the update brings the product to; null where its source does not say. */
  readonly version: string | null;
}

/** Where an installed build stands in its product's series. */
export interface Standing {
  readonly product: string;
  /** As it was asked for, without what surrounds the numbers. */
  readonly installed: string;
  /** The update that brought it there, or the last one before it; null where it is older than the oldest known. */
  readonly at: Build | null;
  /** It is the very build of `at`. */
  readonly exact: boolean;
  /** Updates with a higher build, oldest first: so many updates behind. */
  readonly missing: readonly Build[];
  /** Updates without a version of which it cannot be told whether the installed build holds them, oldest first. */
  readonly undecided: readonly Build[];
  readonly newest: Build;
  /** It is newer than the newest known. */
  readonly ahead: boolean;
  /** Day up to which the series holds: there may be newer updates since. */
  readonly asOf: string;
}

/** Why nothing can be said. */
export interface NoStanding {
  readonly problem: string;
}

/** A dotted version of two to six numbers, alone or with words around it (`OC/4.0.7577.4356 (Microsoft Lync 2010)`). */
const VERSION = /(?<![\d.])\d{1,9}(?:\.\d{1,9}){1,5}(?![\d.]*\d)/;

/** Compares dotted versions number by number; a number that is not there counts as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/**
 * A product's updates in the order of their builds. One without a version stands by its date: before the first versioned update that
 * was released later.
 */
export function buildSeries(updates: readonly Update[], product: string): Build[] {
  const builds = updates.flatMap((update) =>
    (update.builds ?? []).filter((build) => build.product === product).map(({ version }) => ({ update, version: version ?? null })),
  );
  const series = builds.filter(({ version }) => version !== null).sort((a, b) => compareVersions(a.version!, b.version!) || byId(a, b));
  for (const build of builds.filter(({ version }) => version === null).sort((a, b) => byDate(a, b) || byId(a, b))) {
    const later = series.findIndex((other) => byDate(other, build) > 0);
    series.splice(later < 0 ? series.length : later, 0, build);
  }
  return series;
}

/** How many updates an installed build is behind. */
export function updatesBehind(updates: readonly Update[], product: string, installed: string): Standing | NoStanding {
  const version = VERSION.exec(installed)?.[0];
  if (version === undefined)
    return { problem: `${JSON.stringify(installed.slice(0, 60))} is not a version: numbers with dots between, such as 4.0.7577.4356` };
  const series = buildSeries(updates, product);
  const versioned = series.filter((build) => build.version !== null);
  const newest = versioned.at(-1);
  if (!newest) return { problem: `no series of builds is known for ${product}` };
  const majors = [...new Set(versioned.map((build) => build.version!.split(".")[0]!))];
  if (!majors.includes(String(Number(version.split(".")[0]))))
    return { problem: `${version} is not a build of ${product}, whose builds begin with ${majors.join(" or ")}` };
  const at = versioned.findLast((build) => compareVersions(build.version!, version) <= 0) ?? null;
  const next = at === null ? versioned[0]! : versioned[versioned.indexOf(at) + 1];
  const from = at === null ? 0 : series.indexOf(at) + 1;
  const to = next === undefined ? series.length : series.indexOf(next);
  const between = series.slice(from, to);
  const exact = at !== null && compareVersions(at.version!, version) === 0;
  // An update without a version comes after the build it follows; a build between two may hold it.
  const missing = [...(exact ? between : []), ...series.slice(to)];
  return {
    product,
    installed: version,
    at,
    exact,
    missing,
    undecided: exact ? [] : between,
    newest,
    ahead: compareVersions(version, newest.version!) > 0,
    asOf: series
      .map(({ update }) => update.as_of)
      .sort()
      .at(-1)!,
  };
}

function byId(a: Build, b: Build): number {
  return a.update.id < b.update.id ? -1 : a.update.id > b.update.id ? 1 : 0;
}

/** By date of release, as far as it is known; months compare with days of the same month as equal. */
function byDate(a: Build, b: Build): number {
  const [left = "", right = ""] = [a.update.released, b.update.released];
  const length = Math.min(left.length, right.length);
  if (length === 0) return 0;
  const [x, y] = [left.slice(0, length), right.slice(0, length)];
  return x < y ? -1 : x > y ? 1 : 0;
}
