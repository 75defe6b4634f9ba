import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { type Stage, type StageOptions, startStage } from '../../../emulators/stage.ts';
import { playExample, type Trigger } from './example.ts';
import { Names } from './names.ts';
import type { Rule } from './rules.ts';
import { Runner, type RunOptions, type RunResult } from './runs.ts';
import { renderScenario } from './snapshot.ts';

/** The store that the README recommends. */
const USUAL_STORES = ['environment:cobo'];

export interface ScenarioOptions extends StageOptions {
  /** Rules that do not hold in this scenario, each with the reason. */
  except?: Partial<Record<Rule, string>>;
}

/** What a scenario works with. The functions may be taken out of it. */
export interface Scene extends Pick<Stage, 'cobo' | 'github' | 'refreshToken' | 'stores' | 'writer'> {
  /**
   * Runs a job: the main step, and the post step if its `post-if` holds. Faults come before it, and what
   * happens in their hooks (see below) happens to this job.
   * @param changes inputs in place of the usual ones; an undefined one is left out
   */
  run(changes?: Record<string, string | undefined>, options?: RunOptions): Promise<RunResult>;
  /** Runs a workflow of examples/, as GitHub does. Give it what it needs first: `furnish`. */
  example(name: string, trigger?: Trigger): Promise<void>;
  /** Cancels the job; at the runner's pace by default, or as nektos/act does. */
  cancel: Runner['cancel'];
  /** Kills the process of the step; resolves when it has exited. */
  kill: Runner['kill'];
  /** Loses the machine: nothing of the step is read, and no post step runs. */
  loseMachine: Runner['loseMachine'];
  /** Nobody reads the log any more: writing fails with EPIPE. */
  closeOutput: Runner['closeOutput'];
  /** Resolves when the log of the job shows such a line. */
  shows: Runner['shows'];
  /** Gives a value of this scenario a name in the snapshot. It is treated as a secret. */
  name(value: string, name: string): void;
}

type Play = (scene: Scene) => Promise<unknown>;

/**
 * One scenario, the only one in its file: plays it on a stage of its own, and holds everything that a user
 * sees of it against the text file of the same name. `rules.ts` holds what is true in every scenario.
 */
export function scenario(play: Play): void;
export function scenario(options: ScenarioOptions, play: Play): void;
export function scenario(first: Play | ScenarioOptions, second?: Play): void {
  const play = typeof first === 'function' ? first : second;
  const options = typeof first === 'function' ? {} : first;
  if (play === undefined) throw new Error('a scenario needs something to play');
  const file = basename(expect.getState().testPath ?? '').replace(/\.test\.ts$/, '');
  const title = file.replaceAll('-', ' ');
  test(title, { timeout: 60_000 }, async () => {
    const stage = await startStage({ stores: USUAL_STORES, ...options });
    try {
      const names = new Names(stage);
      const runner = new Runner(stage, names);
      await play(sceneOf(stage, runner, names));
      const text = renderScenario(title, runner.steps, stage, names);
      const broken = runner.broken().filter(([rule]) => options.except?.[rule] === undefined);
      expect(
        broken.map((one) => one.join(': ')),
        `What happened:\n\n${text}`,
      ).toEqual([]);
      await expect(text).toMatchFileSnapshot(`./${file}.txt`);
    } finally {
      await stage.close();
    }
  });
}

function sceneOf(stage: Stage, runner: Runner, names: Names): Scene {
  const { cobo, github, refreshToken, stores, writer } = stage;
  return {
    ...{ cobo, github, refreshToken, stores, writer },
    run: (changes, options) => runner.run(changes, options),
    example: (name, trigger) => playExample(stage, runner, name, trigger),
    cancel: (manner) => runner.cancel(manner),
    kill: () => runner.kill(),
    loseMachine: () => runner.loseMachine(),
    closeOutput: () => runner.closeOutput(),
    shows: (line) => runner.shows(line),
    name: (value, name) => names.add(value, name),
  };
}
