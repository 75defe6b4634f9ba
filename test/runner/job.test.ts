import { describe, expect, it } from 'vitest';
import { holds } from '../../emulators/runner/condition.ts';
import type { CancelManner } from '../../emulators/runner/process.ts';
import { runJob } from '../../emulators/runner/run-job.ts';
import { fixtureAction, runMain, startJob, startReadyJob } from './fixture.ts';

describe('the post step', () => {
  const main = `
    put('STATE', 'left=1\\nleft=2\\n');
    put('ENV', 'LATER=yes\\n');
    put('STEP_SUMMARY', 'main\\n');
    console.log('::add-mask::hunter2');
  `;
  const post = `
    put('OUTPUT', 'token=1\\n');
    put('STEP_SUMMARY', 'post\\n');
    console.log(env['INPUT_PRIVATE-KEY'], env.STATE_left, env.LATER, 'hunter2');
  `;

  it('gets the inputs, the state, and what GITHUB_ENV set; its summary shows, its outputs do not', async () => {
    const job = await startJob();
    await job.main({ with: { 'private-key': 'k' }, actionDir: await fixtureAction(main, { post }) });
    const result = await job.post();
    expect(result).toMatchObject({ log: 'k 2 yes ***', outputs: {}, summary: 'post\n', exitCode: 0 });
    expect(await job.post()).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('has the state of a main step that was killed', async () => {
    const actionDir = await fixtureAction(`${main}; process.kill(process.pid, 'SIGKILL')`, {
      post,
      postIf: 'failure()',
    });
    const { job, ...result } = await runMain('', { actionDir });
    expect(result).toMatchObject({ signal: 'SIGKILL', outcome: 'failure' });
    expect((await job.post())?.log).toContain(' 2 yes');
  });

  it('does not run where the action has none, or the machine is lost', async () => {
    const { job } = await runMain(main);
    expect(await job.post()).toBeUndefined();
    await job.main({ with: {}, actionDir: await fixtureAction(main, { post }) });
    await job.loseMachine();
    expect(await job.post()).toBeUndefined();
  });

  it('waits for the rest of the job; the last main step comes first', async () => {
    const say = async (text: string) => {
      const actionDir = await fixtureAction('', { post: `console.log('${text}')`, postIf: 'failure()' });
      return { with: {}, actionDir };
    };
    const [first, second] = [await say('first'), await say('second')];
    const done = await runJob({ steps: [first, second, 'failure', first] });
    expect(done.status).toBe('failure');
    expect(done.mains.map((result) => result?.exitCode)).toEqual([0, 0, undefined]);
    expect(done.posts.map((result) => result?.log)).toEqual(['second', 'first']);
    expect((await runJob({ steps: [first] })).posts).toEqual([undefined]);
  });

  it.each([
    ['always()', ['success', 'failure', 'cancelled']],
    ['success()', ['success']],
    ['failure() || cancelled()', ['failure', 'cancelled']],
  ])('runs if %s', (condition, expected) => {
    const held = (['success', 'failure', 'cancelled'] as const).filter((status) => holds(condition, status));
    expect(held).toEqual(expected);
    expect(() => holds(`${condition} && runner.os == 'Linux'`, 'success')).toThrow('does not evaluate');
  });
});

it('a step that fails counts as success with continue-on-error', async () => {
  const { job, ...result } = await runMain('process.exitCode = 1', { continueOnError: true });
  expect(result).toMatchObject({ outcome: 'failure', conclusion: 'success' });
  expect(job.status).toBe('success');
});

const SOON = { intMs: 300, termMs: 200 };
const POST = { post: `console.log('post')`, postIf: 'cancelled()' };

// Windows has no signals: there the first one ends the process at once.
describe.skipIf(process.platform === 'win32')('a job that is cancelled', () => {
  const on = (name: string, what: string) => `process.on('${name}', () => ${what});`;
  const [INT, TERM] = [on('SIGINT', `console.log('int')`), on('SIGTERM', `console.log('term')`)];

  it.each<[string, string, object, CancelManner?]>([
    ['stops at SIGINT', '', { sent: ['SIGINT'], signal: 'SIGINT', log: 'ready\n##[error]The operation was canceled.' }],
    ['goes on to SIGTERM', INT + on('SIGTERM', 'process.exit(7)'), { sent: ['SIGINT', 'SIGTERM'], exitCode: 7 }],
    [
      'kills what holds out',
      INT + TERM,
      { sent: ['SIGINT', 'SIGTERM', 'SIGKILL'], signal: 'SIGKILL', log: expect.stringContaining('int\nterm\n') },
    ],
    [
      'is killed at once by nektos/act',
      INT,
      { sent: ['SIGKILL'], signal: 'SIGKILL', log: expect.not.stringContaining('int') },
      'act',
    ],
    ['is cancelled even when the step exits with 0', on('SIGINT', 'process.exit(0)'), { exitCode: 0 }],
  ])('%s', async (_what, script, expected, manner = SOON) => {
    const { job, ready } = await startReadyJob();
    const actionDir = await fixtureAction(`${script} stay(); console.log('ready');`, POST);
    const result = await job.main({ with: {}, actionDir, signals: () => ready.then(() => job.cancel(manner)) });
    expect(result).toMatchObject({ outcome: 'cancelled', ...expected });
    if (result.sent.includes('SIGTERM')) expect(result.durationMs).toBeGreaterThan(SOON.intMs);
    expect([job.status, (await job.post())?.log]).toEqual(['cancelled', 'post']);
  });

  it('lets a post step go on whose condition still holds', async () => {
    const { job, ready } = await startReadyJob();
    const post = `${on('SIGUSR2', 'process.exit(5)')} console.log('ready'); stay();`;
    const actionDir = await fixtureAction('process.exitCode = 1', { post, postIf: 'failure() || cancelled()' });
    await job.main({ with: {}, actionDir });
    const result = await job.post({
      signals: async (child) => {
        await ready;
        job.cancel(SOON);
        child.kill('SIGUSR2');
      },
    });
    expect(result).toMatchObject({ exitCode: 5, sent: [], outcome: 'failure' });
  });

  it('has failed when its step took too long', async () => {
    const actionDir = await fixtureAction(`${on('SIGINT', 'process.exit(0)')} stay()`, {
      ...POST,
      postIf: 'failure()',
    });
    const { job, ...result } = await runMain('', { actionDir, timeoutMinutes: 0.01, timeoutManner: SOON });
    expect(result).toMatchObject({ sent: ['SIGINT'], exitCode: 0, outcome: 'failure' });
    expect(result.log).toBe('##[error]The action has timed out after 0.01 minutes.');
    expect((await job.post())?.log).toBe('post');
  });

  it.each([
    ['kill', { a: '1' }, 'post'],
    ['loseMachine', {}, undefined],
  ] as const)(
    'has failed when its step is killed, and its files are lost with the machine: %s',
    async (end, outputs, post) => {
      const { job, ready } = await startReadyJob();
      const script = `put('OUTPUT', 'a=1\\n'); console.log('ready'); stay();`;
      const actionDir = await fixtureAction(script, { ...POST, postIf: 'always()' });
      const result = await job.main({ with: {}, actionDir, signals: () => ready.then(() => job[end]()) });
      expect(result).toMatchObject({ signal: 'SIGKILL', outcome: 'failure', outputs });
      expect((await job.post())?.log).toBe(post);
    },
  );
});
