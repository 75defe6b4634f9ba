import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { expression } from './support/furnish.ts';
import { it } from './support/stores.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Verdict {
  exitCode: number | null;
  /** Without the names of the files. */
  lines: string[];
  /** The name of the file that each line is about. */
  names: string[];
  out: string;
}

async function check(...paths: string[]): Promise<Verdict> {
  const args = ['--import', 'tsx', 'scripts/check-workflows.ts', ...paths];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines = text.stderr.split('\n').filter((line) => line !== '');
  return {
    exitCode,
    lines: lines.map((line) => line.replace(/^\S+\.yml:/, '')),
    names: lines.map((line) => /([\w-]+\.yml):/.exec(line)?.[1] ?? ''),
    out: text.stdout,
  };
}

const PINNED = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/** A workflow with nothing wrong in it, or with the given lines in place of its own. */
function workflow({
  permissions = ['permissions: {}'],
  job = ['runs-on: ubuntu-latest'],
  steps = ['- run: npm test'],
}: {
  permissions?: string[];
  job?: string[];
  steps?: string[];
} = {}): string {
  return [
    'name: Test',
    'on: workflow_dispatch',
    ...permissions,
    'jobs:',
    '  test:',
    ...job.map((line) => `    ${line}`),
    '    steps:',
    ...steps.map((line) => `      ${line}`),
    '',
  ].join('\n');
}

const GOOD = ['- uses: org/cobo-refresh-action@v1', '  with:', '    private-key: x', '    client-id: x'];

/** What is wrong, the file, and the line that is to be printed. */
const BROKEN: [name: string, text: string, problem: RegExp][] = [
  ['no permissions', workflow({ permissions: [] }), /^1: the workflow has no `permissions:`/],
  [
    'an unknown permission',
    workflow({ permissions: ['permissions:', '  secrets: write'] }),
    /^4: .*'secrets'/,
  ],
  ['an unknown key of a job', workflow({ job: ['runs-on: x', 'enviroment: cobo'] }), /^7: .*enviroment/],
  [
    'a needed job that is not there',
    workflow({ job: ['runs-on: x', 'needs: rotation'] }),
    /^5: .*at least one job with no dependencies/,
  ],
  ['an unknown context', workflow({ steps: [`- run: echo ${expression('secret.TOKEN')}`] }), /^8: .*secret/],
  [
    'a context in a place where GitHub has none',
    workflow({ job: ['runs-on: x', `environment: ${expression('secrets.NAME')}`] }),
    /^7: .*secrets/,
  ],
  ['an expression that is cut short', workflow({ steps: [`- run: echo \${{ inputs.x`] }), /^8: /],
  ['a step that is none', workflow({ steps: ['- name: Nothing'] }), /^8: /],
  [
    'an input that the action does not have',
    workflow({ steps: [...GOOD, '    secret-store: environment:cobo'] }),
    /^8: `org\/cobo-refresh-action@v1` has no input `secret-store`/,
  ],
  [
    'a required input that is missing',
    workflow({ steps: GOOD.slice(0, 3) }),
    /^8: `org\/cobo-refresh-action@v1` needs the input `client-id`/,
  ],
  [
    'the action by its path, without a required input',
    workflow({ steps: ['- uses: ./', '  with: { client-id: x }'] }),
    /^8: `\.\/` needs the input `private-key`/,
  ],
  [
    'an action of others by its tag',
    workflow({ steps: ['- uses: actions/checkout@v7'] }),
    /^8: `actions\/checkout@v7` is not pinned to a commit/,
  ],
  [
    'an action of others by a short commit',
    workflow({ steps: ['- uses: actions/checkout@3d3c42e # v7.0.1'] }),
    /is not pinned to a commit/,
  ],
  [
    'a commit without its version',
    workflow({ steps: [`- uses: ${PINNED.split(' ')[0]}`] }),
    /has no version beside it/,
  ],
  [
    'a commit with a word beside it',
    workflow({ steps: [`- uses: ${PINNED.replace('v7.0.1', 'latest')}`] }),
    /has no version beside it/,
  ],
  [
    'a call of rotate.yml with an unknown input',
    [
      'on: push',
      'permissions: {}',
      'jobs:',
      '  rotate:',
      '    uses: ./.github/workflows/rotate.yml',
      '    with: { client-id: x, enviroment: cobo }',
    ].join('\n'),
    /^5: .*has no input `enviroment`/,
  ],
  [
    'a call of rotate.yml without its required input',
    [
      'on: push',
      'permissions: {}',
      'jobs:',
      '  rotate:',
      '    uses: org/cobo-refresh-action/.github/workflows/rotate.yml@v1',
    ].join('\n'),
    /^5: .*needs the input `client-id`/,
  ],
];

// Starting a process with the parser in it takes seconds where many tests run at once.
describe('scripts/check-workflows.ts', { timeout: 90_000 }, () => {
  it.concurrent('finds nothing in the workflows of this repository', async () => {
    const { exitCode, lines, out } = await check();
    expect(lines).toEqual([]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^\d+ workflows are in order\./);
  });

  it.concurrent('finds nothing in a workflow that is in order', async ({ file }) => {
    const text = workflow({ steps: [`- uses: ${PINNED}`, ...GOOD, '- uses: ./.github/actions/own'] });
    const { exitCode, lines } = await check(await file('good.yml', text));
    expect(lines).toEqual([]);
    expect(exitCode).toBe(0);
  });

  it.concurrent('finds what is wrong in each of the broken ones, and tells the line', async ({ file }) => {
    // All in one process: to start it takes longer than all its work.
    const paths = await Promise.all(BROKEN.map(([, text], n) => file(`broken-${n + 10}.yml`, text)));
    const { exitCode, lines, names } = await check(...paths);
    expect(exitCode).toBe(1);
    const found = BROKEN.map(([name], n) => [
      name,
      lines.filter((_, at) => names[at] === `broken-${n + 10}.yml`),
    ]);
    expect(found).toEqual(BROKEN.map(([name, , problem]) => [name, [expect.stringMatching(problem)]]));
  });

  it.concurrent('finds fault with a folder that holds no workflow', async ({ file }) => {
    const folder = `${dirname(await file('x.txt', ''))}/empty`;
    await mkdir(folder);
    expect(await check(folder)).toMatchObject({ exitCode: 1, lines: ['There is no workflow to check.'] });
  });
});
