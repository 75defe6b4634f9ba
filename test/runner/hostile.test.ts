import { describe, expect, it } from 'vitest';
import type { FileTrouble } from '../../emulators/runner/folder.ts';
import { fixtureAction, signal, startJob } from './fixture.ts';

const APPEND = `
  import { appendFileSync } from 'node:fs';
  const path = process.env.GITHUB_STEP_SUMMARY;
  try {
    appendFileSync(path ?? '', 'x');
  } catch (error) {
    console.log(path === undefined ? 'unset' : error.code);
  }
`;

// Windows has neither /dev/full nor signals.
describe.skipIf(process.platform === 'win32')('a hostile runner', () => {
  it.each([
    ['unset', 'unset'],
    ['gone', 'ENOENT'],
    ['unwritable', 'EISDIR'],
    ...(process.platform === 'linux' ? ([['full', 'ENOSPC']] as const) : []),
  ] as const)('has a summary file that is %s', async (trouble: FileTrouble, log) => {
    const job = await startJob();
    const files = { summary: trouble };
    const result = await job.main({ with: {}, actionDir: await fixtureAction(APPEND), files });
    expect(result).toMatchObject({ log, rawSummary: '', outcome: 'success' });
  });

  it.each([
    ['nothing', ''],
    ['a byte order mark', '\uFEFF{}'],
  ])('has an event file with %s', async (_, eventText) => {
    const actionDir = await fixtureAction(`
      import { readFileSync } from 'node:fs';
      console.log(JSON.stringify(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8')));
    `);
    const job = await startJob({ eventText });
    expect((await job.main({ with: {}, actionDir })).log).toBe(JSON.stringify(eventText));
  });

  it('stops to read: writing fails with EPIPE', async () => {
    const actionDir = await fixtureAction(`
      import { appendFileSync, writeSync } from 'node:fs';
      process.once('SIGUSR2', () => {
        try {
          writeSync(1, 'more\\n');
        } catch (error) {
          appendFileSync(process.env.GITHUB_OUTPUT, 'code=' + error.code + '\\n');
        }
        process.exit(0);
      });
      process.stdout.write('ready\\n');
      setInterval(() => {}, 1000);
    `);
    const ready = signal();
    const job = await startJob({ onLine: (line) => line === 'ready' && ready.fire() });
    const result = await job.main({
      with: {},
      actionDir,
      signals: async (child) => {
        await ready.promise;
        job.closeOutput();
        child.kill('SIGUSR2');
      },
    });
    expect(result).toMatchObject({ log: 'ready', outputs: { code: 'EPIPE' }, exitCode: 0 });
  });

  it('kills the step, or loses its machine and with it the files', async () => {
    const script = `
      import { appendFileSync } from 'node:fs';
      appendFileSync(process.env.GITHUB_OUTPUT, 'a=1\\n');
      process.stdout.write('ready\\n');
      setInterval(() => {}, 1000);
    `;
    const actionDir = await fixtureAction(script, { post: `console.log('post')` });
    for (const [end, outputs, post] of [
      ['kill', { a: '1' }, 'post'],
      ['loseMachine', {}, undefined],
    ] as const) {
      const ready = signal();
      const job = await startJob({ onLine: (line) => line === 'ready' && ready.fire() });
      const signals = () => ready.promise.then(() => job[end]());
      const result = await job.main({ with: {}, actionDir, signals });
      expect(result).toMatchObject({ signal: 'SIGKILL', outcome: 'failure', outputs });
      expect((await job.post())?.log).toBe(post);
    }
  });
});
