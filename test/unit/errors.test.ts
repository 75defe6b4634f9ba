import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { errorLine, stackOf } from '../../src/error-line.ts';
import { ActionError, asActionError, ERROR_TITLES, inputError, isTokenState } from '../../src/errors.ts';
import { MEANINGS } from '../../src/fate.ts';
import { RUNS } from './support.ts';

describe('ActionError', () => {
  it('tells what failed and what to do', () => {
    const cause = new Error('deeper');
    const error = new ActionError('store-full', 'The store is full.', 'Delete a secret.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ActionError',
      code: 'store-full',
      message: 'The store is full.',
      remedy: 'Delete a secret.',
      cause,
    });
  });
});

describe('inputError', () => {
  it('names the input in a whole sentence', () => {
    expect(inputError('client-id', 'has blanks', 'Copy it.')).toMatchObject({
      code: 'input-invalid',
      message: 'The input `client-id` has blanks.',
      remedy: 'Copy it.',
    });
  });
});

describe('asActionError', () => {
  it('hands an ActionError on as it is', () => {
    const error = new ActionError('cancelled', 'Cancelled.', '');
    expect(asActionError(error)).toBe(error);
  });

  it.each([
    ['an error', new TypeError('token-0123456789'), 'TypeError'],
    ['a text', 'token-0123456789', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
  ])(
    'tells the kind of %s that was thrown, and not its text, which nobody has checked',
    (_what, thrown, kind) => {
      const error = asActionError(thrown);
      expect(error.code).toBe('internal');
      expect(error.message).toBe(`Something failed that the action did not expect (${kind}).`);
      expect(error.remedy).toBe(
        'Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret.',
      );
      expect(error.cause).toBe(thrown);
    },
  );
});

test('every code has a title of its own', () => {
  const titles = Object.values(ERROR_TITLES);
  expect(new Set(titles).size).toBe(titles.length);
  for (const title of titles) expect(title).toMatch(/^[A-Z].*[^.]$/);
});

describe('isTokenState', () => {
  it.each(Object.keys(MEANINGS))('knows %s', (state) => {
    expect(isTokenState(state)).toBe(true);
  });

  it('knows no other', () => {
    const other = fc.anything().filter((value) => !Object.keys(MEANINGS).some((state) => state === value));
    fc.assert(
      fc.property(other, (value) => !isTokenState(value)),
      { numRuns: RUNS, examples: [['toString'], ['constructor'], [['unspent']]] },
    );
  });
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
