/** What was wrong with an archive or one of its entries, in words a person can act on. */
export interface ContainerWarning {
  /** Path of the archive, or of the entry where that was kept. */
  readonly path: string;
  /** Stable name: `zip.traversal-name`, `tar.link`, `container.ratio` … */
  readonly code: string;
  readonly text: string;
  /** Number of the first entry concerned, from 1 in the archive's own order; 0 for the whole archive. */
  readonly at: number;
  readonly count: number;
}

/** Gathers warnings; those of one path and code become one with a count. */
export class WarningLog {
  private readonly known = new Map<string, { path: string; code: string; text: string; at: number; count: number }>();

  add(path: string, code: string, text: string, at = 0): void {
    const key = `${code}\n${path}`;
    const same = this.known.get(key);
    if (same) same.count++;
    else this.known.set(key, { path, code, text, at, count: 1 });
  }

  get warnings(): readonly ContainerWarning[] {
    return [...this.known.values()];
  }
}
