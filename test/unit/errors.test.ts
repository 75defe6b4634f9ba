import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
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
  ])('tells the kind of %s that was thrown, and not its text, which may hold a secret', (_what, thrown, kind) => {
    const { code, message, remedy, cause } = asActionError(thrown);
    expect([code, message, remedy, cause]).toEqual([
      'internal',
      `Something failed that the action did not expect (${kind}).`,
      'Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret.',
      thrown,
    ]);
  });
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
