import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../../emulators/faults.ts';
import type { StepOptions } from '../../../emulators/runner/step.ts';

const KEPT_MS = 300;

/** A hold on the process of a run, for faults that send it signals. */
export class Held {
  #child: ChildProcess | undefined;
  #reached = false;
  readonly #waiting: (() => void)[] = [];

  /** For the options of the run. */
  readonly options: Pick<StepOptions, 'onSpawn'> = {
    onSpawn: (child) => {
      this.#child = child;
    },
  };

  /**
   * Sends signals while the struck request is in hand; `next` is what becomes of the request. It is kept
   * for a moment, so that the process hears of the signals before it hears of the answer.
   */
  signal(when: 'before' | 'after', signals: readonly NodeJS.Signals[], next?: Fault): Fault {
    return this.#hook(
      when,
      async () => {
        this.#send(signals);
        await sleep(KEPT_MS);
      },
      next,
    );
  }

  /** Lets `reached` resolve when the struck request is in hand. */
  mark(when: 'before' | 'after', next?: Fault): Fault {
    return this.#hook(
      when,
      () => {
        this.#reached = true;
        for (const go of this.#waiting.splice(0)) go();
      },
      next,
    );
  }

  /** Keeps the struck request until another one, marked, has been in hand. */
  wait(when: 'before' | 'after', next?: Fault): Fault {
    return this.#hook(when, () => this.reached(), next);
  }

  /** Resolves when the marked request is in hand. */
  reached(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#reached) resolve();
      else this.#waiting.push(resolve);
    });
  }

  #send(signals: readonly NodeJS.Signals[]): void {
    const child = this.#child;
    if (child === undefined) throw new Error('the run has no process yet');
    for (const signal of signals) child.kill(signal);
  }

  #hook(when: 'before' | 'after', run: () => void | Promise<void>, next: Fault | undefined): Fault {
    return { kind: 'hook', when, run, ...(next === undefined ? {} : { next }) };
  }
}
