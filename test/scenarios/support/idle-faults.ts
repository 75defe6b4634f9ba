import type { FaultRule } from '../../../emulators/faults.ts';
import type { Stage } from '../../../emulators/stage.ts';

/** Remembers every fault that is planned. A scenario whose fault strikes nobody shows something else than it says. */
export class IdleFaults {
  readonly #all: { rule: FaultRule; planned: { readonly fired: number } }[] = [];

  constructor(stage: Stage) {
    for (const { faults } of [stage.cobo, stage.github]) {
      const add = faults.add.bind(faults);
      faults.add = (rule) => {
        const planned = add(rule);
        this.#all.push({ rule, planned });
        return planned;
      };
    }
  }

  /** Those that have not struck, in words. */
  list(): string[] {
    const idle = this.#all.filter(({ planned }) => planned.fired === 0);
    return idle.map(
      ({ rule: { match, fault } }) => `this one did not: ${match?.method ?? ''} ${match?.path ?? ''} ${fault.kind}`,
    );
  }
}
