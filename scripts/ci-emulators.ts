/**
 * The emulators for a job on GitHub that runs `uses: ./` against them.
 *
 *     tsx scripts/ci-emulators.ts serve FOLDER &   starts them, writes the step's outputs, stays
 *     tsx scripts/ci-emulators.ts check FOLDER     says whether the stored token is the living one
 *
 * They talk through files in FOLDER, because the two commands are steps of their own.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callWithAccessToken } from '../demo/protected-call.ts';
import type { CoboClient } from '../emulators/cobo.ts';
import { REPOSITORY, SECRET, STORE, startStage } from '../emulators/stage.ts';

const [command, folder = ''] = process.argv.slice(2);
const factsFile = join(folder, 'facts.json');
const stopFile = join(folder, 'stop');
const verdictFile = join(folder, 'verdict.json');

interface Facts {
  coboUrl: string;
  client: CoboClient;
}

interface Verdict {
  coboTookTheSignature: boolean;
  storedTokenLives: boolean;
  probes: string[];
}

if (command === 'serve') await serve();
else if (command === 'check') process.exitCode = await check();
else throw new Error('say `serve FOLDER` or `check FOLDER`');

async function serve(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const stage = await startStage();
  const { cobo, github } = stage;
  // The runner's own repository and run are what the action asks about.
  const repository = process.env.GITHUB_REPOSITORY ?? REPOSITORY;
  const store = `repository@${repository}`;
  if (repository !== REPOSITORY) {
    github.addRepository(repository);
    github.setGrant(stage.writer, { repo: repository, secrets: 'write', actions: 'read' });
    github.setSecret(store, SECRET, stage.refreshToken, github.clock - 24 * 3600_000);
  }
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
  const file = process.env.GITHUB_OUTPUT;
  if (file) appendFileSync(file, lines.join(''));
  const facts: Facts = { coboUrl: cobo.url, client: cobo.client };
  writeFileSync(factsFile, JSON.stringify(facts));
  while (!existsSync(stopFile)) await sleep(100);
  const stored = github.secretValue(repository === REPOSITORY ? STORE : store, SECRET);
  const verdict: Verdict = {
    coboTookTheSignature: cobo.requests.some(({ verdict: text }) => text.startsWith('signature ok')),
    storedTokenLives:
      stored !== undefined && stored !== stage.refreshToken && cobo.state(stored) === 'living',
    probes: github.secretNames(store).filter((name) => name.endsWith('_PROBE')),
  };
  writeFileSync(verdictFile, JSON.stringify(verdict));
  await stage.close();
}

async function check(): Promise<number> {
  const { coboUrl, client } = JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
  const status = await callWithAccessToken(coboUrl, client, process.env.COBO_ACCESS_TOKEN ?? '');
  writeFileSync(stopFile, '');
  for (let waited = 0; !existsSync(verdictFile); waited += 100) {
    if (waited > 10_000) throw new Error('the emulators gave no verdict');
    await sleep(100);
  }
  const verdict = JSON.parse(readFileSync(verdictFile, 'utf8')) as Verdict;
  console.log({ ...verdict, accessTokenAnswered: status });
  const good =
    verdict.coboTookTheSignature && verdict.storedTokenLives && verdict.probes.length === 0 && status === 200;
  return good ? 0 : 1;
}
