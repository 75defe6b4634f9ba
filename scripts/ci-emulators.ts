/**
 * The emulators for a job on GitHub that runs `uses: ./` against them, in two steps:
 *
 *     tsx scripts/ci-emulators.ts --serve FOLDER &   starts them, writes the outputs of the step, stays
 *     tsx scripts/ci-emulators.ts --check FOLDER     exits with 1 if anything is not as it should be, stops them
 *
 * The two talk through files in FOLDER.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callWithAccessToken } from '../demo/protected-call.ts';
import type { CoboClient } from '../emulators/cobo.ts';
import { REPOSITORY, SECRET, startStage } from '../emulators/stage.ts';
import { readOptions, text } from './options.ts';

interface Facts {
  coboUrl: string;
  client: CoboClient;
}

/** What has to hold, and whether it does. */
type Verdict = Record<string, boolean>;

const RECORD = new RegExp(`^${SECRET}_IN_FLIGHT_[0-9A-F]{12}$`);

const { serve: serving, check: checking } = readOptions({
  command: 'tsx scripts/ci-emulators.ts',
  about: 'Emulators of Cobo and GitHub for a job that runs this action.',
  options: {
    serve: text('starts them, writes outputs for later steps, and stays', 'FOLDER'),
    check: text('says whether the action did its work, and stops them', 'FOLDER'),
  },
});
if (serving !== undefined) await serve(serving);
else if (checking !== undefined) process.exitCode = (await check(checking)) ? 0 : 1;
else throw new Error('give --serve FOLDER or --check FOLDER');

function filesIn(folder: string) {
  return {
    facts: join(folder, 'facts.json'),
    stop: join(folder, 'stop'),
    verdict: join(folder, 'verdict.json'),
  };
}

/** Whoever waits for the file must not see half of it. */
function write(file: string, value: unknown): void {
  writeFileSync(`${file}.part`, JSON.stringify(value));
  renameSync(`${file}.part`, file);
}

async function serve(folder: string): Promise<void> {
  const files = filesIn(folder);
  mkdirSync(folder, { recursive: true });
  // The action runs in the repository of the job.
  const store = `environment:cobo@${process.env['GITHUB_REPOSITORY'] ?? REPOSITORY}`;
  const stage = await startStage({ stores: [store] });
  const { cobo, github } = stage;
  const outputs = {
    'private-key': cobo.client.appSecretHex,
    'client-id': cobo.client.clientId,
    'refresh-token': stage.refreshToken,
    'cobo-url': cobo.url,
    'response-public-key': cobo.responsePublicKeyHex,
    'github-token': stage.writer,
    'github-url': github.url,
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  const { GITHUB_OUTPUT } = process.env;
  if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, lines.join(''));
  write(files.facts, { coboUrl: cobo.url, client: cobo.client } satisfies Facts);
  while (!existsSync(files.stop)) await sleep(100);
  const stored = github.secretValue(store, SECRET) ?? '';
  const names = github.secretNames(store).filter((name) => name !== SECRET);
  const verdict: Verdict = {
    'Cobo verified the signature': cobo.requests.some(({ verdict }) => verdict.startsWith('signature ok')),
    'the old refresh token is spent': cobo.state(stage.refreshToken) === 'spent',
    'the stored refresh token is alive': stored !== stage.refreshToken && cobo.state(stored) === 'living',
    'one in-flight record is left': names.length === 1 && names.every((name) => RECORD.test(name)),
  };
  write(files.verdict, verdict);
  await stage.close();
}

async function check(folder: string): Promise<boolean> {
  const files = filesIn(folder);
  const { coboUrl, client } = JSON.parse(readFileSync(files.facts, 'utf8')) as Facts;
  const status = await callWithAccessToken(coboUrl, client, process.env['COBO_ACCESS_TOKEN'] ?? '');
  write(files.stop, true);
  for (let waited = 0; !existsSync(files.verdict); waited += 100) {
    if (waited > 10_000) throw new Error('the emulators gave no verdict');
    await sleep(100);
  }
  const verdict: Verdict = {
    ...(JSON.parse(readFileSync(files.verdict, 'utf8')) as Verdict),
    'Cobo takes the new access token': status === 200,
  };
  for (const [fact, holds] of Object.entries(verdict)) console.log(`${holds ? '✓' : '✗ NOT:'} ${fact}`);
  return Object.values(verdict).every(Boolean);
}
