import { statSync, writeSync } from 'node:fs';
import {
  debug,
  endGroup,
  error,
  exportVariable,
  getInput,
  info,
  setOutput,
  setSecret,
  startGroup,
  warning,
} from '@actions/core';
import { context } from '@actions/github';
import { systemClock } from './clock.ts';
import { httpClient } from './http.ts';
import { refresh } from './refresh.ts';

writeLinesAtOnce();
void refresh({
  // Named one by one, so that the bundler may drop the rest of the toolkit, which is most of it.
  toolkit: {
    debug,
    endGroup,
    error,
    exportVariable,
    getInput,
    info,
    setOutput,
    setSecret,
    startGroup,
    warning,
  },
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
}).then((status) => {
  // All that was to be told is written. A job must not wait for whatever may still be open.
  process.exit(status);
});

/** The runner writes the event file when the job starts. */
function modifiedAt(path: string | undefined): number | undefined {
  return path ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
}

/**
 * Replaces the stream of the standard output, through which the toolkit writes, by plain writes: the stream
 * costs a job some milliseconds to set up, and a line that was written is out even if the process is killed.
 */
function writeLinesAtOnce(): void {
  const { write } = {
    write(text: string): boolean {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length; ) {
        try {
          at += writeSync(1, bytes, at);
        } catch (error) {
          // A full pipe that does not block: its reader will come.
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        }
      }
      return true;
    },
  };
  Object.defineProperty(process, 'stdout', { value: { write }, configurable: true });
}
