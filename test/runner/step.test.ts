import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEnvFile, readKeyValueFile } from '../../emulators/runner/files.ts';
import type { FileTrouble } from '../../emulators/runner/folder.ts';
import type { JobOptions, MainOptions } from '../../emulators/runner/options.ts';
import { runStep } from '../../emulators/runner/step.ts';
import { fixtureAction, runMain, startReadyJob } from './fixture.ts';

async function environmentOf(options: JobOptions & Partial<MainOptions> = {}) {
  const { rawLog } = await runMain('console.log(JSON.stringify(env))', options);
  return JSON.parse(rawLog) as Record<string, string>;
}

describe('the environment of a step', () => {
  it('has every input: given, default, empty', async () => {
    const given = { with: { 'Private-Key': 'k' }, github: { api_url: 'https://ghes.example/api/v3' } };
    expect(await environmentOf(given)).toMatchObject({
      'INPUT_PRIVATE-KEY': 'k',
      INPUT_TWO_WORDS: 'both',
      'INPUT_API-URL': 'https://ghes.example/api/v3',
      INPUT_ATTEMPTS: '4',
    });
    expect((await environmentOf())['INPUT_PRIVATE-KEY']).toBe('');
  });

  it.each([
    [undefined, { 'privat-key': 'k' }, "'privat-key'"],
    [`inputs: { a: { default: '$\{{ secrets.A }}' } }\nruns: { using: node24, main: x.js }`, {}, 'secrets.A'],
    ['runs: { using: node20, main: x.js }', {}, 'node20'],
  ])('cannot be made of the wrong action or inputs: %j, %j', async (action, inputs, message) => {
    const actionDir = await fixtureAction('', action === undefined ? {} : { action });
    await expect(runStep({ with: inputs as Record<string, string>, actionDir })).rejects.toThrow(message);
  });

  it("keeps the developer's out", async () => {
    process.env['LEAKY_VARIABLE'] = 'x';
    try {
      const env = await environmentOf({ env: { EXTRA: '1', GITHUB_ACTOR: undefined } });
      expect(Object.keys(env).filter((name) => /LEAKY_VARIABLE|GITHUB_ACTOR|RUNNER_DEBUG/.test(name))).toEqual([]);
      expect(env).toMatchObject({ EXTRA: '1', GITHUB_ACTIONS: 'true', GITHUB_RUN_ATTEMPT: '1' });
      expect(env['HOME']).not.toBe(process.env['HOME']);
    } finally {
      delete process.env['LEAKY_VARIABLE'];
    }
  });

  it('tells of debug logging, and which action it runs; a local one has no repository', async () => {
    expect(await environmentOf({ debug: true })).toMatchObject({
      RUNNER_DEBUG: '1',
      GITHUB_ACTION: '__org_cobo-refresh-action',
      GITHUB_ACTION_REPOSITORY: 'org/cobo-refresh-action',
      GITHUB_ACTION_REF: 'v1',
      GITHUB_SERVER_URL: 'https://github.com',
    });
    const local = { GITHUB_ACTION: '__self', GITHUB_ACTION_REPOSITORY: '', GITHUB_ACTION_REF: '' };
    expect(await environmentOf({ github: { action_repository: '', action_ref: '' } })).toMatchObject(local);
  });
});

describe('the process of a step', () => {
  it('is Node 24', async () => {
    const { log } = await runMain('console.log(process.versions.node)');
    expect(Number.parseInt(log, 10)).toBeGreaterThanOrEqual(24);
  });

  it('has both streams masked, and lines told as they come', async () => {
    const seen: string[] = [];
    const result = await runMain(
      `process.stdout.write('early secret\\n::add-mask::secret\\n');
      setTimeout(() => console.error('::error title=T::late secret'), 100);`,
      { onLine: (line) => seen.push(line) },
    );
    expect(result.log).toBe('early secret\n##[error]late ***');
    expect(seen.join('\n')).toBe(result.log);
    expect(result.rawLog).toContain('late secret');
    expect(result.annotations).toEqual([{ level: 'error', title: 'T', message: 'late ***' }]);
  });

  it('is ended when it takes too long', async () => {
    await expect(runMain('stay()', { timeoutMs: 500 })).rejects.toThrow(/still running after 500 ms/);
  });

  it.skipIf(process.platform === 'win32')('fails to write with EPIPE when nobody reads any more', async () => {
    const { job, ready } = await startReadyJob();
    const actionDir = await fixtureAction(`
      process.once('SIGUSR2', () => {
        try {
          writeSync(1, 'more\\n');
        } catch (error) {
          put('OUTPUT', 'code=' + error.code + '\\n');
        }
        process.exit(0);
      });
      console.log('ready');
      stay();
    `);
    const result = await job.main({
      with: {},
      actionDir,
      signals: async (child) => {
        await ready;
        job.closeOutput();
        child.kill('SIGUSR2');
      },
    });
    expect(result).toMatchObject({ log: 'ready', outputs: { code: 'EPIPE' }, exitCode: 0 });
  });
});

