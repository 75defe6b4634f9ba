import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limiter } from '../../../src/github/limit.ts';
import { settle } from '../support/github-world.ts';

/** Tasks that last until the test ends them, and how many of them have run at once at most. */
function heldTasks(most: number) {
  const limit = limiter(most);
  const started: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  let atOnce = 0;
  return {
    started,
    get atOnce() {
      return atOnce;
    },
    running: () => [...ends.keys()],
    add: (id: number): Promise<number> =>
      limit(
        () =>
          new Promise((resolve, reject) => {
            started.push(id);
            ends.set(id, (error) => (error ? reject(error) : resolve(id)));
            atOnce = Math.max(atOnce, ends.size);
          }),
      ),
    end(id: number, error?: Error) {
      const end = ends.get(id);
      ends.delete(id);
      end?.(error);
    },
  };
}

describe('a limiter', () => {
  it('starts as many tasks as it may, and no more', async () => {
    const tasks = heldTasks(3);
    const ended = [1, 2, 3, 4, 5].map(tasks.add);
    await settle();
    expect(tasks.started).toEqual([1, 2, 3]);
    for (const id of [1, 2, 3, 4, 5]) {
      tasks.end(id);
      await settle();
    }
    await expect(Promise.all(ended)).resolves.toEqual([1, 2, 3, 4, 5]);
  });

  it('starts the next one when one ends', async () => {
    const tasks = heldTasks(2);
    const ended = [1, 2, 3].map(tasks.add);
    tasks.end(2);
    await ended[1];
    await settle();
    expect(tasks.started).toEqual([1, 2, 3]);
  });

  it('starts the next one when one fails, too', async () => {
    const tasks = heldTasks(1);
    const [first] = [1, 2].map(tasks.add);
    tasks.end(1, new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await settle();
    expect(tasks.started).toEqual([1, 2]);
  });

  it('hands on what a task gives', async () => {
    await expect(limiter(1)(async () => 'result')).resolves.toBe('result');
  });

  it('gives a free place back once nobody waits', async () => {
    const limit = limiter(1);
    await limit(async () => 1);
    await expect(limit(async () => 2)).resolves.toBe(2);
  });

  it('lets nobody slip into a place that has been handed on', async () => {
    const tasks = heldTasks(1);
    const first = tasks.add(1);
    const second = tasks.add(2);
    const third = first.then(() => tasks.add(3));
    tasks.end(1);
    await settle();
    expect(tasks.started).toEqual([1, 2]);
    tasks.end(2);
    await settle();
    tasks.end(3);
    await expect(Promise.all([first, second, third])).resolves.toEqual([1, 2, 3]);
    expect(tasks.atOnce).toBe(1);
  });

  it('keeps order and limit however the tasks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.record({ pick: fc.nat(), fails: fc.boolean() }), { minLength: 1, maxLength: 30 }),
        async (most, plan) => {
          const tasks = heldTasks(most);
          const ids = plan.map((_, index) => index);
          const ended = Promise.allSettled(ids.map(tasks.add));
          for (const { pick, fails } of plan) {
            await settle();
            const running = tasks.running();
            tasks.end(running[pick % running.length] ?? -1, fails ? new Error('broken') : undefined);
          }
          await ended;
          expect(tasks.started).toEqual(ids);
          expect(tasks.atOnce).toBe(Math.min(most, plan.length));
        },
      ),
    );
  });
});
