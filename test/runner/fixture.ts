import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const ACTION = `
name: fixture
inputs:
  private-key: { required: true }
  two words: { default: both }
  api-url: { default: '\${{ github.api_url }}' }
  attempts: { default: 4 }
outputs:
  token: {}
runs: { using: node24, main: dist/index.js }
`;

/** Writes a one-script action to a folder of its own, which goes when the test ends. */
export async function fixtureAction(script: string, action = ACTION): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixture-action-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'action.yml'), action);
  await writeFile(join(folder, 'dist', 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'dist', 'index.js'), script);
  return folder;
}
