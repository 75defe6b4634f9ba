import fc from 'fast-check';
import { AppSecretError, readAppSecret } from '../src/cobo/app-key.ts';
import type { Toolkit } from '../src/delivery.ts';
import { ActionError } from '../src/errors.ts';
import { readStores, StoreGrammarError } from '../src/github/stores.ts';
import { type Inputs, readInputs } from '../src/inputs.ts';
import { Masks } from '../src/masks.ts';
import { openEnvelope } from '../src/recovery.ts';
import { retryAfterMs, serverNow } from '../src/retry.ts';
import { duration, list, remoteText, utc } from '../src/text.ts';
import { githubAnswer, nastyText } from './arbitraries.ts';
import {
  CLIENT_ID,
  envelopeText,
  GOOD,
  keyText,
  oddInputs,
  SEED,
  storesText,
  timeText,
  urlText,
} from './inputs.ts';
import { breachesOf, expectNone, thrownBy } from './invariants.ts';
import { ALL_SECRETS, SECRETS } from './secrets.ts';
import { target } from './target.ts';

const SURROUNDINGS = { repository: 'octo/app', apiUrl: 'https://api.github.test' };

function isActionError(error: unknown): error is ActionError {
  return error instanceof ActionError;
}

/** What the toolkit gives for an input. */
export function inputOf(inputs: Record<string, string>): Toolkit['getInput'] {
  return (name, options) => {
    const value = inputs[name] ?? '';
    return options?.trimWhitespace === false ? value : value.trim();
  };
}

/** Reads inputs; an error has to name one of them, and to be fit for a log. */
async function reading(inputs: Record<string, string>, check: (read: Inputs) => void): Promise<void> {
  const masked: string[] = [];
  const masks = new Masks((secret) => masked.push(secret));
  const error = await thrownBy(
    () => check(readInputs({ getInput: inputOf(inputs) }, masks, SURROUNDINGS)),
    isActionError,
  );
  const given = ['private-key', 'refresh-token', 'github-token', 'access-token'].map(
    (name) => inputs[name] ?? '',
  );
  for (const secret of given) {
    if (secret.trim() !== '' && !masked.includes(secret)) throw new Error('broken: an input is not masked');
  }
  if (error === undefined) return;
  expectNone([...breachesOf(error.message), ...breachesOf(error.remedy)]);
  if (!Object.keys(inputs).some((name) => error.message.includes(`\`${name}\``))) {
    throw new Error(`broken: no input is named in ${error.message}`);
  }
  if (error.tokenState !== 'unspent') throw new Error('broken: spent by reading inputs');
}

function expectSafeUrl(text: string): void {
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const loopback = ['localhost', '[::1]'].includes(hostname) || /^127(\.\d+){3}$/.test(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && loopback))
    throw new Error(`broken: ${text} is taken`);
  if (username + password + search + hash !== '' || text.endsWith('/')) throw new Error(`broken: ${text}`);
}

export const parserTargets = [
  target('all inputs at once', 6_000, oddInputs(GOOD), (inputs) =>
    reading(inputs, ({ cobo, writeBack, timeoutMs, maxAttempts, stored }) => {
      expectSafeUrl(cobo.apiUrl);
      if (writeBack !== undefined) expectSafeUrl(writeBack.apiUrl);
      if (!(timeoutMs >= 1_000 && maxAttempts >= 1)) throw new Error('broken: a number out of its range');
      if (stored !== undefined && !Number.isFinite(stored.expiresAt)) throw new Error('broken: no time');
    }),
  ),

  target('an app secret', 5_000, keyText, async (text) => {
    const error = await thrownBy(
      () => {
        const { appKey, appSecret } = readAppSecret(text);
        if (!/^[0-9a-f]{64}$/.test(appKey) || appSecret.length !== 32) throw new Error('broken: no key');
      },
      (thrown) => thrown instanceof AppSecretError,
    );
    expectNone(breachesOf(error?.message ?? ''));
  }),

  target('a list of stores', 6_000, storesText, async (text) => {
    const error = await thrownBy(
      () => {
        for (const { secretsPath, variablesPath = secretsPath, label } of readStores(text, 'octo/app')) {
          for (const path of [secretsPath, variablesPath]) {
            const url = new URL(`https://github.test/api/v3${path}`);
            if (url.pathname !== `/api/v3${path}`) throw new Error(`broken: ${path} leads elsewhere`);
          }
          if (/[\p{C}\p{Zl}\p{Zp}]/u.test(label))
            throw new Error(`broken: ${JSON.stringify(label)} is a label`);
        }
      },
      (thrown) => thrown instanceof StoreGrammarError,
    );
    expectNone(breachesOf(error?.message ?? ''));
  }),

  target('a recovery envelope', 5_000, envelopeText, async (text) => {
    const error = await thrownBy(() => {
      const token = openEnvelope(text, SEED, CLIENT_ID);
      if (token !== SECRETS.refreshToken) throw new Error('broken: an envelope that nobody sealed');
    }, isActionError);
    expectNone(breachesOf(error?.message ?? ''));
  }),

  target('a URL', 4_000, urlText, (text) =>
    reading({ ...GOOD, 'api-url': text, 'github-api-url': '' }, ({ cobo }) => expectSafeUrl(cobo.apiUrl)),
  ),

  target('a time', 4_000, timeText, (text) =>
    reading({ ...GOOD, 'access-token': SECRETS.storedAccessToken, 'expires-at': text }, ({ stored }) => {
      if (stored !== undefined && utc(stored.expiresAt) === 'an unknown time')
        throw new Error('broken: no time');
    }),
  ),

  target(
    'text from far away',
    8_000,
    fc.tuple(fc.oneof(nastyText, fc.double(), fc.anything()), fc.integer({ min: 2, max: 200 })),
    async ([text, limit]) => {
      const fit = remoteText(text, limit);
      expectNone(breachesOf(fit));
      // A command that is broken up gets a blank more.
      if ([...fit].length > 2 * limit) throw new Error(`broken: ${fit.length} characters for ${limit}`);
    },
  ),

  target('headers that tell times', 6_000, fc.tuple(githubAnswer, fc.date()), async ([{ headers }, date]) => {
    const wait = retryAfterMs(headers, date.getTime());
    if (wait !== undefined && !(wait >= 0) && !Number.isNaN(date.getTime()))
      throw new Error(`broken: ${wait} ms`);
    expectNone([utc(serverNow(headers, date.getTime())), duration(wait ?? 0)].flatMap((t) => breachesOf(t)));
  }),

  target('masks', 3_000, fc.tuple(fc.array(nastyText), nastyText), async ([secrets, text]) => {
    const masks = new Masks(() => undefined);
    for (const secret of secrets) masks.add(secret);
    for (const secret of ALL_SECRETS) masks.add(secret);
    const clean = masks.redact(list([text, ...ALL_SECRETS, `${text}${SECRETS.refreshToken}${text}`]));
    for (const secret of ALL_SECRETS) if (clean.includes(secret)) throw new Error('broken: not redacted');
  }),
];
