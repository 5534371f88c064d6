import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, expect, it, vi } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import type { Delivery, Queue } from "../../api/queue/queue.ts";
import type { TestBackend } from "../support/backends.ts";
import { newBundle, submit } from "../support/submissions.ts";

const TENANT = "queue";

/** What every queue does; `backend` and `other` are two processes' views of the same data. */
export function queueContract(backend: () => TestBackend, other: () => Backend): void {
  beforeEach(() => backend().emptyQueue());

  async function submitted(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push((await submit(backend().store, TENANT)).job.id);
    return ids;
  }

  it("hands out jobs once, oldest first, as many as are asked for", async () => {
    const ids = await submitted(5);
    expect(await backend().queue.waiting()).toBe(5);
    const first = await backend().queue.take(2);
    expect(first.map(({ job }) => job)).toEqual(ids.slice(0, 2));
    expect((await other().queue.take(10)).map(({ job }) => job)).toEqual(ids.slice(2));
    expect(await backend().queue.take(1)).toEqual([]);
    expect(await other().queue.waiting()).toBe(0);
  });

  it("queues a rerun too, and nothing for a submission that failed or was there before", async () => {
    const { job } = await submit(backend().store, TENANT, { sameAs: "queued once" });
    await submit(backend().store, TENANT, { sameAs: "queued once" });
    await expect(backend().store.accept(newBundle(TENANT), { id: job.id, sameAs: null }, 0, null, null)).rejects.toThrow();
    const rerun = await backend().store.again(TENANT, job.bundle, { id: `${job.id}x`, sameAs: null }, 0, null);
    expect((await backend().queue.take(10)).map((delivery) => delivery.job)).toEqual([job.id, rerun!.job.id]);
    await backend().store.deleteBundle(TENANT, job.bundle);
  });

  it("queues nothing of a submission of which the very last step fails", async () => {
    const idempotency = { key: "key", request: null as unknown as string };
    await expect(submit(backend().store, TENANT, { idempotency })).rejects.toThrow();
    expect(await backend().queue.waiting()).toBe(0);
    expect(await other().queue.take(1)).toEqual([]);
  });

  it("hands out five hundred jobs to twenty workers of two processes, none twice, none never", async () => {
    const ids = (await Promise.all(Array.from({ length: 10 }, () => submitted(50)))).flat();
    const taken: string[] = [];
    const work = async (queue: Queue) => {
      for (;;) {
        const deliveries = await queue.take(5);
        if (deliveries.length === 0) return;
        for (const delivery of deliveries) {
          taken.push(delivery.job);
          await queue.finish(delivery);
        }
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => work(index % 2 ? backend().queue : other().queue)));
    expect(taken).toHaveLength(500);
    expect(new Set(taken)).toEqual(new Set(ids));
    expect(await backend().queue.waiting()).toBe(0);
  });

  it("delivers anew what was neither renewed nor finished, and leaves what was finished", async () => {
    const [lost, done] = await submitted(2);
    const [first, second] = await backend().queue.take(2);
    expect(await backend().queue.renew(first!)).toBe(true);
    await backend().queue.finish(second!);
    expect(second!.job).toBe(done);
    await backend().expireLeases();
    const [again] = await eventually(other().queue);
    expect(again!.job).toBe(lost);
    expect(await other().queue.take(10)).toEqual([]);
  });

  it("keeps a delivery from whoever had it before", async () => {
    const [job] = await submitted(1);
    const [stale] = await backend().queue.take(1);
    await backend().expireLeases();
    const [current] = await eventually(other().queue);
    expect(current!.job).toBe(job);
    expect(await backend().queue.renew(stale!)).toBe(false);
    await backend().queue.finish(stale!);
    await backend().queue.giveBack(stale!);
    expect(await backend().queue.take(1)).toEqual([]);
    expect(await other().queue.renew(current!)).toBe(true);
    await backend().expireLeases();
    expect((await eventually(backend().queue))[0]!.job).toBe(job);
  });

  it("delivers at once what is given back, before what came later, however often", async () => {
    const [job] = await submitted(2);
    for (let turn = 0; turn < 5; turn++) {
      const [delivery] = await (turn % 2 ? backend() : other()).queue.take(1);
      expect(delivery!.job).toBe(job);
      await backend().queue.giveBack(delivery!);
    }
    expect(await backend().queue.waiting()).toBe(2);
  });

  it("lets a delivery of what was deleted or cancelled be dropped", async () => {
    const [deleted, cancelled, wanted] = await submitted(3);
    const { store, queue } = backend();
    const [job] = await store.jobsById([deleted!]);
    await store.deleteBundle(TENANT, job!.bundle);
    await store.cancel(TENANT, cancelled!, 0);
    const begun: string[] = [];
    for (const delivery of await queue.take(10)) {
      if (await store.begin(delivery.job, 0)) begun.push(delivery.job);
      await queue.finish(delivery);
    }
    expect(begun).toEqual([wanted]);
  });

  it.each([3_600_000, -3_600_000])("keeps leases though the clock of this machine jumps by %i ms", async (jump) => {
    const [job, waiting] = await submitted(2);
    const [first] = await backend().queue.take(1);
    expect(first!.job).toBe(job);
    const { now } = Date;
    const spy = vi.spyOn(Date, "now").mockImplementation(() => now.call(Date) + jump);
    try {
      expect(await backend().queue.waiting()).toBe(1);
      const [second, ...more] = await other().queue.take(10);
      expect([second!.job, more]).toEqual([waiting, []]);
      expect(await backend().queue.renew(first!)).toBe(true);
      await backend().queue.giveBack(first!);
    } finally {
      spy.mockRestore();
    }
    expect((await other().queue.take(10)).map((delivery) => delivery.job)).toEqual([job]);
  });

  it("finds the next of ten thousand by an index, without sorting or reading them", async () => {
    const [job] = await submitted(1);
    await backend().crowd(job!, 10_000);
    expect(await backend().queue.waiting()).toBe(10_001);
    expect((await backend().queue.take(1))[0]!.job).toBe(job);
    const plan = await backend().takePlan();
    expect(plan).toMatch(/USING (COVERING )?INDEX queue_turn \(leased_until=\?\)|Index (Only )?Scan using job_common_i11\b/);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN queue|Sort|Seq Scan/);
  });
}

/** What is delivered next, once the queue has noticed that it is due. */
async function eventually(queue: Queue): Promise<readonly Delivery[]> {
  for (;;) {
    const deliveries = await queue.take(1);
    if (deliveries.length > 0) return deliveries;
    await pause(50);
  }
}
