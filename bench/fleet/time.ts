/** Something that happens at a moment of simulated time. */
interface Alarm {
  at: number;
  /** Of two at the same moment, the one that was set first rings first. */
  order: number;
  ring: () => void;
  /** In the heap; -1 when it is not there. */
  place: number;
  /** Whether it wakes nobody. */
  isQuiet: boolean;
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
    const alarm = this.#set(ms, ring, false);
    return () => {
      if (alarm.place >= 0) this.#remove(alarm);
    };
  }

  /** The same for what settles no promise, so that nobody has anything to do afterwards. */
  quietly(ms: number, ring: () => void): void {
    this.#set(ms, ring, true);
  }

  #set(ms: number, ring: () => void, isQuiet: boolean): Alarm {
    const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: this.#order++, ring, place: -1, isQuiet };
    this.#heap.push(alarm);
    this.#rise(alarm, this.#heap.length - 1);
    return alarm;
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
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (this.#ring()) queueMicrotask(settled);
          else resolve();
        } catch (error) {
          reject(error);
        }
      };
      // Node runs all microtasks before the next of these: whoever was woken works until it waits for time again.
      const settled = (): void => {
        process.nextTick(step);
      };
      settled();
    });
  }

  /** Up to an alarm that wakes somebody. @returns whether there was one */
  #ring(): boolean {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      this.#remove(next);
      this.#now = next.at;
      next.ring();
      if (!next.isQuiet) return true;
    }
    return false;
  }

  #remove(alarm: Alarm): void {
    const { place } = alarm;
    const last = this.#heap.pop();
    alarm.place = -1;
    if (last === undefined || last === alarm) return;
    if (isBefore(last, alarm)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  #rise(alarm: Alarm, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = heap[above];
      if (other === undefined || isBefore(other, alarm)) break;
      heap[index] = other;
      other.place = index;
      index = above;
    }
    heap[index] = alarm;
    alarm.place = index;
  }

  #sink(alarm: Alarm, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      let below = 2 * index + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) below++;
      const least = heap[below];
      if (least === undefined || isBefore(alarm, least)) break;
      heap[index] = least;
      least.place = index;
      index = below;
    }
    heap[index] = alarm;
    alarm.place = index;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
