import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Job } from '../../emulators/runner/job.ts';
import type { JobOptions } from '../../emulators/runner/options.ts';

const ACTION = `
name: fixture
inputs:
  private-key: { required: true }
  two words: { default: both }
  api-url: { default: '\${{ github.api_url }}' }
  attempts: { default: 4 }
outputs:
  token: {}
`;

/** Scripts of an action beside `dist/index.js`. */
export interface Fixture {
  /** The script of the post step. */
  post?: string;
  postIf?: string;
  /** In place of the usual action.yml. */
  action?: string;
}

/** Writes a small action to a folder of its own, which is removed when the test ends. */
export async function fixtureAction(main: string, { post, postIf, action }: Fixture = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixture-action-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const runs: Record<string, string> = { using: 'node24', main: 'dist/index.js' };
  if (post !== undefined) runs['post'] = 'dist/post.js';
  if (postIf !== undefined) runs['post-if'] = postIf;
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'action.yml'), action ?? `${ACTION}runs: ${JSON.stringify(runs)}\n`);
  await writeFile(join(folder, 'dist', 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'dist', 'index.js'), main);
  if (post !== undefined) await writeFile(join(folder, 'dist', 'post.js'), post);
  return folder;
}

/** A job that is closed when the test ends. */
export async function startJob(options: JobOptions = {}): Promise<Job> {
  const job = await Job.start(options);
  onTestFinished(() => job.close());
  return job;
}

/** A promise, and what resolves it. */
export function signal(): { promise: Promise<void>; fire: () => void } {
  let fire = () => {};
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}
