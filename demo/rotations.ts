import { SECRET, type Stage } from '../emulators/stage.ts';
import { type PlayedJob, play, recordsIn, storedToken } from './play.ts';
import { callWithAccessToken } from './protected-call.ts';
import type { Transcript } from './transcript.ts';

type Fact = readonly [holds: boolean, what: string];

/** Rotations in a row, each fed from the secret that the one before has stored: the first in full. */
export async function rotations(stage: Stage, out: Transcript, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const before = storedToken(stage) ?? '';
    const job = await play(stage, { inputs: { 'access-token-env': 'COBO_ACCESS_TOKEN' } });
    const facts = await factsOf(stage, before, job);
    if (number === 1) tellInFull(job, facts, out);
    else tellInShort(number, job, facts, out);
  }
}

function tellInFull({ main }: PlayedJob, facts: readonly Fact[], out: Transcript): void {
  out.title('A rotation, in order of time');
  out.story(main.happenings);
  out.outputs(main.result);
  out.summary(main.result);
  out.gap();
  for (const [holds, what] of facts) out.check(holds, what);
  out.title('The next ones');
}

function tellInShort(number: number, { main }: PlayedJob, facts: readonly Fact[], out: Transcript): void {
  const { durationMs, outputs } = main.result;
  const holds = facts.every(([one]) => one);
  out.check(
    holds,
    `rotation ${number}: ${outputs['token-state']} after ${Math.round(durationMs)} ms, and all of the above holds`,
  );
  for (const [one, what] of facts) if (!one) out.check(one, what);
}

async function factsOf(stage: Stage, before: string, { main, post }: PlayedJob): Promise<Fact[]> {
  const { cobo } = stage;
  const { result } = main;
  const after = storedToken(stage);
  const access = result.outputs['access-token'] ?? '';
  const answered = await callWithAccessToken(cobo.url, cobo.client, access);
  return [
    [
      result.exitCode === 0 && result.outputs['token-state'] === 'stored',
      'the step succeeded, token-state is `stored`',
    ],
    [
      cobo.requests.at(-2)?.verdict.startsWith('signature ok') ?? false,
      'Cobo verified the Ed25519 signature of the request',
    ],
    [cobo.state(before) === 'spent', 'the old refresh token is spent'],
    [
      after !== undefined && after !== before && cobo.state(after) === 'living',
      `the secret ${SECRET} opens to the new refresh token, which is alive`,
    ],
    [answered === 200, 'Cobo takes the new access token'],
    [result.env['COBO_ACCESS_TOKEN'] === access && access !== '', 'later steps have it as $COBO_ACCESS_TOKEN, masked'],
    [
      recordsIn(stage).length === 1,
      'one in-flight record is left, that of the token just spent: no run can send it again',
    ],
    [post === undefined, 'the post step did not run: a job that goes well pays nothing for it'],
    [stage.leaks(result).length === 0, 'no secret is readable in log or summary'],
  ];
}