describe('the files of a step', () => {
  it('are read, and removed', async () => {
    const { job, log, ...result } = await runMain(`
      put('OUTPUT', 'token<<E\\na\\nb\\nE\\n');
      put('ENV', 'A=secret\\n');
      put('STATE', 's=1\\n');
      put('PATH', '/bin/x\\n');
      put('STEP_SUMMARY', '# a secret\\n');
      console.log('::add-mask::secret');
      console.log(dirname(env.GITHUB_EVENT_PATH));
      process.exitCode = 3;
    `);
    expect(result).toMatchObject({
      ...{ exitCode: 3, signal: null, outcome: 'failure', masks: ['secret'] },
      ...{ outputs: { token: 'a\nb' }, env: { A: 'secret' }, state: { s: '1' }, paths: ['/bin/x'] },
      ...{ rawSummary: '# a secret\n', summary: '# a ***\n' },
    });
    expect(existsSync(log)).toBe(true);
    await job.close();
    expect(existsSync(log)).toBe(false);
  });

  it('hold plain pairs and heredocs', () => {
    expect(readKeyValueFile('a=1\n\nb<<EOF\nx=1\n\ny<<z\nEOF\r\nc==<<\na=2\nd=\ne<<E\nE\n')).toEqual({
      entries: { a: '2', b: 'x=1\n\ny<<z', c: '=<<', d: '', e: '' },
    });
  });

  it.each([
    ['word\n', "Invalid format 'word'"],
    ['=x\n', 'Name must not be empty'],
    ['<<EOF\nEOF\n', 'Name must not be empty'],
    ['a<<\n', 'delimiter must not be empty'],
    ['a<<EOF\nx\n', "Matching delimiter not found 'EOF'"],
  ])('count up to the first bad line: %j', (text, message) => {
    const { entries, error } = readKeyValueFile(`before=1\n${text}after=2\n`);
    expect([entries, error]).toEqual([{ before: '1' }, expect.stringContaining(message)]);
  });

  it('fail the step for a bad line', async () => {
    const script = `put('OUTPUT', 'a=1\\na=2\\nb<<E\\ncut off')`;
    const { job, ...result } = await runMain(script);
    expect(result).toMatchObject({ exitCode: 0, outcome: 'failure', outputs: { a: '2' } });
    expect(result.log).toContain("##[error]Unable to process file command 'output' successfully.");
    expect(job.status).toBe('failure');
    const alone = runStep({ with: {}, actionDir: await fixtureAction(script) });
    await expect(alone).rejects.toThrow("Matching delimiter not found 'E'");
  });

  it('cannot set NODE_OPTIONS', () => {
    const error = expect.stringContaining('NODE_OPTIONS');
    expect(readEnvFile('A=b\nNode_Options=--inspect')).toEqual({ entries: { A: 'b' }, error });
    expect(readEnvFile('A=b')).toEqual({ entries: { A: 'b' } });
  });

  // Windows has no /dev/full.
  it
    .skipIf(process.platform === 'win32')
    .each([
      ['unset', 'ERR_INVALID_ARG_TYPE'],
      ['gone', 'ENOENT'],
      ['unwritable', 'EISDIR'],
      ...(process.platform === 'linux' ? ([['full', 'ENOSPC']] as const) : []),
    ] as const)('may be %s', async (summary: FileTrouble, log) => {
    const script = `try { put('STEP_SUMMARY', 'x') } catch (error) { console.log(error.code) }`;
    const result = await runMain(script, { files: { summary } });
    expect(result).toMatchObject({ log, rawSummary: '', outcome: 'success' });
  });
});

describe('the event file', () => {
  const TIMES = `
    const paths = [dirname(env.GITHUB_EVENT_PATH), env.GITHUB_EVENT_PATH];
    console.log(JSON.stringify(paths.map((path) => statSync(path).mtimeMs)));
  `;

  it('is written anew before every step, its folder only at the first', async () => {
    const { job, log } = await runMain(TIMES);
    const [folder, file] = JSON.parse(log) as number[];
    const second = JSON.parse((await job.main({ with: {}, actionDir: await fixtureAction(TIMES) })).log) as number[];
    expect([second[0], Number(second[1]) > Number(file)]).toEqual([folder, true]);
  });

  it('can be made to tell other times', async () => {
    const [jobStartedAt, stepStartedAt] = [new Date('2026-01-02T03:00:00Z'), new Date('2026-01-02T03:03:00Z')];
    const { log } = await runMain(TIMES, { jobStartedAt, stepStartedAt });
    expect(JSON.parse(log)).toEqual([jobStartedAt.getTime(), stepStartedAt.getTime()]);
  });

  it.each(['', '\uFEFF{}'])('can hold %j', async (eventText) => {
    const { log } = await runMain(`console.log(JSON.stringify(readFileSync(env.GITHUB_EVENT_PATH, 'utf8')))`, {
      eventText,
    });
    expect(log).toBe(JSON.stringify(eventText));
  });
});
