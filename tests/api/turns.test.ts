import { expect, it } from "vitest";
import { turns } from "../../api/work/turns.ts";

/** Work that ends when the test says. */
function started() {
  const running = new Map<string, (outcome: "well" | "badly") => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) =>
      running.set(name, (outcome) => {
        running.delete(name);
        if (outcome === "well") resolve(name);
        else reject(new Error(name));
      }),
    );
  return { running, work };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("turns are taken in order, so many at a time, however those before end", async () => {
  const inTurn = turns(2);
  const { running, work } = started();
  const outcomes = Promise.allSettled(["a", "b", "c", "d"].map((name) => inTurn(work(name))));
  await settled();
  expect([...running.keys()]).toEqual(["a", "b"]);
  running.get("b")!("badly");
  await settled();
  expect([...running.keys()]).toEqual(["a", "c"]);
  running.get("a")!("well");
  await settled();
  running.get("c")!("well");
  running.get("d")!("well");
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(await inTurn(async () => "later")).toBe("later");
});

it("who no longer waits is passed over, and who asked to stop before does not begin", async () => {
  const inTurn = turns(1);
  const { running, work } = started();
  const gone = new AbortController();
  const [first, second, third] = [inTurn(work("first")), inTurn(work("second"), gone.signal), inTurn(work("third"))];
  const refused = expect(second).rejects.toThrow("gone");
  await settled();
  gone.abort(new Error("gone"));
  await refused;
  running.get("first")!("well");
  await settled();
  expect([...running.keys()]).toEqual(["third"]);
  running.get("third")!("well");
  expect(await Promise.all([first, third])).toEqual(["first", "third"]);
  await expect(inTurn(work("fourth"), gone.signal)).rejects.toThrow("gone");
  expect(running.size).toBe(0);
});
