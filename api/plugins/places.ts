import { Problem, retryAfter } from "../problem.ts";
import { overloaded } from "./limits.ts";

export interface PlacesOptions {
  /** Places in all. */
  readonly most: number;
  /** Of these, how many one tenant may take: so that none alone keeps the others out. */
  readonly ofOne: number;
  /** What they are for, in the plural: `uploads`. */
  readonly what: string;
  /** After how many seconds it makes sense to ask again. */
  readonly again: number;
}

/** Places for what goes on for a while. */
export interface Places {
  readonly taken: number;
  /** Takes a place and returns how to leave it; throws a `Problem` where there is none. */
  enter(tenant: string): () => void;
}

export function places({ most, ofOne, what, again }: PlacesOptions): Places {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    get taken() {
      return all;
    },
    enter(tenant) {
      const own = taken.get(tenant) ?? 0;
      if (own >= ofOne)
        throw new Problem(429, "quota-exceeded", `As many of your ${what} go on here as may.`, {
          whatToDo: "Wait until some have ended, then try again.",
          headers: retryAfter(again),
        });
      if (all >= most) throw overloaded(`As many ${what} go on here as may.`, again);
      taken.set(tenant, own + 1);
      all++;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        all--;
        const others = taken.get(tenant)! - 1;
        if (others === 0) taken.delete(tenant);
        else taken.set(tenant, others);
      };
    },
  };
}
