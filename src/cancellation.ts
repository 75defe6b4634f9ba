/** The signals that end a run; SIGBREAK is what Windows sends where it sends anything. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;
export type CancelSignal = (typeof SIGNALS)[number];

/** Exit statuses as a shell tells them: 128 and the number of the signal. */
const EXIT_STATUS: Record<CancelSignal, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 };

/** What of a process is needed to watch its signals. */
export interface SignalSource {
  on(signal: CancelSignal, listener: (signal: CancelSignal) => void): unknown;
  off(signal: CancelSignal, listener: (signal: CancelSignal) => void): unknown;
}

/**
 * Decides what a signal does. The runner cancels a job with SIGINT, SIGTERM 7.5 s later, and kills
 * 2.5 s after that.
 *
 * - Outside the hold: `signal` aborts, which ends waits and requests at once (a probe's write within
 *   seconds), and the run unwinds.
 * - Within the hold, while a token is in flight: nothing ends. The signal is remembered, whoever asked
 *   with `onHeld` hears of it, and `release` lets it act.
 */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #source: SignalSource;
  #held = false;
  #received: CancelSignal | undefined;
  #onHeld: (() => void) | undefined;

  constructor(source: SignalSource) {
    this.#source = source;
    for (const name of SIGNALS) source.on(name, this.#listener);
  }

  readonly #listener = (name: CancelSignal) => {
    this.#received ??= name;
    if (this.#held) this.#tell();
    else this.#controller.abort();
  };

  /** Aborts on a signal that came outside the hold, or at `release` after one within it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first signal that came, held back or not. */
  get received(): CancelSignal | undefined {
    return this.#received;
  }

  /** The exit status of a cancelled run. */
  get exitStatus(): number {
    return this.#received ? EXIT_STATUS[this.#received] : 0;
  }

  /**
   * From here on signals wait. Nothing begins when one has come already.
   * @returns whether the hold began
   */
  hold(): boolean {
    if (this.#received) return false;
    this.#held = true;
    return true;
  }

  /** Has `listener` told, once, when a signal is held back, at once if one is already. */
  onHeld(listener: (() => void) | undefined): void {
    this.#onHeld = listener;
    if (this.#held && this.#received) this.#tell();
  }

  #tell(): void {
    const listener = this.#onHeld;
    this.#onHeld = undefined;
    listener?.();
  }

  /** Signals act again; one that waited acts now. */
  release(): void {
    this.#held = false;
    this.#onHeld = undefined;
    if (this.#received) this.#controller.abort();
  }

  /** Stops watching: signals end the process again, as they do by default. */
  close(): void {
    for (const name of SIGNALS) this.#source.off(name, this.#listener);
  }
}
