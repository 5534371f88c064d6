/** Cuts a list into parts that stay near a length, that of their JSON; none of them is empty. */
export function cutList<T>(list: readonly T[], characters: number, lengthOf = (item: T): number => JSON.stringify(item).length): T[][] {
  const parts: T[][] = [];
  let length = characters;
  for (const item of list) {
    if (length >= characters) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)!.push(item);
    length += lengthOf(item);
  }
  return parts;
}
