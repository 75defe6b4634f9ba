/** Something that happens at a moment of simulated time. */
interface Alarm {
  at: number;
  /** Of two at the same moment, the one that was set first rings first. */
  order: number;
  ring: (() => void) | undefined;
}

/** Simulated time: it stands still while anybody works, and jumps from one alarm to the next. */
export class Time {
  #now: number;
  #order = 0;
  readonly #heap: Alarm[] = [];

  /** @param start milliseconds since 1970 */
  constructor(start: number) {
    this.#now = start;
  }

  /** Milliseconds since 1970, whole ones. */
  readonly now = (): number => Math.floor(this.#now);

  /** Calls `ring` so many milliseconds from now. @returns a function that takes it back */
  after(ms: number, ring: () => void): () => void {
    const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: this.#order++, ring };
    this.#push(alarm);
    return () => {
      alarm.ring = undefined;
    };
  }

  /** Resolves so many milliseconds from now, rejects at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        takeBack();
        reject(signal?.reason);
      };
      const takeBack = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets time pass until nothing is left to happen. */
  async run(): Promise<void> {
    await settled();
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      if (next.ring === undefined) continue;
      this.#now = next.at;
      next.ring();
      await settled();
    }
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let index = heap.push(alarm) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = heap[above];
      if (other === undefined || isBefore(other, alarm)) break;
      heap[index] = other;
      heap[above] = alarm;
      index = above;
    }
  }

  #pop(): Alarm | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    heap[0] = last;
    for (;;) {
      let below = 2 * index + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) below++;
      const least = heap[below];
      if (least === undefined || isBefore(last, least)) return first;
      heap[index] = least;
      heap[below] = last;
      index = below;
    }
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Two turns of the event loop: whoever was woken works until it waits for simulated time again. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
