import { statSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as core from '@actions/core';
import { systemClock } from './clock.ts';
import { httpClient } from './http.ts';
import { refresh } from './refresh.ts';
import type { World } from './run.ts';

// The runner starts dist/index.js for the main step and dist/post.js, which loads it, for the post step. A file
// of its own tells the steps apart even when the main step was killed before it could write anything.
const isPost = basename(process.argv[1] ?? '') === 'post.js';
writeLinesAtOnce();
// Named one by one, so that the bundler may drop the rest of the toolkit, which is most of it.
const { debug, error, exportVariable, getInput, getState, info, saveState, setOutput, setSecret, warning } = core;
const world: World = {
  toolkit: { debug, error, exportVariable, getInput, getState, info, saveState, setOutput, setSecret, warning },
  env: process.env,
  async facts() {
    const event = process.env.GITHUB_EVENT_PATH;
    // The toolkit reads the event when it is loaded, and an empty or damaged file would end the run.
    delete process.env.GITHUB_EVENT_PATH;
    const { context } = await import('@actions/github');
    const { runId, runAttempt } = context;
    // The runner writes the event file before every step, into a folder that it makes at the first step of the job
    // and never changes again. Other runners write the file once.
    const paths = event === undefined ? [] : [event, dirname(event)];
    const times = paths.flatMap((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? []);
    const jobStartedAt = times.length === 0 ? undefined : Math.min(...times);
    return { repository: process.env.GITHUB_REPOSITORY, runId, runAttempt, jobStartedAt };
  },
  http: httpClient(process.env),
  clock: systemClock,
  signals: process,
};
void (isPost ? import('./finish.ts').then(({ finish }) => finish(world)) : refresh(world)).then((status) => {
  // All that was to be told is written. A job must not wait for connections that are still open.
  process.exit(status);
});

/** How long a line waits for a full pipe whose reader has stopped. */
const FULL_PIPE_MS = 1_000;

/**
 * Replaces the stream of the standard output, through which the toolkit writes, by plain writes: the stream
 * takes some milliseconds to set up, and a line that was written is out even if the process is killed.
 */
function writeLinesAtOnce(): void {
  const write = (text: string): boolean => {
    const bytes = Buffer.from(text, 'utf8');
    const began = process.uptime();
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(1, bytes, at);
      } catch (error) {
        // A pipe that does not block is full.
        const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!isFull || (process.uptime() - began) * 1000 > FULL_PIPE_MS) throw error;
      }
    }
    return true;
  };
  Object.defineProperty(process, 'stdout', { value: { write }, configurable: true });
}
