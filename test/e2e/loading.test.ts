import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Stage, startStage } from '../../emulators/stage.ts';

/** What a run has loaded: the scripts of the bundle, and modules of Node's that are not cheap. */
interface Loaded {
  scripts: number;
  costly: string[];
}

/** `performance` alone loads perf_hooks; Node's `fetch` is undici. */
const COSTLY = [
  'crypto',
  'http',
  'https',
  'tls',
  'perf_hooks',
  'internal/deps/undici/undici',
  'child_process',
];

async function loadedBy(stage: Stage, changes: Record<string, string | undefined>): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), 'loading-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [hook, told] = [join(folder, 'hook.cjs'), join(folder, 'told.json')];
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)},
      JSON.stringify({ modules: process.moduleLoadList, files: Object.keys(require.cache) })));`,
  );
  const result = await stage.run(changes, { nodeOptions: ['--require', hook] });
  expect(result.exitCode).toBe(0);
  const { modules, files } = JSON.parse(readFileSync(told, 'utf8')) as { modules: string[]; files: string[] };
  return {
    scripts: files.filter((file) => basename(file).endsWith('index.js')).length,
    costly: COSTLY.filter((name) => modules.includes(`NativeModule ${name}`)),
  };
}

describe('V8 reads the scripts quickly:', () => {
  const dist = new URL('../../dist/', import.meta.url);
  const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));

  test.each(scripts)('%s is ASCII, and has no literal that needs the properties of Unicode', (name) => {
    const script = readFileSync(new URL(name, dist), 'utf8');
    expect(script).not.toMatch(/[^\0-\x7f]/);
    // In a string, from which an expression is made when it is needed, the backslash is written twice.
    expect(script).not.toMatch(/(?<!\\)\\p\{/);
  });
});

describe('a job does not pay for what it does not use:', () => {
  const alone = { 'refresh-token-secret': undefined, 'github-token': undefined };

  test('a reused access token costs one script and the cryptography', async () => {
    const stage = await startStage();
    onTestFinished(() => stage.close());
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const reuse = { ...alone, 'access-token': 'stored', 'expires-at': expiresAt };
    expect(await loadedBy(stage, reuse)).toEqual({ scripts: 1, costly: ['crypto'] });
  });

  test('a refresh alone loads nothing of what writing needs', async () => {
    const stage = await startStage();
    onTestFinished(() => stage.close());
    expect(await loadedBy(stage, alone)).toEqual({ scripts: 3, costly: ['crypto', 'http'] });
  });

  test('a refresh with write-back loads all scripts', async () => {
    const stage = await startStage();
    onTestFinished(() => stage.close());
    expect(await loadedBy(stage, {})).toMatchObject({ scripts: 6 });
  });
});
