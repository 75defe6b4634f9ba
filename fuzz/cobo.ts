import { createPrivateKey, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { readAppSecret } from '../src/cobo/app-key.ts';
import { type CoboAccess, ExchangeFailure, exchange } from '../src/cobo/exchange.ts';
import { CoboFailure } from '../src/cobo/failure.ts';
import { readGrant } from '../src/cobo/grant.ts';
import { refusal } from '../src/cobo/refusal.ts';
import { verifyAnswer } from '../src/cobo/verification.ts';
import { type HttpAnswer, type Sender, TransportError } from '../src/http.ts';
import { newSigner, type Signer, signed } from '../test/unit/cobo/fake-cobo.ts';
import { accessTo } from '../test/unit/support/github-world.ts';
import { coboAnswer } from './arbitraries.ts';
import { breachesOf, expectNone, thrownBy } from './invariants.ts';
import { SECRETS } from './secrets.ts';
import { target } from './target.ts';

const SIGNER = fixedSigner();
const KEYS = readAppSecret(SECRETS.appSecret);
const NOW = Date.UTC(2026, 2, 1, 12);
const LONGEST_WAIT_MS = 5 * 60_000;

/** The same key in every run, so that a seed gives the same cases. */
export function fixedSigner(): Signer {
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.from(`302e020100300506032b657004220420${'42'.repeat(32)}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { ...newSigner(), privateKey, publicKey };
}

/** An answer that Cobo's key has signed, whatever is in it. */
export function signedBy(signer: Signer, { status, body, headers }: HttpAnswer): HttpAnswer {
  return signed(signer, status, body, headers);
}

export const maybeSigned = fc
  .tuple(coboAnswer, fc.boolean())
  .map(([answer, sign]) => (sign ? signedBy(SIGNER, answer) : answer));

/** Plays these answers, then a broken connection for ever. */
function played(answers: readonly (HttpAnswer | undefined)[]): Sender {
  const left = [...answers];
  return {
    send: async () => {
      const answer = left.shift();
      if (answer === undefined) throw new TransportError('the connection was cut', left.length % 2 === 0);
      return answer;
    },
  };
}

export const coboTargets = [
  target('the body of a grant', 6_000, coboAnswer, async ({ body }) => {
    const { problem } = readGrant(body);
    expectNone(breachesOf(problem ?? ''));
  }),

  target('a refusal of Cobo', 6_000, maybeSigned, async (answer) => {
    const verdict = verifyAnswer(answer, SIGNER.publicKey);
    const { message, remedy, facts } = refusal(answer, verdict, NOW);
    expectNone([...breachesOf(message), ...breachesOf(remedy)]);
    const { afterMs = 0 } = facts.tryAgain ?? {};
    if (!(afterMs >= 0)) throw new Error(`broken: a wait of ${afterMs} ms`);
    if (facts.dead && verdict !== 'valid') throw new Error('broken: dead, and nobody has signed it');
  }),

  target(
    'an exchange with Cobo',
    1_500,
    fc.record({
      answers: fc.array(fc.option(maybeSigned, { nil: undefined, freq: 6 }), { maxLength: 6 }),
      refreshToken: fc.option(fc.constant(SECRETS.refreshToken), { nil: undefined, freq: 4 }),
      orgId: fc.option(fc.constant('org-of-the-fuzzing'), { nil: undefined }),
      maxAttempts: fc.integer({ min: 1, max: 4 }),
    }),
    async ({ answers, refreshToken, orgId, maxAttempts }) => {
      const { clock, log } = accessTo(played([]));
      const access: CoboAccess = {
        http: played(answers),
        httpOptions: { timeoutMs: 1_000 },
        clock,
        log,
        maxAttempts,
        apiUrl: 'https://cobo.test/v2',
        responseKey: SIGNER.publicKey,
        keys: KEYS,
        clientId: 'client-of-the-fuzzing',
      };
      const asked = refreshToken === undefined && orgId === undefined ? 'org-of-the-fuzzing' : orgId;
      const error = await thrownBy(
        () => exchange(access, refreshToken, asked),
        (thrown): thrown is ExchangeFailure =>
          thrown instanceof ExchangeFailure && thrown.failure instanceof CoboFailure,
      );
      expectNone([error?.message ?? '', ...log.lines, ...log.warnings].flatMap((text) => breachesOf(text)));
      if (clock.waits.length > 2 * maxAttempts || clock.waits.some((ms) => ms > LONGEST_WAIT_MS)) {
        throw new Error(`broken: waits of ${clock.waits.join(', ')} ms`);
      }
    },
  ),
];
