import { COVERED, uncovered } from "./absence.ts";
import type { Binder, Matches } from "./bind.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { Outcome } from "./outcome.ts";
import type { Query } from "./selection.ts";
import { both, FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

interface Member {
  readonly binder: Binder;
  readonly matches: Matches;
  readonly truth: Truth;
}

/** Rows of several queries that follow each other in the given order, the last within so many seconds of the first. */
export function sequenceOutcome(
  sequence: NonNullable<Query["sequence"]>,
  memberOf: (name: string) => Member,
  store: EvidenceStore,
): Outcome {
  const members = sequence.members.map(memberOf);
  const answer = (truth: Truth, why = ""): Outcome => ({
    truth,
    matches: { items: [], truths: [], orphaned: truth, perhapsMore: false },
    ground: why === "" ? COVERED : uncovered(why),
  });
  const least = members.reduce<Truth>((state, member) => both(state, member.matches.items.length > 0 ? TRUE : member.truth), TRUE);
  if (least !== TRUE) return answer(least, least === UNKNOWN ? "part of the sequence is not known" : "");
  const lists = members.map((member) => timesOf(member));
  if (lists.some((list) => list.untimed)) return answer(UNKNOWN, "rows of the sequence have no time");
  const sources = [...new Set(lists.flatMap((list) => list.sources))];
  if (!sources.every((source) => store.sameClock(source, sources[0]!)))
    return answer(UNKNOWN, "the order of sources whose time zone is not known cannot be told");
  if (
    follows(
      lists.map((list) => list.certain),
      sequence.within,
    )
  )
    return answer(TRUE);
  return follows(
    lists.map((list) => list.all),
    sequence.within,
  )
    ? answer(UNKNOWN, "rows that only perhaps belong follow each other")
    : answer(FALSE);
}

function timesOf({ binder, matches }: Member): { certain: bigint[]; all: bigint[]; sources: number[]; untimed: boolean } {
  const { view, first } = binder.items;
  const read = view.reader(view.table.declaration.time!);
  const [certain, all]: [bigint[], bigint[]] = [[], []];
  const sources = new Set<number>();
  let untimed = false;
  for (const [index, item] of matches.items.entries()) {
    const time = read(first[item]!);
    if (typeof time !== "bigint") {
      untimed = true;
      continue;
    }
    all.push(time);
    if (matches.truths[index] === TRUE) certain.push(time);
    sources.add(view.sourceOf(first[item]!));
  }
  const byTime = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
  return { certain: certain.sort(byTime), all: all.sort(byTime), sources: [...sources], untimed };
}

/** From each first moment on, the earliest next one of every member is the best choice. */
function follows(lists: readonly (readonly bigint[])[], within: number): boolean {
  const reach = BigInt(Math.round(within * 1e9));
  const at = lists.map(() => 0);
  for (const start of lists[0]!) {
    let moment: bigint | undefined = start;
    for (let member = 1; member < lists.length && moment !== undefined; member++) {
      const list = lists[member]!;
      while (at[member]! < list.length && list[at[member]!]! < moment) at[member]!++;
      moment = list[at[member]!];
    }
    if (moment !== undefined && moment - start <= reach) return true;
  }
  return false;
}
