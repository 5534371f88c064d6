import type { TextPacketLog } from "./text-packet-log.ts";
import type { ElapsedMeaning } from "./text-time-column.ts";

const NS_PER_SECOND = 1_000_000_000;
/** Rows of a block from which its look is taken for evidence. */
const TELLING_ROWS = 3;

/** Times from a column of plain seconds, in the order of the text; what they count from is inferred where `given` is null. */
export function elapsedTimes(log: TextPacketLog, given: ElapsedMeaning | null): { times: Float64Array; own: Uint8Array } {
  const blocks = readBlocks(log);
  const meanings = given ? blocks.map(() => given) : inferMeanings(blocks);
  const times = new Float64Array(log.count);
  const own = new Uint8Array(log.count);
  const sheets = readSheets(log);
  const seen = new Map<number, number>();
  for (const [number, sheet] of sheets.entries()) {
    let running = 0;
    let [shift, tied] = [0, false];
    for (let i = sheet.first; i <= sheet.last; i++) {
      const seconds = log.rows.elapsed[i]!;
      const previous = meanings[log.rows.block[i]! - blocks[0]!.number] === "since_previous";
      own[i] = Number.isNaN(seconds) ? 0 : 1;
      if (own[i]) running = previous && i > sheet.first ? running + seconds : seconds;
      times[i] = running;
      const elsewhere = seen.get(log.rows.frame[i]!);
      if (previous && elsewhere !== undefined && !tied) [shift, tied] = [elsewhere - running, true];
    }
    // A second list whose deltas hang on no frame of the first says nothing about when it was.
    const loose = number > 0 && !tied && meanings.includes("since_previous") && sheet.restarts;
    for (let i = sheet.first; i <= sheet.last; i++) {
      times[i] = times[i]! + shift;
      if (loose) own[i] = 0;
      else if (sheets.length > 1) seen.set(log.rows.frame[i]!, times[i]!);
    }
  }
  // A part tied to an earlier one can begin before it.
  const least = times.reduce((a, b) => Math.min(a, b), 0);
  if (least < 0) for (let i = 0; i < times.length; i++) times[i]! -= least;
  return { times, own };
}

interface Block {
  /** As the log's `block` column has it. */
  readonly number: number;
  readonly rows: number;
  readonly falls: number;
  /** Largest fall, and what stood before it. */
  readonly fall: number;
  readonly before: number;
  readonly first: number;
  readonly last: number;
}

/** One entry for every block number from the first to the last; interruptions without rows between them have none of their own. */
function readBlocks(log: TextPacketLog): Block[] {
  const { block, elapsed } = log.rows;
  const start = block[0]!;
  const blocks: Block[] = [];
  let previous = Number.NaN;
  for (let i = 0; i < log.count; i++) {
    const number = block[i]!;
    while (blocks.length <= number - start) {
      blocks.push({ number: start + blocks.length, rows: 0, falls: 0, fall: 0, before: 0, first: Number.NaN, last: Number.NaN });
    }
    const at = number - start;
    const [now, value] = [blocks[at]!, elapsed[i]!];
    if (Number.isNaN(value)) continue;
    const fall = now.rows > 0 && previous > value ? previous - value : 0;
    blocks[at] = {
      number,
      rows: now.rows + 1,
      falls: now.falls + (fall > 0 ? 1 : 0),
      fall: Math.max(now.fall, fall),
      before: fall > now.fall ? previous : now.before,
      first: now.rows === 0 ? value : now.first,
      last: value,
    };
    previous = value;
  }
  return blocks;
}

/**
 * Whether a block counts from the row before: times since the start never fall, but for the jitter of a capture; times since the
 * previous row fall about every other row. Null where a block is too short to tell.
 */
function verdict(block: Block): ElapsedMeaning | null {
  if (block.falls > 0) {
    const steep = block.before > NS_PER_SECOND && block.fall > block.before / 2;
    return steep || block.falls / (block.rows - 1) > 0.1 ? "since_previous" : "since_start";
  }
  const counting = block.first > NS_PER_SECOND / 2 && block.last < 3 * block.first;
  return block.rows >= TELLING_ROWS && counting ? "since_start" : null;
}

function inferMeanings(blocks: readonly Block[]): ElapsedMeaning[] {
  const verdicts = blocks.map(verdict);
  let current = verdicts.find((one) => one !== null) ?? across(blocks);
  return verdicts.map((one) => {
    current = one ?? current;
    return current;
  });
}

/** No block tells by itself: rows torn apart by other lines still show whether the values fall from one to the next. */
function across(blocks: readonly Block[]): ElapsedMeaning {
  const filled = blocks.filter((block) => block.rows > 0);
  const falls = filled.some((block, i) => i > 0 && block.first < filled[i - 1]!.last);
  return falls ? "since_previous" : "since_start";
}

interface Sheet {
  readonly first: number;
  readonly last: number;
  /** Its first frame number is not above the one before. */
  readonly restarts: boolean;
}

/** Runs of rows with rising frame numbers. */
function readSheets(log: TextPacketLog): Sheet[] {
  const { frame } = log.rows;
  const sheets: Sheet[] = [];
  let first = 0;
  for (let i = 1; i <= log.count; i++) {
    if (i < log.count && frame[i]! > frame[i - 1]!) continue;
    sheets.push({ first, last: i - 1, restarts: first > 0 });
    first = i;
  }
  return sheets;
}
