import type { Coverage } from "../tables/coverage.ts";
import { processes } from "../tables/process-tables.ts";
import { type Citation, locate, Table, type TablePart } from "../tables/table.ts";

interface Listed {
  readonly name: string;
  readonly at: Citation;
}

interface List {
  /** The machine it was listed on; null where nothing tells. */
  readonly host: readonly string[] | null;
  /** Read without holes: what it does not show did not run. */
  readonly whole: boolean;
  readonly byId: ReadonlyMap<number, Listed>;
}

/** What a list of processes says of an id; `whole` where some list of that machine would show it. */
export interface NameOfProcess {
  readonly name: string | null;
  readonly at: Citation | null;
  readonly whole: boolean;
}

/** Lists of processes, by machine. */
export class ProcessNames {
  private readonly lists: List[] = [];

  constructor(parts: readonly TablePart[], coverage: readonly Coverage[]) {
    for (const part of parts) {
      if (part.table !== "processes" || part.length === 0) continue;
      const whole = coverage.some(({ table, source, complete }) => table === "processes" && source === part.source && complete);
      for (const [host, byId] of byMachine(part)) this.lists.push({ host, whole, byId });
    }
  }

  /**
   * A list of another machine says nothing, even if it has the id. Where nothing tells whose a list is, it counts as long as no
   * other such list has another name for the id.
   */
  of(host: readonly string[] | null, processId: number): NameOfProcess {
    const own = this.lists.filter((list) => list.host !== null && host !== null && list.host.some((call) => host.includes(call)));
    const asked = own.length > 0 ? own : this.lists.filter((list) => list.host === null || host === null);
    const found = asked.map((list) => list.byId.get(processId)).filter((listed) => listed !== undefined);
    const agreed = own.length > 0 || found.every(({ name }) => name.toLowerCase() === found[0]!.name.toLowerCase());
    return { name: (agreed && found[0]?.name) || null, at: (agreed && found[0]?.at) || null, whole: asked.some((list) => list.whole) };
  }
}

/** The rows of one source, by the machine they name: a transcript may hold lists of several. */
function byMachine(part: TablePart): Map<readonly string[] | null, Map<number, Listed>> {
  const table = new Table(processes, [part]);
  const [host, id, name] = [table.reader("host"), table.reader("process_id"), table.reader("name")];
  const machines = new Map<string, { host: readonly string[] | null; byId: Map<number, Listed> }>();
  for (let row = 0; row < part.length; row++) {
    const calls = host(row) as readonly string[] | null;
    const key = calls?.join(" ") ?? "";
    let machine = machines.get(key);
    if (!machine) {
      machine = { host: calls, byId: new Map() };
      machines.set(key, machine);
    }
    // Of several lists of one machine the first holds; the others differ only in what started since.
    const processId = id(row) as number;
    if (!machine.byId.has(processId)) machine.byId.set(processId, { name: name(row) as string, at: locate(part, part.at[row]!) });
  }
  return new Map([...machines.values()].map((machine) => [machine.host, machine.byId]));
}
