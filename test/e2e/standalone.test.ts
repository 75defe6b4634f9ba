import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished } from 'vitest';
import { node24 } from '../../emulators/runner/node24.ts';
import { expectFailure, expectSuccess, it } from './support/scenario.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const major = (node: string): number =>
  Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1), 10);

/** Node 24, which the runner brings, and the Node that started these tests, when it is another. */
const nodes = new Map(
  [process.env['npm_node_execpath'], process.execPath, node24()].flatMap((node) =>
    node === undefined ? [] : [[major(node), node] as const],
  ),
);

/** What a workflow downloads: action.yml and dist/, with no node_modules in any folder above. */
async function downloaded(): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'action-alone-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(ROOT, 'action.yml'), join(folder, 'action.yml'));
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  return folder;
}

describe('dist/ alone, with no node_modules beside it', () => {
  it.for([...nodes])('rotates on Node %i', async ([, node], { open }) => {
    const stage = await open();
    const actionDir = await downloaded();
    const result = await stage.run({ 'expires-at-variable': 'COBO_EXPIRES_AT' }, { actionDir, node });
    expectSuccess(stage, result, { state: 'stored' });
    expect(stage.cobo.state(stage.refreshToken)).toBe('spent');
  });

  it.for([...nodes])('seals what cannot be stored on Node %i', async ([, node], { open }) => {
    const stage = await open();
    const actionDir = await downloaded();
    const match = { method: 'PUT', path: /COBO_REFRESH_TOKEN$/ };
    stage.github.faults.add({ match, fault: { kind: 'status', status: 409, when: 'before' }, times: 99 });
    const result = await stage.run({ 'max-attempts': '2' }, { actionDir, node });
    expectFailure(stage, result, {
      state: 'sealed',
      code: 'store-failed',
      says: ['HTTP 409'],
      remedy: '`recovery-envelope`',
    });
  });

  it('is tested on Node 24 at least', () => {
    expect([...nodes.keys()]).toContain(24);
  });
});
