import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Job } from '../../emulators/runner/job.ts';
import type { JobOptions, MainOptions } from '../../emulators/runner/options.ts';

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

/** What every script of a fixture may use. */
const IMPORTS = `
import { appendFileSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
const { env } = process;
const put = (file, text) => appendFileSync(env['GITHUB_' + file], text);
const stay = () => setInterval(() => {}, 1000);
`;

/** Writes a small action to a folder of its own, which is removed when the test ends. */
export async function fixtureAction(
  main: string,
  { post, postIf, action }: { post?: string; postIf?: string; action?: string } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixture-action-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const runs: Record<string, string> = { using: 'node24', main: 'dist/index.js' };
  if (post !== undefined) runs['post'] = 'dist/post.js';
  if (postIf !== undefined) runs['post-if'] = postIf;
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'action.yml'), action ?? `${ACTION}runs: ${JSON.stringify(runs)}\n`);
  await writeFile(join(folder, 'dist', 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'dist', 'index.js'), IMPORTS + main);
  if (post !== undefined) await writeFile(join(folder, 'dist', 'post.js'), IMPORTS + post);
  return folder;
}

/** A job that is closed when the test ends. */
export async function startJob(options: JobOptions = {}): Promise<Job> {
  const job = await Job.start(options);
  onTestFinished(() => job.close());
  return job;
}

/** A job that has run one main step. */
export async function runMain(main: string, options: JobOptions & Partial<MainOptions> = {}) {
  const job = await startJob(options);
  return { job, ...(await job.main({ with: {}, actionDir: await fixtureAction(main), ...options })) };
}

/** A job, and a promise that one of its steps has printed "ready". */
export async function startReadyJob() {
  let fire = () => {};
  const ready = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { job: await startJob({ onLine: (line) => line === 'ready' && fire() }), ready };
}
