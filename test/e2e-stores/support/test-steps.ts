import { callWithAccessToken } from '../../../demo/protected-call.ts';
import type { Stage } from '../../../emulators/stage.ts';
import type { Play } from './runner-model.ts';

/** What the test steps of a workflow found: the status of a call to Cobo with the access token they saw. */
export interface Seen {
  job: string;
  name: string;
  token: string | undefined;
  /** What Cobo said to it; 0 when the step had none. */
  status: number;
}

/** Plays the `run:` steps that are given an access token: they call Cobo, and fail when it refuses. */
export function testSteps(stage: Stage): { seen: Seen[]; play: Play } {
  const seen: Seen[] = [];
  const play: Play = {
    run: async ({ job, name, env }) => {
      if (!Object.hasOwn(env, 'COBO_ACCESS_TOKEN')) return;
      const token = env['COBO_ACCESS_TOKEN'] || undefined;
      const { cobo } = stage;
      const status = token === undefined ? 0 : await callWithAccessToken(cobo.url, cobo.client, token);
      seen.push({ job, name, token, status });
      if (status !== 200) throw new Error(`Cobo answered ${status}`);
    },
  };
  return { seen, play };
}
