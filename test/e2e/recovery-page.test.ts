import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { node24 } from '../../emulators/runner/node24.ts';
import { REPOSITORY, SECRET } from '../../emulators/stage.ts';
import { expectSuccess, it } from './support/scenario.ts';

const here = new URL('./', import.meta.url);
const page = readFileSync(new URL('../../docs/recovery.md', here), 'utf8');
const rows = [...page.matchAll(/^\| <a id="([^"]+)"><\/a>(.*?) \| (.*?) \| (.*?) \|$/gm)].map(
  ([, id = '', what = '', state = '', remedy = '']) => ({ id, what, state, remedy }),
);
/** The rows that the titles of the tests refer to. */
const tested = readdirSync(here)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(new URL(name, here), 'utf8').matchAll(/\[recovery: ([a-z-]+)\]/g)])
  .map(([, id]) => id);

function block(language: string, containing: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, name, text]) => name === language && text?.includes(containing));
  return found?.[2] ?? '';
}

interface Workflow {
  on: { workflow_dispatch: { inputs: Record<string, unknown> } };
  jobs: Record<string, { environment: string; steps: { with: Record<string, string> }[] }>;
}

describe('docs/recovery.md', () => {
  it('has one test for each row of its table, and one row for each test that refers to it', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect([...tested].sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  it('says for each row what happened, a state, and what to do', () => {
    for (const { id, what, state, remedy } of rows) {
      expect(what.length, id).toBeGreaterThan(20);
      expect(state, id).toMatch(/`(unspent|stored|delivered|sealed|unknown)`|^none$|^as the error says$/);
      expect(remedy.length, id).toBeGreaterThan(5);
    }
  });

  it('links only to headings that are there', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, text = '']) =>
      text.toLowerCase().replaceAll(' ', '-'),
    );
    for (const [, anchor = ''] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor);
  });

  it('shows a workflow that recovers', async ({ open }) => {
    const stage = await open({ environments: ['cobo'] });
    const store = `environment:cobo@${REPOSITORY}`;
    const match = { method: 'PUT', path: new RegExp(`/${SECRET}$`) };
    const fault = { kind: 'status', status: 403, when: 'before' } as const;
    stage.github.faults.add({ match, fault, times: 9 });
    const failed = await stage.run({ 'secret-stores': 'environment:cobo' });
    stage.github.faults.clear();

    const workflow = parse(block('yaml', 'workflow_dispatch')) as Workflow;
    expect(Object.keys(workflow.on.workflow_dispatch.inputs)).toEqual(['envelope']);
    const job = workflow.jobs['recover'];
    expect(job?.environment).toBe('cobo');
    const context: Record<string, string | undefined> = {
      'inputs.envelope': failed.outputs['recovery-envelope'],
      'secrets.COBO_APP_SECRET': stage.cobo.client.appSecretHex,
      'vars.COBO_CLIENT_ID': stage.cobo.client.clientId,
      'secrets.SECRETS_WRITER_TOKEN': stage.writer,
    };
    const given = Object.entries(job?.steps[0]?.with ?? {}).map(([name, value]) => {
      return [name, value.replace(/\$\{\{ (.*?) \}\}/g, (_, term: string) => context[term] ?? '')] as const;
    });
    const recovered = await stage.run({ 'refresh-token': undefined, ...Object.fromEntries(given) });
    expectSuccess(stage, recovered, { state: 'stored', stores: [store] });
  });

  it('shows how to open an envelope by hand', async ({ open }) => {
    const stage = await open();
    stage.cobo.faults.add({ fault: { kind: 'unsigned' } });
    const failed = await stage.run();
    const folder = await mkdtemp(join(tmpdir(), 'open-envelope-'));
    try {
      const script = join(folder, 'open-envelope.mjs');
      await writeFile(script, block('js', 'createDecipheriv'));
      const { appSecretHex: PRIVATE_KEY, clientId: CLIENT_ID } = stage.cobo.client;
      const env = { PRIVATE_KEY, CLIENT_ID, ENVELOPE: failed.outputs['recovery-envelope'] };
      const { stdout } = await promisify(execFile)(node24(), [script], { env });
      expect([stdout.trim()]).toEqual(stage.cobo.livingRefreshTokens());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
