import { SECRET, STORE, type Stage } from '../emulators/stage.ts';
import { callWithAccessToken } from './protected-call.ts';
import type { Transcript } from './transcript.ts';

/** Three rotations in a row, each fed from the secret that the one before has stored. */
export async function rotations(stage: Stage, out: Transcript, count = 3): Promise<void> {
  for (let number = 1; number <= count; number++) await rotation(stage, out, number);
}

async function rotation(stage: Stage, out: Transcript, number: number): Promise<void> {
  const { cobo, github } = stage;
  out.title(`Rotation ${number}`);
  const before = github.secretValue(STORE, SECRET);
  const seen = { cobo: cobo.requests.length, github: github.requests.length };
  // A run that is queued now reads the secret now.
  const runId = 1_000_000 + number;
  github.addRun('octo-org/octo-repo', { id: runId, created_at: new Date(github.clock).toISOString() });
  const result = await stage.run(
    { 'refresh-token': before, 'access-token-env': 'COBO_ACCESS_TOKEN' },
    { github: { run_id: String(runId) } },
  );
  out.log(result);
  out.outputs(result);
  out.summary(result);
  const coboRequests = cobo.requests.slice(seen.cobo);
  out.requests('cobo', coboRequests);
  out.requests('github', github.requests.slice(seen.github));

  const after = github.secretValue(STORE, SECRET);
  const access = result.outputs['access-token'] ?? '';
  out.check(result.exitCode === 0, 'the step succeeded');
  out.check(
    coboRequests.length === 1 && coboRequests.every(({ verdict }) => verdict.startsWith('signature ok')),
    "Cobo verified the request's Ed25519 signature",
  );
  out.check(before !== undefined && cobo.state(before) === 'spent', 'the old refresh token is spent');
  out.check(
    after !== undefined && after !== before && cobo.state(after) === 'living',
    `the secret ${SECRET} opens to the rotated refresh token, which is alive`,
  );
  out.check(result.outputs['token-state'] === 'stored', 'token-state is `stored`');
  out.check(
    (await callWithAccessToken(cobo.url, cobo.client, access)) === 200,
    'Cobo takes the new access token',
  );
  out.check(result.env.COBO_ACCESS_TOKEN === access, 'later steps have it as $COBO_ACCESS_TOKEN');
  out.check(
    github.secretNames(STORE).every((name) => !name.endsWith('_PROBE')),
    'no probe was left behind',
  );
  out.check(stage.leaks(result).length === 0, 'no secret is readable in log or summary');
}
