import { statSync } from 'node:fs';
import { debug, error, exportVariable, getInput, info, setOutput, setSecret, warning } from '@actions/core';
import { context } from '@actions/github';
import { systemClock } from './clock.ts';
import { httpClient } from './http.ts';
import { refresh } from './refresh.ts';

process.exitCode = await refresh({
  // Named one by one, so that the bundler may drop the rest of the toolkit, which is most of it.
  toolkit: { debug, error, exportVariable, getInput, info, setOutput, setSecret, warning },
  env: process.env,
  facts: {
    repository: process.env.GITHUB_REPOSITORY,
    runId: context.runId,
    runAttempt: context.runAttempt,
    jobStartedAt: modifiedAt(process.env.GITHUB_EVENT_PATH),
    apiUrl: context.apiUrl,
  },
  http: httpClient(process.env),
  clock: systemClock,
  signals: process,
});

/** The runner writes the event file when the job starts. */
function modifiedAt(path: string | undefined): number | undefined {
  return path ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
}
