import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultRule } from '../../../emulators/faults.ts';
import { type Stage, type StageOptions, startStage } from '../../../emulators/stage.ts';
import { playExample, type Trigger } from './example.ts';
import { Names } from './names.ts';
import type { Rule } from './rules.ts';
import { Runner } from './runs.ts';
import { renderScenario } from './snapshot.ts';

/** The store that the README recommends. */
const USUAL_STORES = ['environment:cobo'];

export interface ScenarioOptions extends StageOptions {
  /** Rules that do not hold in this scenario, each with the reason. */
  except?: Partial<Record<Rule, string>>;
}

/** What a scenario works with. The functions may be taken out of it. */
export interface Scene
  extends Pick<Stage, 'cobo' | 'github' | 'refreshToken' | 'stores' | 'writer'>,
    Pick<Runner, 'run' | 'cancel' | 'kill' | 'loseMachine' | 'closeOutput' | 'shows'> {
  /** Runs a workflow of examples/, as GitHub does. Give it what it needs first: `furnish`. */
  example(name: string, trigger?: Trigger): Promise<void>;
  /** Gives a value of this scenario a name in the snapshot. It is treated as a secret. */
  name(value: string, name: string): void;
}

type Play = (scene: Scene) => Promise<unknown>;

/**
 * One scenario, the only one in its file: plays it on a stage of its own, and holds everything that a user
 * sees of it against the text file of the same name. `rules.ts` holds what is true in every scenario.
 */
export function scenario(...args: [play: Play] | [options: ScenarioOptions, play: Play]): void {
  const [options, play] = args.length === 1 ? [{}, args[0]] : args;
  const file = basename(expect.getState().testPath ?? '').replace(/\.test\.ts$/, '');
  test(file.replaceAll('-', ' '), { timeout: 60_000 }, async () => {
    const stage = await startStage({ stores: USUAL_STORES, ...options });
    try {
      const idle = watchFaults(stage);
      const names = new Names(stage);
      const runner = new Runner(stage, names);
      const { run, cancel, kill, loseMachine, closeOutput, shows } = runner;
      await play({
        ...{ ...stage, run, cancel, kill, loseMachine, closeOutput, shows },
        example: (name, trigger) => playExample(stage, runner, name, trigger),
        name: (value, name) => names.own.set(value, name),
      });
      const text = renderScenario(runner.steps, runner.before, stage, names);
      const all = [...runner.broken, ...idle().map((what): [Rule, string] => ['every fault strikes', what])];
      const broken = all.filter(([rule]) => options.except?.[rule] === undefined).map((one) => one.join(': '));
      expect(broken, `What happened:\n\n${text}`).toEqual([]);
      await expect(text).toMatchFileSnapshot(`./${file}.txt`);
    } finally {
      await stage.close();
    }
  });
}

/** A scenario whose fault strikes nobody shows something else than it says. @returns tells of those, in words */
function watchFaults({ cobo, github }: Stage): () => string[] {
  const all: { rule: FaultRule; planned: { readonly fired: number } }[] = [];
  for (const { faults } of [cobo, github]) {
    const add = faults.add.bind(faults);
    faults.add = (rule) => {
      const planned = add(rule);
      all.push({ rule, planned });
      return planned;
    };
  }
  const idle = () => all.filter(({ planned }) => planned.fired === 0).map(({ rule }) => rule);
  return () => idle().map(({ match, fault }) => `this one did not: ${match?.method} ${match?.path} ${fault.kind}`);
}
