/** A file of a bundle that holds packets. */
export interface CaptureFile {
  /** Number of the file in the bundle. */
  readonly source: number;
  /** Path inside the bundle, `/` between folders. */
  readonly path: string;
  /** Format id; files of different formats never follow each other. */
  readonly format: string;
  /** First packet, nanoseconds since the Unix epoch, where it is known already. */
  readonly firstTime?: bigint | null;
}

/** How tools number the files of one capture; `stem` and `tail` name the chain, `number` the place in it. */
const PATTERNS: readonly { readonly tool: string; readonly name: RegExp }[] = [
  { tool: "dumpcap", name: /^(?<stem>.*)_(?<number>\d{5,9})_\d{14}(?<tail>\.[^./]+(?:\.gz)?)$/ },
  // Without a blank before the bracket: that is how browsers number copies of one file.
  { tool: "nmcap", name: /^(?<stem>.*\S)\((?<number>\d{1,6})\)(?<tail>\.cap)$/i },
  { tool: "tcpdump", name: /^(?<stem>.*?)(?<tail>\.(?:pcap|cap|pcapng|dmp))(?<number>\d{1,6})$/i },
];

interface Placed {
  readonly file: CaptureFile;
  readonly number: number;
}

/**
 * Groups files that are one capture cut in pieces: rings of dumpcap (`name_00001_20260101120000.pcapng`), chains of NMCap
 * (`x.cap`, `x(1).cap`) and of tcpdump (`x.pcap`, `x.pcap1`). Names propose a chain; where times are known each file has to
 * begin after the one before it, else all of them stand alone. Points come in the order of their first file, files in order
 * of time.
 */
export function groupCapturePoints(files: readonly CaptureFile[]): CaptureFile[][] {
  const chains = new Map<string, Placed[]>();
  const taken = new Set<CaptureFile>();
  for (const file of files) {
    const found = placeOf(file);
    if (!found) continue;
    taken.add(file);
    const list = chains.get(found.chain);
    if (list) list.push(found);
    else chains.set(found.chain, [found]);
  }
  // The first file of an NMCap or tcpdump chain carries no number.
  for (const file of files) {
    if (taken.has(file)) continue;
    const tail = /\.[^./]+$/.exec(file.path)?.[0] ?? "";
    const stem = file.path.slice(0, file.path.length - tail.length);
    const list = chains.get(chainName("nmcap", file.format, stem, tail)) ?? chains.get(chainName("tcpdump", file.format, stem, tail));
    if (list) list.push({ file, number: -1 });
    else chains.set(`alone\0${file.path}\0${file.source}`, [{ file, number: 0 }]);
  }
  const points: CaptureFile[][] = [];
  for (const list of chains.values()) {
    list.sort((x, y) => x.number - y.number || x.file.source - y.file.source);
    if (follow(list)) points.push(list.map(({ file }) => file));
    else for (const { file } of list) points.push([file]);
  }
  const place = new Map(files.map((file, index) => [file, index]));
  const first = (point: readonly CaptureFile[]) => point.reduce((least, file) => Math.min(least, place.get(file)!), files.length);
  return points.sort((x, y) => first(x) - first(y));
}

function chainName(tool: string, format: string, stem: string, tail: string): string {
  return `${tool}\0${format}\0${tail.toLowerCase()}\0${stem}`;
}

function placeOf(file: CaptureFile): (Placed & { chain: string }) | null {
  for (const { tool, name } of PATTERNS) {
    const match = name.exec(file.path)?.groups;
    if (match) return { file, number: Number(match.number), chain: chainName(tool, file.format, match.stem ?? "", match.tail ?? "") };
  }
  return null;
}

function follow(list: readonly Placed[]): boolean {
  let latest: bigint | null = null;
  for (const [k, { file, number }] of list.entries()) {
    if (k > 0 && number === list[k - 1]!.number) return false;
    const time = file.firstTime ?? null;
    if (latest !== null && time !== null && time < latest) return false;
    latest = time ?? latest;
  }
  return true;
}
