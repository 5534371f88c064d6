import type { PickedBundle, PickedFile } from "./messages.ts";

/** Files of a folder beyond which the rest is left out, as on the command line: somebody named the wrong folder. */
const MAX_FILES = 100_000;

/** The bundle of files chosen one by one. */
export function bundleOfFiles(files: readonly File[]): PickedBundle {
  const taken = new Set<string>();
  return {
    name: bundleName(files.map(({ name }) => name)),
    files: inOrder(files.map((file) => ({ path: freePath(file.name, taken), blob: file }))),
    warnings: [],
  };
}

/** The bundle of a folder chosen as a whole. Hidden files are passed over. */
export function bundleOfFolder(files: readonly File[]): PickedBundle {
  const name = files[0]?.webkitRelativePath.split("/")[0] ?? "";
  const found = new FoundFiles();
  for (const file of files) {
    const path = file.webkitRelativePath.split("/").slice(1);
    if (!path.some((part) => part.startsWith("."))) found.add(path.join("/"), file);
  }
  return { name, files: inOrder(found.files), warnings: found.warnings };
}

/**
 * The bundle of what was dropped. Must be called in the handler of the drop itself: what was dropped is gone from the event afterwards.
 * Paths inside a single folder are relative to it, those of several things to where they lay.
 */
export function bundleOfDrop({ items, files }: DataTransfer): Promise<PickedBundle> {
  const dropped = [...items].filter(({ kind }) => kind === "file");
  const entries = dropped.map((item) => item.webkitGetAsEntry());
  const loose = [...files];
  return readEntries(entries, loose);
}

async function readEntries(entries: readonly (FileSystemEntry | null)[], loose: readonly File[]): Promise<PickedBundle> {
  const known = entries.filter((entry) => entry !== null);
  // Text dragged out of another page is no file of a disk.
  if (known.length === 0) return bundleOfFiles(loose);
  const found = new FoundFiles();
  const alone = known.length === 1;
  for (const entry of known) {
    if (isFolder(entry)) await walk(entry, alone ? "" : `${entry.name}/`, found);
    else await found.take(entry as FileSystemFileEntry, entry.name);
  }
  return { name: bundleName(known.map(({ name }) => name)), files: inOrder(found.files), warnings: found.warnings };
}

async function walk(folder: FileSystemDirectoryEntry, prefix: string, found: FoundFiles): Promise<void> {
  let entries: FileSystemEntry[];
  try {
    entries = await list(folder);
  } catch (error) {
    found.warn(prefix.replace(/\/$/, "") || ".", "source.unreadable", `cannot be listed: ${reason(error)}`);
    return;
  }
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    if (found.full) return;
    if (isFolder(entry)) await walk(entry, `${prefix}${entry.name}/`, found);
    else await found.take(entry as FileSystemFileEntry, prefix + entry.name);
  }
}

/** Everything in a folder, which is handed out a hundred at a time. */
async function list(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    all.push(...some);
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Files as they are found, and what was noticed. */
class FoundFiles {
  readonly files: PickedFile[] = [];
  readonly warnings: { path: string; code: string; text: string }[] = [];
  private readonly taken = new Set<string>();

  get full(): boolean {
    return this.warnings.some(({ code }) => code === "source.too-many-files");
  }

  add(path: string, blob: Blob): void {
    if (this.full) return;
    if (this.files.length >= MAX_FILES)
      this.warn(path, "source.too-many-files", `is one of more than ${MAX_FILES} files; the rest is left out`);
    else this.files.push({ path: freePath(path, this.taken), blob });
  }

  async take(entry: FileSystemFileEntry, path: string): Promise<void> {
    try {
      this.add(path, await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
    } catch (error) {
      this.warn(path, "source.unreadable", `cannot be read: ${reason(error)}`);
    }
  }

  warn(path: string, code: string, text: string): void {
    this.warnings.push({ path, code, text });
  }
}

/** Things from different folders may have the same name: `a.txt`, `a (2).txt`. */
function freePath(path: string, taken: Set<string>): string {
  let free = path;
  for (let number = 2; taken.has(free); number++) free = path.replace(/(\.[^./]*)?$/, ` (${number})$1`);
  taken.add(free);
  return free;
}

function bundleName(names: readonly string[]): string {
  return names.length > 1 ? `${names[0]} and ${names.length - 1} more` : (names[0] ?? "");
}

function inOrder(files: readonly PickedFile[]): PickedFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
