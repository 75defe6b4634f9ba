import fc from 'fast-check';
import { ActionError } from '../src/errors.ts';
import { type GitHub, gitHub } from '../src/github/client.ts';
import { GitHubFailure } from '../src/github/failure.ts';
import { PreparedStore } from '../src/github/prepared-store.ts';
import { Probe } from '../src/github/probe.ts';
import { countSecrets, deleteSecret, readEncryptionKey, readSecret } from '../src/github/secrets.ts';
import { queueTime, refuseStaleToken, warnOfLongQueue } from '../src/github/staleness.ts';
import { readStores, type Store } from '../src/github/stores.ts';
import { hasVariable, putVariable } from '../src/github/variables.ts';
import { type HttpAnswer, type Sender, TransportError } from '../src/http.ts';
import { accessTo, type HeldClock, type KeptLog, NOON } from '../test/unit/support/github-world.ts';
import { GITHUB_ANSWERS, githubAnswer } from './arbitraries.ts';
import { breachesOf, expectNone, thrownBy } from './invariants.ts';
import { SECRETS } from './secrets.ts';
import { target } from './target.ts';

const STORES = readStores('repository\nenvironment:a|b `c` ##[x]\norganization:acme\ndependabot', 'octo/app');
const LONGEST_WAIT_MS = 3_600_000;
/** More requests than any of these calls has a use for. */
const MOST_REQUESTS = 150;

/** Answers one request after the other, the last one for ever; `undefined` is a broken connection. */
function played(answers: readonly (HttpAnswer | undefined)[]): Sender & { requests: number } {
  const http = {
    requests: 0,
    send: async () => {
      const answer = answers[Math.min(http.requests++, answers.length - 1)];
      if (http.requests > MOST_REQUESTS) throw new RangeError('broken: requests without end');
      if (answer === undefined) throw new TransportError('the connection was cut', true);
      return answer;
    },
  };
  return http;
}

const honest = fc
  .constantFrom(...Object.values(GITHUB_ANSWERS))
  .map((json): HttpAnswer => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(json)) }));

const answers = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: githubAnswer },
    { weight: 3, arbitrary: honest },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  { minLength: 1, maxLength: 5 },
);

const given = fc.record({
  answers,
  store: fc.constantFrom(...STORES),
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  flag: fc.boolean(),
});

interface Scene {
  github: GitHub;
  store: Store;
  clock: HeldClock;
  log: KeptLog;
  flag: boolean;
}

function githubTarget(name: string, cases: number, work: (scene: Scene) => Promise<unknown>) {
  return target(name, cases, given, async ({ answers: script, store, maxAttempts, flag }) => {
    const http = played(script);
    const { access, clock, log } = accessTo(http, { maxAttempts });
    const scene = { github: gitHub({ ...access, token: SECRETS.githubToken }), store, clock, log, flag };
    const error = await thrownBy(
      () => work(scene),
      (thrown) => thrown instanceof GitHubFailure || thrown instanceof ActionError,
    );
    const texts = [error?.message ?? '', ...log.lines, ...log.warnings];
    // The label of a store is the workflow's own; what carries it goes through `Delivery`, which sees to it.
    expectNone(texts.flatMap((text) => breachesOf(text.replaceAll(store.label, 'the store'))));
    if (clock.waits.some((ms) => !(ms > 0 && ms <= LONGEST_WAIT_MS))) {
      throw new Error(`broken: waits of ${clock.waits.join(', ')} ms`);
    }
  });
}

const TARGETS = {
  refreshTokenSecret: 'COBO_REFRESH',
  accessTokenSecret: 'COBO_ACCESS',
  expiresAtVariable: 'COBO_EXPIRY',
};

export const githubTargets = [
  githubTarget("an answer of GitHub's", 5_000, ({ github, flag }) =>
    github.call(flag ? 'GET' : 'PUT', '/path', { ...(flag ? {} : { body: {} }), hurried: false }),
  ),
  githubTarget('the encryption key of a store', 2_000, ({ github, store }) =>
    readEncryptionKey(github, store),
  ),
  githubTarget('what GitHub tells of a secret', 3_000, ({ github, store }) =>
    readSecret(github, store, 'COBO_REFRESH'),
  ),
  githubTarget('counting and deleting secrets', 2_000, async ({ github, store, flag }) => {
    await countSecrets(github, store);
    await deleteSecret(github, store, 'COBO_REFRESH', flag);
  }),
  githubTarget('variables', 2_000, async ({ github, store, flag }) => {
    const path = store.variablesPath ?? '/variables';
    await hasVariable(github, path, 'COBO_EXPIRY');
    await putVariable(github, store, path, 'COBO_EXPIRY', '2026-03-01T12:00:00Z', flag);
  }),
  githubTarget('a store: read, looked at for staleness, proved, written', 4_000, async (scene) => {
    const { github, store, log, flag } = scene;
    const queuedAt = await queueTime(github, {
      repository: 'octo/app',
      runId: 1,
      runAttempt: flag ? 2 : 1,
      jobStartedAt: NOON,
    });
    const prepared = await PreparedStore.read(github, store, TARGETS, new AbortController());
    const times = { queuedAt, jobStartedAt: flag ? undefined : NOON + github.clockOffsetMs() };
    warnOfLongQueue([prepared], times, log);
    if (flag) refuseStaleToken([prepared], 'COBO_REFRESH', times);
    const probe = new Probe(prepared, 'COBO_REFRESH');
    await probe.plant(['COBO_REFRESH'], log);
    await probe.remove(flag);
    await prepared.write('COBO_REFRESH', SECRETS.newRefreshToken);
    await prepared.writeVariable('COBO_EXPIRY', '2026-03-01T12:00:00Z');
  }),
];
