import { describe, expect, it } from 'vitest';
import { holds } from '../../emulators/runner/condition.ts';
import { runJob } from '../../emulators/runner/run-job.ts';
import { fixtureAction, startJob } from './fixture.ts';

const SHOW_ENV = 'console.log(JSON.stringify(process.env))';
const TIMES = `
  import { statSync } from 'node:fs';
  import { dirname } from 'node:path';
  const event = process.env.GITHUB_EVENT_PATH;
  console.log(JSON.stringify([dirname(event), event].map((path) => statSync(path).mtimeMs)));
`;

describe('the event file', () => {
  it('is written anew before every step, its folder only at the first', async () => {
    const actionDir = await fixtureAction(TIMES);
    const job = await startJob();
    const first = JSON.parse((await job.main({ with: {}, actionDir })).log) as number[];
    const second = JSON.parse((await job.main({ with: {}, actionDir })).log) as number[];
    expect(second[0]).toBe(first[0]);
    expect(second[1]).toBeGreaterThan(first[1] ?? Number.NaN);
  });

  it('can be made to tell other times', async () => {
    const jobStartedAt = new Date('2026-01-02T03:00:00Z');
    const stepStartedAt = new Date('2026-01-02T03:03:00Z');
    const job = await startJob({ jobStartedAt });
    const { log } = await job.main({ with: {}, actionDir: await fixtureAction(TIMES), stepStartedAt });
    expect(JSON.parse(log)).toEqual([jobStartedAt.getTime(), stepStartedAt.getTime()]);
  });
});

describe('a step', () => {
  it('knows which action it runs; a local one has no repository', async () => {
    const actionDir = await fixtureAction(SHOW_ENV);
    const env = async (github: { action_repository?: string; action_ref?: string }) => {
      const job = await startJob({ github });
      return JSON.parse((await job.main({ with: {}, actionDir })).log) as Record<string, string>;
    };
    expect(await env({})).toMatchObject({
      GITHUB_ACTION: '__org_cobo-refresh-action',
      GITHUB_ACTION_REPOSITORY: 'org/cobo-refresh-action',
      GITHUB_ACTION_REF: 'v1',
      GITHUB_SERVER_URL: 'https://github.com',
    });
    expect(await env({ action_repository: '', action_ref: '' })).toMatchObject({
      GITHUB_ACTION: '__self',
      GITHUB_ACTION_REPOSITORY: '',
      GITHUB_ACTION_REF: '',
    });
  });

  it('with a file in the wrong format has failed; what stands before the bad line counts', async () => {
    const actionDir = await fixtureAction(`
      import { appendFileSync } from 'node:fs';
      appendFileSync(process.env.GITHUB_OUTPUT, 'a=1\\na=2\\nb<<E\\ncut off');
    `);
    const job = await startJob();
    const result = await job.main({ with: {}, actionDir });
    expect(result).toMatchObject({ exitCode: 0, outcome: 'failure', outputs: { a: '2' } });
    expect(result.log).toContain("##[error]Unable to process file command 'output' successfully.");
    expect(job.status).toBe('failure');
  });

  it('that fails counts as success with continue-on-error', async () => {
    const actionDir = await fixtureAction('process.exitCode = 1');
    const job = await startJob();
    const result = await job.main({ with: {}, actionDir, continueOnError: true });
    expect(result).toMatchObject({ outcome: 'failure', conclusion: 'success' });
    expect(job.status).toBe('success');
  });
});

describe('the post step', () => {
  const main = `
    import { appendFileSync } from 'node:fs';
    appendFileSync(process.env.GITHUB_STATE, 'left=1\\nleft=2\\n');
    appendFileSync(process.env.GITHUB_ENV, 'LATER=yes\\n');
    appendFileSync(process.env.GITHUB_STEP_SUMMARY, 'main\\n');
    console.log('::add-mask::hunter2');
  `;
  const post = `
    import { appendFileSync } from 'node:fs';
    const { env } = process;
    appendFileSync(env.GITHUB_OUTPUT, 'token=1\\n');
    appendFileSync(env.GITHUB_STEP_SUMMARY, 'post\\n');
    console.log(env['INPUT_PRIVATE-KEY'], env.STATE_left, env.LATER, 'hunter2');
  `;

  it('gets the inputs, the state, and what GITHUB_ENV set; its summary shows, its outputs do not', async () => {
    const job = await startJob();
    await job.main({ with: { 'private-key': 'k' }, actionDir: await fixtureAction(main, { post }) });
    const result = await job.post();
    expect(result).toMatchObject({ log: 'k 2 yes ***', outputs: {}, summary: 'post\n', exitCode: 0 });
    expect(await job.post()).toBeUndefined();
  });

  it('has the state of a main step that was killed', async () => {
    const dies = `${main}; process.kill(process.pid, 'SIGKILL')`;
    const job = await startJob();
    const actionDir = await fixtureAction(dies, { post, postIf: 'failure()' });
    expect(await job.main({ with: {}, actionDir })).toMatchObject({ signal: 'SIGKILL', outcome: 'failure' });
    expect((await job.post())?.log).toContain(' 2 yes');
  });

  it('does not run where the action has none, or the machine is lost', async () => {
    const job = await startJob();
    await job.main({ with: {}, actionDir: await fixtureAction(main) });
    expect(await job.post()).toBeUndefined();
    await job.main({ with: {}, actionDir: await fixtureAction(main, { post }) });
    await job.loseMachine();
    expect(await job.post()).toBeUndefined();
  });

  it('waits for the rest of the job; the last main step comes first', async () => {
    const say = (text: string) => fixtureAction('', { post: `console.log('${text}')`, postIf: 'failure()' });
    const first = { with: {}, actionDir: await say('first') };
    const second = { with: {}, actionDir: await say('second') };
    const done = await runJob({ steps: [first, second, 'failure', first] });
    expect(done.status).toBe('failure');
    expect(done.mains.map((result) => result?.exitCode)).toEqual([0, 0, undefined]);
    expect(done.posts.map((result) => result?.log)).toEqual(['second', 'first']);
    expect((await runJob({ steps: [first] })).posts).toEqual([undefined]);
  });
});

describe('a condition', () => {
  it('asks for the state of the job', () => {
    const truth = (condition: string) =>
      (['success', 'failure', 'cancelled'] as const).filter((status) => holds(condition, status));
    expect(truth('always()')).toEqual(['success', 'failure', 'cancelled']);
    expect(truth('success()')).toEqual(['success']);
    expect(truth('failure() || cancelled()')).toEqual(['failure', 'cancelled']);
    expect(() => truth("failure() && runner.os == 'Linux'")).toThrow('does not evaluate');
  });
});
