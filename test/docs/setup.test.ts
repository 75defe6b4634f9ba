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

/** A new home, and a shell in it. */
function home() {
  const folder = mkdtempSync(join(tmpdir(), 'setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    sh: (commands: string) =>
      execFileSync('bash', ['-euo', 'pipefail', '-c', commands], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      }),
    read: (path: string) => readFileSync(join(folder, path), 'utf8'),
  };
}

/** The app key that the action puts out for a private key. */
async function appKeyOf(privateKey: string): Promise<string | undefined> {
  const stage = await startStage();
  onTestFinished(() => stage.close());
  const { exitCode, outputs } = await stage.run({ 'private-key': privateKey, 'dry-run': 'true' });
  expect(exitCode).toBe(0);
  return outputs['app-key'];
}

test.skipIf(!has('openssl', /^OpenSSL [3-9]/))(
  'OpenSSL makes a key, and shows the app key that the action puts out',
  async () => {
    const { sh, read } = home();
    const shown = sh(block('key'));
    expect(shown).toBe(`${await appKeyOf(read('cobo-app/app.pem'))}\n`);
    expect(sh(block('key')), 'pasted again, it keeps the key').toBe(shown);
  },
);

test('Node makes a key, and shows the app key that the action puts out', async () => {
  const { sh, read } = home();
  const shown = sh(block('key-node'));
  expect(shown).toBe(`${await appKeyOf(read('cobo-app/app.pem'))}\n`);
});

test.skipIf(!has('cobo', /./))("Cobo's command line makes a key that the action takes", async () => {
  const { sh, read } = home();
  sh(block('key-cobo'));
  const [, secret = ''] = /^COBO_APP_SECRET=(.*)$/m.exec(read('cobo-app/key.env')) ?? [];
  expect(await appKeyOf(secret)).toMatch(/^[0-9a-f]{64}$/);
});
