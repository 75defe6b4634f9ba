import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runStep } from '../../emulators/runner/step.ts';
import { fixtureAction } from './fixture.ts';

const SHOW_ENV = `console.log(JSON.stringify(process.env))`;

async function environmentOf(options: Partial<Parameters<typeof runStep>[0]> = {}) {
  const result = await runStep({ with: {}, actionDir: await fixtureAction(SHOW_ENV), ...options });
  return JSON.parse(result.rawLog) as Record<string, string>;
}

describe('runStep', () => {
  it('sets every input: given, default, empty', async () => {
    const env = await environmentOf({
      with: { 'Private-Key': 'k' },
      github: { api_url: 'https://ghes.example/api/v3' },
    });
    expect(env).toMatchObject({
      'INPUT_PRIVATE-KEY': 'k',
      INPUT_TWO_WORDS: 'both',
      'INPUT_API-URL': 'https://ghes.example/api/v3',
      INPUT_ATTEMPTS: '4',
    });
    expect((await environmentOf())['INPUT_PRIVATE-KEY']).toBe('');
  });

  it('refuses an input that is not declared', async () => {
    const actionDir = await fixtureAction(SHOW_ENV);
    await expect(runStep({ with: { 'privat-key': 'k' }, actionDir })).rejects.toThrow("'privat-key'");
  });

  it('refuses an expression it cannot evaluate, and an action for another runtime', async () => {
    const odd = `inputs: { a: { default: '$\{{ secrets.A }}' } }\nruns: { using: node24, main: x.js }`;
    await expect(runStep({ with: {}, actionDir: await fixtureAction('', { action: odd }) })).rejects.toThrow(
      'secrets.A',
    );
    const old = 'runs: { using: node20, main: x.js }';
    await expect(runStep({ with: {}, actionDir: await fixtureAction('', { action: old }) })).rejects.toThrow('node20');
  });

  it("keeps the developer's environment out", async () => {
    process.env['LEAKY_VARIABLE'] = 'x';
    try {
      const env = await environmentOf({ env: { EXTRA: '1', GITHUB_ACTOR: undefined } });
      expect(env).not.toHaveProperty('LEAKY_VARIABLE');
      expect(env).not.toHaveProperty('GITHUB_ACTOR');
      expect(env).toMatchObject({ EXTRA: '1', GITHUB_ACTIONS: 'true', GITHUB_RUN_ATTEMPT: '1' });
      expect(env['HOME']).not.toBe(process.env['HOME']);
    } finally {
      delete process.env['LEAKY_VARIABLE'];
    }
  });

  it('runs Node 24', async () => {
    const actionDir = await fixtureAction('console.log(process.versions.node)');
    expect(Number.parseInt((await runStep({ with: {}, actionDir })).log, 10)).toBeGreaterThanOrEqual(24);
  });

  it('reads the files that the step wrote, and removes them', async () => {
    const actionDir = await fixtureAction(`
      import { appendFileSync, statSync } from 'node:fs';
      const { env } = process;
      appendFileSync(env.GITHUB_OUTPUT, 'token<<E\\na\\nb\\nE\\n');
      appendFileSync(env.GITHUB_ENV, 'A=secret\\n');
      appendFileSync(env.GITHUB_STATE, 's=1\\n');
      appendFileSync(env.GITHUB_PATH, '/bin/x\\n');
      appendFileSync(env.GITHUB_STEP_SUMMARY, '# a secret\\n');
      console.log('::add-mask::secret');
      console.log(env.GITHUB_EVENT_PATH);
      console.log(statSync(env.GITHUB_EVENT_PATH).mtimeMs);
      process.exitCode = 3;
    `);
    const eventPathMtime = new Date('2026-01-02T03:04:05Z');
    const result = await runStep({ with: {}, actionDir, eventPathMtime });
    expect(result).toMatchObject({
      exitCode: 3,
      signal: null,
      outputs: { token: 'a\nb' },
      env: { A: 'secret' },
      state: { s: '1' },
      paths: ['/bin/x'],
      rawSummary: '# a secret\n',
      summary: '# a ***\n',
      masks: ['secret'],
    });
    const [path = '', mtime] = result.log.split('\n');
    expect(Number(mtime)).toBe(eventPathMtime.getTime());
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('rejects a malformed output file', async () => {
    const actionDir = await fixtureAction(`
      import { writeFileSync } from 'node:fs';
      writeFileSync(process.env.GITHUB_OUTPUT, 'nonsense');
    `);
    await expect(runStep({ with: {}, actionDir })).rejects.toThrow("Invalid format 'nonsense'");
  });

  it('masks both streams, and tells of lines as they come', async () => {
    const actionDir = await fixtureAction(`
      process.stdout.write('early secret\\n::add-mask::secret\\n');
      setTimeout(() => console.error('::error title=T::late secret'), 100);
    `);
    const seen: string[] = [];
    const result = await runStep({ with: {}, actionDir, onLine: (line) => seen.push(line) });
    expect(result.log).toBe('early secret\n##[error]late ***');
    expect(seen.join('\n')).toBe(result.log);
    expect(result.rawLog).toContain('late secret');
    expect(result.annotations).toEqual([{ level: 'error', title: 'T', message: 'late ***' }]);
  });

  it('tells the step about debug logging', async () => {
    expect(await environmentOf({ debug: true })).toMatchObject({ RUNNER_DEBUG: '1' });
    expect(await environmentOf()).not.toHaveProperty('RUNNER_DEBUG');
  });

  it('ends a step that takes too long', async () => {
    const actionDir = await fixtureAction(`console.log('on it'); setInterval(() => {}, 1000);`);
    await expect(runStep({ with: {}, actionDir, timeoutMs: 500 })).rejects.toThrow(/still running after 500 ms/);
  });
});
