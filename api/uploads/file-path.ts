import { entryPath } from "../../engine/containers/entry-name.ts";
import { Problem } from "../problem.ts";

const REASONS = {
  "traversal-name": "A file's path may not lead out of the bundle with `..`.",
  "absolute-name": "A file's path has to be relative; it may not begin with `/`, `\\` or a drive.",
  "unusable-name": "A file's path may not be empty, hold a NUL character, or be longer than 1024 characters.",
};

/** The path a file was submitted under, as it is kept: with `/`, without characters that could forge a line of a report. */
export function filePath(given: string): string {
  const result = entryPath(given);
  if ("refused" in result)
    throw new Problem(400, "bad-upload", REASONS[result.refused], {
      whatToDo: "Name the file by its path inside the bundle, logs/server.pcapng for instance.",
    });
  return result.path;
}

/** Longest name of a bundle, in characters. */
export const MAX_NAME = 200;

/** What a bundle is called where somebody says so: the last part of a path. */
export function bundleName(given: string): string {
  const result = entryPath(given);
  const name = "refused" in result ? "" : result.path.split("/").at(-1)!.trim();
  if (name !== "" && name.length <= MAX_NAME) return name;
  throw new Problem(400, "bad-upload", `A bundle's name has 1 to ${MAX_NAME} characters and leads nowhere as a path.`, {
    whatToDo: "Give it a plain name, or none: it is then called after its files.",
  });
}

/** What a bundle is called where nobody says so: the folder or file it consists of, or the first file and how many more. */
export function nameFromPaths(paths: readonly string[]): string {
  const [first = "", ...more] = [...paths].sort((a, b) => (a < b ? -1 : 1));
  const [top, ...rest] = first.split("/");
  const shared = rest.length > 0 && more.every((path) => path.startsWith(`${top}/`));
  const name = shared ? top! : first.split("/").at(-1)!;
  const cut = name.slice(0, MAX_NAME - 30);
  return shared || more.length === 0 ? cut : `${cut} and ${more.length} more`;
}
