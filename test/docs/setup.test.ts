import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startStage } from '../../emulators/stage.ts';
import { ROOT } from '../../scripts/tools.ts';

// The commands that make a private key, as they stand in the README behind `<!-- setup: NAME -->`.

const README = readFileSync(join(ROOT, 'README.md'), 'utf8').replaceAll('\r\n', '\n');

function block(name: string): string {
  const found = README.split(`<!-- setup: ${name} -->\n`)[1]?.match(/^\s*```sh\n([\s\S]*?)^```$/m);
  if (found?.[1] === undefined) throw new Error(`README.md has no block of commands behind "setup: ${name}"`);
  return found[1];
}

/** Whether a command is there, and says this of its version. */
function has(command: string, version: RegExp): boolean {
  try {
    return version.test(execFileSync(command, ['version'], { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    return false;
  }
}

/** The app key that the action puts out for a private key. */
async function appKeyOf(privateKey: string): Promise<string | undefined> {
  const stage = await startStage();
  onTestFinished(() => stage.close());
  const { exitCode, outputs } = await stage.run({ 'private-key': privateKey, 'dry-run': 'true' });
  expect(exitCode).toBe(0);
  return outputs['app-key'];
}

test.for<[string, string, boolean]>([
  ['key', 'cobo-app/app.pem', has('openssl', /^OpenSSL [3-9]/)],
  ['key-node', 'cobo-app/app.pem', true],
  ['key-cobo', 'cobo-app/key.env', has('cobo', /./)],
])('"%s" makes a key that the action takes, and shows its app key', async ([name, file, isThere], { skip }) => {
  skip(!isThere, 'its command is not there');
  const folder = mkdtempSync(join(tmpdir(), 'setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } } as const;
  const run = () => execFileSync('bash', ['-euo', 'pipefail', '-c', block(name)], options);
  const shown = run();
  const text = readFileSync(join(folder, file), 'utf8');
  const appKey = await appKeyOf(/^COBO_APP_SECRET=(.*)$/m.exec(text)?.[1] ?? text);
  expect(appKey).toMatch(/^[0-9a-f]{64}$/);
  if (name !== 'key-cobo') expect(shown).toBe(`${appKey}\n`);
  if (name === 'key') expect(run(), 'pasted again, it keeps the key').toBe(shown);
});
