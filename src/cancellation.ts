/** The signals that end a run (SIGBREAK is the one that Windows has), with the exit status that a shell shows. */
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 };
export type CancelSignal = keyof typeof EXIT_STATUS;
const SIGNALS = Object.keys(EXIT_STATUS) as CancelSignal[];

/** The part of a process that is needed to watch its signals. */
export interface SignalSource {
  on(signal: CancelSignal, listener: (signal: CancelSignal) => void): unknown;
  off(signal: CancelSignal, listener: (signal: CancelSignal) => void): unknown;
}

/**
 * The one stop signal of a run. The runner cancels a job with SIGINT, SIGTERM 7.5 s later, and kills 2.5 s after that.
 * What is under way decides by itself whether it ends at once, has some seconds left, or goes on, as storing does.
 */
export class Cancellation {
  /** The first signal that arrived. */
  received: CancelSignal | undefined;
  #controller = new AbortController();
  readonly #listener = (name: CancelSignal) => {
    this.received ??= name;
    this.#controller.abort('cancelled');
  };

  constructor(private readonly source: SignalSource) {
    for (const name of SIGNALS) source.on(name, this.#listener);
  }

  /**
   * Aborts with the reason `cancelled` when a signal of the system has arrived, `given up` when a check failed, so that
   * nothing else is worth waiting for. Ask for it at each use: a run that gave up has another one for cleaning up.
   */
  get stop(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit status of a cancelled run. */
  get exitStatus(): number {
    return this.received ? EXIT_STATUS[this.received] : 0;
  }

  /**
   * All that the tasks give, as `Promise.all`. When one fails, the others stop (a rate limit may ask for an hour), and
   * the error is thrown when all have ended, so that nothing goes on unseen.
   */
  async together<T extends readonly unknown[]>(tasks: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
    try {
      return (await Promise.all(tasks)) as unknown as T;
    } catch (first) {
      this.#controller.abort('given up');
      await Promise.allSettled(tasks);
      // Cleaning up has a signal of its own. One that has arrived meanwhile counts from now on.
      this.#controller = new AbortController();
      if (this.received) this.#controller.abort('cancelled');
      throw first;
    }
  }

  /** Stops watching: signals end the process again, as they do by default. */
  close(): void {
    for (const name of SIGNALS) this.source.off(name, this.#listener);
  }
}
