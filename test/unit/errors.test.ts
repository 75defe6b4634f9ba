import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { errorLine, stackOf } from '../../src/error-line.ts';
import { ActionError, asActionError, ERROR_TITLES, isTokenState } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';
import { RUNS } from './support.ts';

describe('asActionError', () => {
  it('hands an ActionError on as it is', () => {
    const cause = new Error('deeper');
    const error = new ActionError('store-full', 'The store is full.', 'Delete a secret.', { cause });
    expect(asActionError(error)).toBe(error);
    expect({ ...error, name: error.name, message: error.message, cause: error.cause }).toEqual({
      name: 'ActionError',
      code: 'store-full',
      message: 'The store is full.',
      remedy: 'Delete a secret.',
      cause,
    });
  });

  it.each([
    ['an error', new TypeError('token-0123456789'), 'TypeError'],
    ['a text', 'token-0123456789', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
  ])(
    'tells the kind of %s that was thrown, and not its text, which may hold a secret',
    (_what, thrown, kind) => {
      const { code, message, remedy, cause } = asActionError(thrown);
      expect([code, message, remedy, cause]).toEqual([
        'internal',
        `Something failed that the action did not expect (${kind}).`,
        'Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret.',
        thrown,
      ]);
    },
  );
});

test('every code has a title of its own', () => {
  const titles = Object.values(ERROR_TITLES);
  expect(new Set(titles).size).toBe(titles.length);
  for (const title of titles) expect(title).toMatch(/^[A-Z].*[^.]$/);
});

test('isTokenState knows each state, and nothing else', () => {
  const states = Object.keys(MEANINGS);
  expect(states.filter(isTokenState)).toEqual(states);
  const other = fc.anything().filter((value) => !states.some((state) => state === value));
  fc.assert(
    fc.property(other, (value) => !isTokenState(value)),
    { numRuns: RUNS, examples: [['toString'], ['constructor'], [['unspent']]] },
  );
});

describe('the error line', () => {
  const error = new ActionError('token-dead', 'The token is dead.', 'Start over.');
  const SAID =
    'The token is dead. This run has not spent the refresh token. Start over. [token-state: unspent, error: token-dead] ';

  it.each([
    [{}, 'see docs/errors.md'],
    [
      { GITHUB_ACTION_REPOSITORY: 'org/action', GITHUB_ACTION_REF: 'v1.2' },
      'https://github.com/org/action/blob/v1.2/docs/errors.md#token-dead',
    ],
    [
      {
        GITHUB_ACTION_REPOSITORY: 'org/action',
        GITHUB_ACTION_REF: 'feature/x',
        GITHUB_SERVER_URL: 'https://ghe.test',
      },
      'https://ghe.test/org/action/blob/feature/x/docs/errors.md#token-dead',
    ],
    [{ GITHUB_ACTION_REPOSITORY: 'org/action' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REF: 'v1' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REPOSITORY: 'org', GITHUB_ACTION_REF: 'v1' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REPOSITORY: 'x/org/action', GITHUB_ACTION_REF: 'v1' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REPOSITORY: 'org/action', GITHUB_ACTION_REF: 'v1 x' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REPOSITORY: 'org/action', GITHUB_ACTION_REF: '#v1' }, 'see docs/errors.md'],
    [{ GITHUB_ACTION_REPOSITORY: 'org/action#', GITHUB_ACTION_REF: 'v1' }, 'see docs/errors.md'],
  ])('ends in the page of the version that runs: %j', (env, page) => {
    expect(errorLine(error, 'unspent', env)).toBe(SAID + page);
  });
});

describe('what the debug log says of a defect', () => {
  it.each([
    ['an error', new TypeError('broken'), /^TypeError: broken\n\s+at /],
    ['an error without a stack', Object.assign(new TypeError('broken'), { stack: undefined }), /^TypeError$/],
    ['a text', 'token-0123456789', /^string$/],
  ])('of %s', (_what, thrown, said) => {
    expect(stackOf(thrown)).toMatch(said);
  });
});
