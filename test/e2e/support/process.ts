import type { ChildProcess } from 'node:child_process';
import type { Fault } from '../../../emulators/faults.ts';
import type { StepOptions } from '../../../emulators/runner/step.ts';

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

  /** Sends signals while the struck request is in hand; `then` is what becomes of the request. */
  signal(when: 'before' | 'after', signals: readonly NodeJS.Signals[], then?: Fault): Fault {
    return this.#hook(when, () => this.#send(signals), then);
  }

  /** Lets `reached` resolve when the struck request is in hand. */
  mark(when: 'before' | 'after', then?: Fault): Fault {
    return this.#hook(
      when,
      () => {
        this.#reached = true;
        for (const go of this.#waiting.splice(0)) go();
      },
      then,
    );
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

  #hook(when: 'before' | 'after', run: () => void, then: Fault | undefined): Fault {
    return { kind: 'hook', when, run, ...(then === undefined ? {} : { then }) };
  }
}
